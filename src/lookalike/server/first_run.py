"""Runs missing analyses of the sample shop in the background, so that its first visitor finds results."""

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
    """Start the missing analyses in the background."""
    threading.Thread(target=look, args=(parts,), name="first look", daemon=True).start()


def look(parts: AppState) -> None:
    """Run the missing analyses one after the other, until one is stopped."""
    try:
        catalog, index = parts.catalogs.default, parts.settings.index
        # Requests that are already waiting come first.
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
        # Optional: the shop works without it.
        log.warning("The sample shop is served without its analyses: %s", error)


def lacking(shop: Shop) -> Iterator[Kind]:
    """The analyses without a result, or with one of another encoder."""
    from lookalike.analysis.explore.explore import space

    database = shop.catalog.database
    if results.kept(database, results.BENCHMARKS) is None:
        yield "evaluate"
    explored = results.kept(database, results.EXPLORED)
    if explored is None or explored["space"] != space(shop):
        yield "explore"
    if results.kept(database, results.FINDINGS) is None:
        yield "doctor"
