"""Runs of sources: one at a time for each, on a schedule, with a history and alerts."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import TypeAlias

from lookalike.catalog.importer import Progress
from lookalike.database.source_runs import Schedule, StoredRun
from lookalike.errors import Conflict, LookalikeError, NotFound
from lookalike.media.fetch import Fetcher, Request
from lookalike.settings import settings
from lookalike.shop import Shop
from lookalike.sync.intake import take_in
from lookalike.sync.source import Source
from lookalike.sync.sources import open_source
from lookalike.types import ImportReport

# Whoever does a run says so again long before this is over.
CLAIM_SECONDS = 60.0
BEAT_SECONDS = 10.0
MOST_ANSWER = 65_536
DONE, PARTLY, FAILED, STOPPED = "done", "partly", "failed", "stopped"
logger = logging.getLogger(__name__)

Alert: TypeAlias = Callable[[str, StoredRun], None]


class Follower:
    """Reads the sources of a catalog when they are due."""

    def __init__(
        self, shop: Shop, clock: Callable[[], float] = time.time, alert: Alert | None = None
    ) -> None:
        self._shop = shop
        self._clock = clock
        self._alert = alert or post_alert
        self._rows = shop.catalog.database.source_runs

    def follow(self, source: Source, address: str, schedule: Schedule) -> None:
        """Read a source on a schedule from now on; the first run is due at once."""
        self._shop.catalog.database.sources.put(source.name, address)
        self._rows.put(replace(schedule, source=source.name, next_run=self._clock()))

    def due(self) -> list[str]:
        """The sources to read now."""
        now = self._clock()
        return [schedule.source for schedule in self._rows.schedules() if schedule.next_run <= now]

    def seconds_to_next(self) -> float | None:
        """How long until a source is due; None if none is followed."""
        schedules = self._rows.schedules()
        return max(schedules[0].next_run - self._clock(), 0.0) if schedules else None

    def run(
        self, name: str, progress: Progress | None = None, stop: threading.Event | None = None
    ) -> StoredRun:
        """Read a source once, note what became of it, and tell whoever is to know of trouble.

        Raises NotFound for an unknown source, and Conflict if it is being read by anybody.
        """
        stored = self._shop.catalog.database.sources.get(name)
        if stored is None:
            raise NotFound(
                f"This catalog follows no source '{name}': add it with `lookalike follow ADDRESS`."
            )
        schedule = self._rows.schedule(name) or Schedule(name, 0)
        began = self._clock()
        if not self._rows.claim(name, began, began + CLAIM_SECONDS, began + schedule.every):
            raise Conflict(f"'{name}' is being read already: wait until that run is over.")
        before = next(iter(self._rows.runs(name, 1)), None)
        over = threading.Event()
        beat = threading.Thread(target=self._beat, args=(name, over), name="claim", daemon=True)
        beat.start()
        try:
            run = self._outcome(name, stored.address, schedule, began, progress, stop)
        finally:
            over.set()
            beat.join()
        self._rows.end(run)
        self._tell(schedule, run, before)
        return run

    def _beat(self, name: str, over: threading.Event) -> None:
        while not over.wait(BEAT_SECONDS):
            self._rows.extend(name, self._clock() + CLAIM_SECONDS)

    def _outcome(
        self,
        name: str,
        address: str,
        schedule: Schedule,
        began: float,
        progress: Progress | None,
        stop: threading.Event | None,
    ) -> StoredRun:
        report = ImportReport()

        def keep(told: ImportReport) -> None:
            nonlocal report
            report = told
            if progress is not None:
                progress(told)

        detail = ""
        try:
            report = self._read(name, address, schedule, keep, stop)
            outcome = STOPPED if report.interrupted else PARTLY if report.problems else DONE
        except LookalikeError as error:
            outcome, detail = FAILED, str(error)
        return StoredRun(
            *(name, began, self._clock(), outcome, detail),
            *(report.added, report.updated, report.unchanged, report.removed, report.failed),
            problems=report.problems,
        )

    def _read(
        self, name: str, address: str, schedule: Schedule, progress: Progress, stop: threading.Event | None
    ) -> ImportReport:
        rows = self._shop.catalog.database.sources
        source, stored = open_source(address), rows.get(name)
        cursor = stored.cursor if stored else None
        # The products of another source are not gone because this one does not have them.
        prune = schedule.prune and len(rows.all()) == 1
        report = take_in(
            self._shop,
            source,
            source.pages(cursor),
            prune=prune,
            most_removed=schedule.most_removed,
            progress=progress,
            stop=stop,
        )
        if report.problems and self._incomplete(report):
            # Photos that could not be had are asked for again, even if the source stays the same.
            rows.keep_cursor(name, None)
        return report

    def _incomplete(self, report: ImportReport) -> bool:
        """Whether a product went in without a photo that it should have: it keeps no digest."""
        ids = [problem.id for problem in report.problems if problem.id]
        return any(not digest for digest in self._shop.catalog.database.digests(ids[:1000]).values())

    def _tell(self, schedule: Schedule, run: StoredRun, before: StoredRun | None) -> None:
        """Send an alert when trouble begins, changes or ends."""
        was = before.detail if before is not None and before.outcome == FAILED else ""
        now = run.detail if run.outcome == FAILED else ""
        if not schedule.alert or was == now or run.outcome == STOPPED:
            return
        try:
            self._alert(schedule.alert, run)
        except LookalikeError as error:
            logger.warning("The alert of the source %s was not delivered: %s", run.source, error)


def post_alert(url: str, run: StoredRun) -> None:
    """Send the outcome of a run as JSON; `text` is what chat systems show."""
    knobs = settings()
    said = run.detail if run.outcome == FAILED else "It can be read again."
    facts = {
        "text": f"Lookalike, source {run.source}: {said}",
        "source": run.source,
        "outcome": run.outcome,
        "detail": run.detail,
        "began": run.began,
        "added": run.added,
        "updated": run.updated,
        "removed": run.removed,
        "failed": run.failed,
    }
    fetcher = Fetcher(timeout=knobs.fetch_timeout, private=knobs.fetch_private, proxy=knobs.fetch_proxy)
    body = json.dumps(facts, ensure_ascii=False).encode()
    request = Request(url, "POST", {"Content-Type": "application/json", "Accept": "*/*"}, body=body)
    fetcher.exchange(request, BytesIO(), MOST_ANSWER, accepted=range(200, 300))
