"""Opens closed catalogs for their sources: when a run is due, or when an item that a webhook named waits."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import closing

from lookalike.database import open_database
from lookalike.errors import LookalikeError, NotFound
from lookalike.server.catalogs import Catalogs

# Another process may add a source to a closed catalog: each is looked into this often.
LONGEST_WAIT = 300.0
logger = logging.getLogger(__name__)


class ClosedCatalogs:
    """Knows when to look into which closed catalog again, so that most looks are not needed."""

    def __init__(self, catalogs: Catalogs, clock: Callable[[], float] = time.time) -> None:
        self._catalogs = catalogs
        self._clock = clock
        self._next_looks: dict[str, float] = {}

    def open_due(self) -> None:
        """Open the catalogs that have something to do. They do it in the background and close when idle."""
        now, opened = self._clock(), self._catalogs.open_names()
        closed = [name for name in self._catalogs.names() if name not in opened]
        # What an open catalog does meanwhile is not known here.
        self._next_looks = {name: look for name in closed if (look := self._next_looks.get(name))}
        for name in closed:
            if now < self._next_looks.get(name, 0.0):
                continue
            try:
                due = self._next_due(name, now)
                self._next_looks[name] = min(due, now + LONGEST_WAIT)
                if due <= now:
                    self._catalogs.keep_open(name)
            except NotFound:
                # It was deleted meanwhile.
                continue
            except LookalikeError as error:
                self._next_looks[name] = now + LONGEST_WAIT
                logger.warning("The sources of the catalog %s cannot be read now: %s", name, error)

    def _next_due(self, name: str, now: float) -> float:
        """When a closed catalog must be opened."""
        address = self._catalogs.store.address(name)
        self._catalogs.store.identity(name)
        with closing(open_database(address)) as database:
            if database.sources.count_pending():
                return now
            schedules = database.source_runs.schedules()
            return schedules[0].next_run if schedules else now + LONGEST_WAIT
