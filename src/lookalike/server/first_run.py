"""A catalogue that studies itself once it is served, so that its first visitor finds everything there."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from functools import partial

from lookalike.analysis import results
from lookalike.errors import Conflict, LookalikeError
from lookalike.server.dependencies import AppState
from lookalike.server.jobs.jobs import Job, Kind
from lookalike.server.jobs.subprocess_job import carry_out
from lookalike.shop import Shop

log = logging.getLogger(__name__)


def begin(parts: AppState) -> None:
    """Carry out in the background what the catalogue lacks."""
    threading.Thread(target=look, args=(parts,), name="first look", daemon=True).start()


def look(parts: AppState) -> None:
    """Carry out the studies that the catalogue lacks, one after the other, until one is stopped."""
    try:
        catalog, index = parts.catalogs.default, parts.settings.index
        # Whoever has the page open already comes first.
        catalog.shop.check()
        for kind in lacking(catalog.shop):
            job = Job(kind)
            try:
                catalog.jobs.start(job, partial(carry_out, job, catalog.address, index))
            except Conflict:
                continue
            job.ended.wait()
            if job.stop.is_set():
                return
    except LookalikeError as error:
        # Nobody asked for it: the shop goes on without.
        log.warning("The sample shop is served without its studies: %s", error)


def lacking(shop: Shop) -> Iterator[Kind]:
    """The studies whose outcome is not there, or is that of another encoder."""
    from lookalike.analysis.explore.explore import space

    database = shop.catalog.database
    if results.kept(database, results.BENCHMARKS) is None:
        yield "evaluate"
    explored = results.kept(database, results.EXPLORED)
    if explored is None or explored["space"] != space(shop):
        yield "explore"
    if results.kept(database, results.FINDINGS) is None:
        yield "doctor"
