"""Reads the sources of a catalog when they are due. A run is a job, so it waits for imports and switches."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from lookalike.errors import Conflict, LookalikeError
from lookalike.server.jobs.jobs import Job, Jobs
from lookalike.shop import Shop
from lookalike.sync.follow import Follower
from lookalike.types import ImportReport

# Another process may change a schedule: it is read this often.
LONGEST_WAIT, SHORTEST_WAIT = 30.0, 1.0
logger = logging.getLogger(__name__)


class SourceScheduler:
    """One thread for the schedules of a catalog."""

    def __init__(self, shop: Shop, jobs: Jobs, clock: Callable[[], float] = time.time) -> None:
        self.follower = Follower(shop, clock)
        self._shop = shop
        self._jobs = jobs
        self._wake = threading.Event()
        self._stopped = False
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Run the schedules in the background."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="sources", daemon=True)
            self._thread.start()
        self._wake.set()

    def close(self) -> None:
        """Begin no more runs. The jobs end the current ones."""
        self._stopped = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def start_due(self) -> list[Job]:
        """Start a run of each source that is due. One that must wait for another job remains due."""
        started: list[Job] = []
        for name in self.follower.due():
            try:
                started.append(self.start(name))
            except Conflict:
                logger.info("The source %s waits for another job.", name)
        return started

    def start(self, name: str) -> Job:
        """Start a run of a source now. Raises Conflict during an import, a switch or another run."""
        job = Job("import")

        def show(report: ImportReport) -> None:
            job.report, job.done = report, report.seen

        def work() -> None:
            run = self.follower.run(name, show, job.stop)
            if run.outcome == "failed":
                raise LookalikeError(run.detail)

        self._jobs.start(job, work)
        return job

    def _run(self) -> None:
        while not self._stopped:
            self._wake.clear()
            try:
                self.start_due()
                wait = self.follower.seconds_to_next()
            except LookalikeError as error:
                logger.warning("The schedule of the sources cannot be read now: %s", error)
                wait = None
            self._wake.wait(LONGEST_WAIT if wait is None else min(max(wait, SHORTEST_WAIT), LONGEST_WAIT))
