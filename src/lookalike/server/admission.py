"""Load shedding: calls run on a fixed number of threads; a server that is behind refuses new ones at once."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from lookalike.errors import Overloaded
from lookalike.vectors.blas import available_cores

T = TypeVar("T")

BUSY = "The server is busy. Try again in a few seconds."
# How much the latest call counts in the mean duration.
LATEST_SHARE = 0.1
WRITE_THREADS = 8
EVENT_THREADS = 32
FETCH_THREADS = 16


class Admission:
    """Runs calls on `threads` threads, first come, first served.

    New calls are refused at once while the oldest waiting call has waited longer than `patience` seconds, or
    while those that wait would take longer at the pace of recent calls: a burst is cut off before it is late.
    A call that has waited twice as long is refused too.
    """

    def __init__(
        self, name: str, threads: int, patience: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._threads = threads
        self._patience = patience
        self._clock = clock
        self._lock = threading.Lock()
        self._tickets = itertools.count()
        # Insertion order is order of arrival.
        self._waiting: dict[int, float] = {}
        self._mean_seconds = 0.0

    def refuse_if_behind(self) -> None:
        """Raise Overloaded if a call that came now would be refused."""
        with self._lock:
            self._refuse_if_behind(self._clock())

    async def run(self, call: Callable[[], T]) -> T:
        """The result of a call; raises Overloaded instead if the server is too far behind."""
        came = self._clock()
        with self._lock:
            self._refuse_if_behind(came)
            ticket = next(self._tickets)
            self._waiting[ticket] = came

        def admitted() -> T:
            self._leave(ticket)
            began = self._clock()
            if began - came > 2 * self._patience:
                raise Overloaded(BUSY)
            try:
                return call()
            finally:
                self._mean_seconds += LATEST_SHARE * (self._clock() - began - self._mean_seconds)

        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, admitted)
        finally:
            # A caller that went away never had its turn.
            self._leave(ticket)

    def close(self) -> None:
        """End the threads once their calls are done."""
        self._pool.shutdown(wait=False)

    def _refuse_if_behind(self, now: float) -> None:
        oldest = next(iter(self._waiting.values()), now)
        ahead = len(self._waiting) * self._mean_seconds / self._threads
        if max(now - oldest, ahead) > self._patience:
            raise Overloaded(BUSY)

    def _leave(self, ticket: int) -> None:
        with self._lock:
            self._waiting.pop(ticket, None)


@dataclass(frozen=True, slots=True)
class Admissions:
    """Separate threads for each kind of work, so that slow work delays only its own kind."""

    searches: Admission
    photos: Admission
    writes: Admission
    events: Admission
    fetches: Admission

    @classmethod
    def sized(cls, photos: int) -> Admissions:
        """Threads for this machine, and for so many photos at once."""
        return cls(
            # Python runs one thread at a time. One more than the cores uses the time in which others wait for
            # the disk; each further one only takes its turn from the thread that reads and answers requests.
            Admission("search", available_cores() + 1, patience=0.4),
            Admission("photo", photos, patience=0.5),
            Admission("write", WRITE_THREADS, patience=5.0),
            # Events that wait for the disk at the same time share its flush.
            Admission("event", EVENT_THREADS, patience=1.0),
            Admission("fetch", FETCH_THREADS, patience=0.5),
        )

    def close(self) -> None:
        """End all threads."""
        for each in (self.searches, self.photos, self.writes, self.events, self.fetches):
            each.close()
