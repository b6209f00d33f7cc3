"""Runs of sources on a schedule: one at a time for each source, with a history and alerts."""

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
from lookalike.sync.reconcile import read_source
from lookalike.sync.source import Source
from lookalike.sync.sources import open_source
from lookalike.types import ImportReport

# A process extends the claim of its run long before it ends.
CLAIM_SECONDS = 60.0
BEAT_SECONDS = 10.0
MOST_ANSWER = 65_536
# Some changes are missing from what shops report as changed: items deleted for good, stock, prices of sales.
FULL_READ_SECONDS = 86_400.0
DONE, PARTLY, FAILED, STOPPED = "done", "partly", "failed", "stopped"
logger = logging.getLogger(__name__)

Alert: TypeAlias = Callable[[str, StoredRun], None]


class Follower:
    """Reads the sources of a catalog when they are due."""

    def __init__(
        self,
        shop: Shop,
        clock: Callable[[], float] = time.time,
        alert: Alert | None = None,
        open_source: Callable[[str], Source] = open_source,
    ) -> None:
        """`open_source` opens the source at an address."""
        self._shop = shop
        self._clock = clock
        self._alert = alert or post_alert
        self._open_source = open_source
        self._rows = shop.catalog.database.source_runs

    def follow(self, source: Source, address: str, schedule: Schedule) -> None:
        """Follow a source: store its address and schedule. The first run is due at once."""
        self._shop.catalog.database.sources.put(source.name, address)
        self._rows.put(replace(schedule, source=source.name, next_run=self._clock()))

    def due(self) -> list[str]:
        """The sources to read now."""
        now = self._clock()
        return [schedule.source for schedule in self._rows.schedules() if schedule.next_run <= now]

    def seconds_to_next(self) -> float | None:
        """The seconds until a source is due; None if no source has a schedule."""
        schedules = self._rows.schedules()
        return max(schedules[0].next_run - self._clock(), 0.0) if schedules else None

    def run(
        self, name: str, progress: Progress | None = None, stop: threading.Event | None = None
    ) -> StoredRun:
        """Read a source once, store the outcome, and send an alert if there is reason to.

        Raises NotFound for an unknown source, and Conflict while another run of it is in progress.
        """
        stored = self._shop.catalog.database.sources.get(name)
        if stored is None:
            raise NotFound(
                f"This catalog follows no source '{name}': add it with `lookalike follow ADDRESS`."
            )
        schedule = self._rows.schedule(name) or Schedule(name, 0)
        began = self._clock()
        if not self._rows.claim(name, began, began + CLAIM_SECONDS, began + schedule.every):
            raise Conflict(f"A run of '{name}' is already in progress: try again when it has ended.")
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
        self._alert_of(schedule, run, before)
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

        def keep(current: ImportReport) -> None:
            nonlocal report
            report = current
            if progress is not None:
                progress(current)

        detail = ""
        try:
            report = self._read(address, schedule, keep, stop)
            outcome = STOPPED if report.interrupted else PARTLY if report.problems else DONE
        except LookalikeError as error:
            outcome, detail = FAILED, str(error)
        return StoredRun(
            *(name, began, self._clock(), outcome, detail),
            *(report.added, report.updated, report.unchanged, report.removed, report.failed),
            problems=report.problems,
        )

    def _read(
        self, address: str, schedule: Schedule, progress: Progress, stop: threading.Event | None
    ) -> ImportReport:
        rows = self._shop.catalog.database.sources
        source, now = self._open_source(address), self._clock()
        stored = rows.get(source.name)
        everything = source.incremental and (stored is None or now - stored.full_read >= FULL_READ_SECONDS)
        report = read_source(
            self._shop,
            source,
            everything=everything,
            prune=schedule.prune,
            most_removed=schedule.most_removed,
            progress=progress,
            stop=stop,
        )
        if everything and not report.interrupted:
            rows.keep_full_read(source.name, now)
        return report

    def _alert_of(self, schedule: Schedule, run: StoredRun, before: StoredRun | None) -> None:
        """Send an alert when runs begin to fail, fail for another reason, or work again."""
        was = before.detail if before is not None and before.outcome == FAILED else ""
        now = run.detail if run.outcome == FAILED else ""
        if not schedule.alert or was == now or run.outcome == STOPPED:
            return
        try:
            self._alert(schedule.alert, run)
        except LookalikeError as error:
            logger.warning("The alert of the source %s could not be delivered: %s", run.source, error)


def post_alert(url: str, run: StoredRun) -> None:
    """Send the outcome of a run as JSON; `text` is what chat systems show."""
    knobs = settings()
    said = run.detail if run.outcome == FAILED else "Runs work again."
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
