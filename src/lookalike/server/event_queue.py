"""Events of many requests, stored in one transaction by one thread, and acknowledged together.

A thread for each request would wait for its turn twice: for the transaction, and then for Python, which runs
one thread at a time.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from lookalike.errors import Overloaded
from lookalike.server.admission import BUSY
from lookalike.types import Event, Recorded

# New events are refused while the oldest ones have waited longer than so many seconds for the disk.
PATIENCE = 2.0


class Recorder(Protocol):
    """Stores events, as a shop does."""

    def record_each(self, batches: Sequence[Iterable[Event]]) -> list[Recorded | Exception]:
        """Store batches in one transaction; returns for each what was new, or why it is not stored."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    events: Iterable[Event]
    answer: asyncio.Future[Recorded]
    came: float


class EventQueue:
    """The events that wait to be stored in one catalog, first come, first served."""

    def __init__(self, recorder: Recorder, clock: Callable[[], float] = time.monotonic) -> None:
        self._recorder = recorder
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="events")
        self._lock = threading.Lock()
        self._waiting: list[_Waiting] = []
        # The moment at which the oldest came of those that are being stored; None while none are.
        self._storing_since: float | None = None

    def refuse_if_behind(self) -> None:
        """Raise Overloaded while earlier events have waited too long."""
        oldest = self._storing_since
        if oldest is not None and self._clock() - oldest > PATIENCE:
            raise Overloaded(BUSY)

    async def record(self, events: Iterable[Event]) -> Recorded:
        """Store a request's events, all or none; returns once they are committed.

        The events are iterated on another thread than the one that reads and answers requests.
        """
        self.refuse_if_behind()
        mine = _Waiting(events, asyncio.get_running_loop().create_future(), self._clock())
        with self._lock:
            self._waiting.append(mine)
            idle = self._storing_since is None
            if idle:
                self._storing_since = mine.came
        if idle:
            self._thread.submit(self._store_all)
        return await mine.answer

    def close(self) -> None:
        """Store what waits, then end the thread."""
        self._thread.shutdown()

    def _store_all(self) -> None:
        while group := self._next_group():
            outcomes = list(zip((each.answer for each in group), self._stored(group), strict=True))
            # All requests of a server have the same loop.
            for loop in {answer.get_loop() for answer, _ in outcomes}:
                mine = [each for each in outcomes if each[0].get_loop() is loop]
                # A loop that has ended has nobody to tell.
                with suppress(RuntimeError):
                    loop.call_soon_threadsafe(_tell, mine)

    def _next_group(self) -> list[_Waiting]:
        with self._lock:
            group, self._waiting = self._waiting, []
            self._storing_since = group[0].came if group else None
        return group

    def _stored(self, group: Sequence[_Waiting]) -> Sequence[Recorded | Exception]:
        try:
            return self._recorder.record_each([each.events for each in group])
        except Exception as error:
            return [error] * len(group)


def _tell(outcomes: Iterable[tuple[asyncio.Future[Recorded], Recorded | Exception]]) -> None:
    for answer, outcome in outcomes:
        # Whoever went away meanwhile has cancelled it.
        if answer.done():
            continue
        if isinstance(outcome, Exception):
            answer.set_exception(outcome)
        else:
            answer.set_result(outcome)
