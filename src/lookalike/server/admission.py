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
# After so many times the patience, a client has probably given up.
LATEST_START = 1.5
WRITE_THREADS = 8
FETCH_THREADS = 16
REFUSALS_PER_SECOND = 200
LONGEST_PAUSE = 1.0


class Admission:
    """Runs calls on `threads` threads, first come, first served.

    New calls are refused at once while the oldest waiting call has waited longer than `patience` seconds, or
    while those that wait would take longer at the pace of recent calls: a burst is cut off before it is late.
    The time in which the event loop notices that a call is done counts too: requests wait for it as well.
    A call that has waited half as long again is refused too.
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
        self._mean_lag = 0.0

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

        ended = came

        def admitted() -> T:
            nonlocal ended
            self._leave(ticket)
            began = self._clock()
            if began - came > LATEST_START * self._patience:
                raise Overloaded(BUSY)
            try:
                return call()
            finally:
                ended = self._clock()
                self._mean_seconds += LATEST_SHARE * (ended - began - self._mean_seconds)

        try:
            result = await asyncio.get_running_loop().run_in_executor(self._pool, admitted)
            self._mean_lag += LATEST_SHARE * (self._clock() - ended - self._mean_lag)
            return result
        finally:
            # A caller that went away never had its turn.
            self._leave(ticket)

    def close(self) -> None:
        """End the threads once their calls are done."""
        self._pool.shutdown(wait=False)

    def _refuse_if_behind(self, now: float) -> None:
        oldest = next(iter(self._waiting.values()), now)
        # If nothing waits, one more call has to show whether the loop still lags.
        lag = self._mean_lag if self._waiting else 0.0
        ahead = len(self._waiting) * self._mean_seconds / self._threads + lag
        if max(now - oldest, ahead) > self._patience:
            raise Overloaded(BUSY)

    def _leave(self, ticket: int) -> None:
        with self._lock:
            self._waiting.pop(ticket, None)


class RefusalPace:
    """Spreads refusals over time, so that clients that retry at once leave the server time to answer others.

    A few refusals are sent at once; if there are more than `REFUSALS_PER_SECOND`, they take turns.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next = 0.0

    def pause(self) -> float:
        """The seconds until the turn of one more refusal."""
        now = self._clock()
        turn = min(max(self._next, now), now + LONGEST_PAUSE)
        self._next = turn + 1 / REFUSALS_PER_SECOND
        return turn - now


@dataclass(frozen=True, slots=True)
class Admissions:
    """Separate threads for each kind of work, so that slow work delays only its own kind."""

    searches: Admission
    photos: Admission
    writes: Admission
    fetches: Admission

    @classmethod
    def sized(cls, photos: int) -> Admissions:
        """Threads for this machine, and for so many photos at once; 0 is as many as for searches."""
        # Python runs one thread at a time. A second one uses the time in which the first waits for the disk
        # or multiplies vectors. More than the cores only take turns from the thread that reads requests.
        threads = max(2, available_cores())
        return cls(
            Admission("search", threads, patience=0.4),
            Admission("photo", photos or threads, patience=0.4),
            Admission("write", WRITE_THREADS, patience=5.0),
            Admission("fetch", FETCH_THREADS, patience=0.5),
        )

    def close(self) -> None:
        """End all threads."""
        for each in (self.searches, self.photos, self.writes, self.fetches):
            each.close()
