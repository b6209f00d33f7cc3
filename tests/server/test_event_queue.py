"""Events of many requests are stored together, and each request is answered once its own are committed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Sequence

import pytest

from lookalike.errors import BadEvent, Overloaded
from lookalike.server.event_queue import PATIENCE, EventQueue
from lookalike.types import Event, Recorded


class Disk:
    """A shop whose first transaction lasts until it is released."""

    def __init__(self) -> None:
        self.transactions: list[list[str]] = []
        self.began = threading.Event()
        self.released = threading.Event()
        self.broken = False

    def record_each(self, batches: Sequence[Iterable[Event]]) -> list[Recorded | Exception]:
        self.began.set()
        assert self.released.wait(10)
        if self.broken:
            raise OSError("The disk is gone.")
        stored = [[event.id for event in batch] for batch in batches]
        self.transactions.append([id for ids in stored for id in ids if id != "bad"])
        return [BadEvent("It is bad.") if "bad" in ids else Recorded(len(ids), 0) for ids in stored]


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def view(id: str) -> list[Event]:
    return [Event("view", "ann", "boots", id=id)]


async def behind_the_first(queue: EventQueue, disk: Disk, ids: Sequence[str]) -> list[asyncio.Task[Recorded]]:
    """Requests that came while the first one is being stored."""
    first = asyncio.create_task(queue.record(view("first")))
    await asyncio.to_thread(disk.began.wait, 10)
    others = [asyncio.create_task(queue.record(view(id))) for id in ids]
    await asyncio.sleep(0)
    return [first, *others]


def test_what_comes_during_a_transaction_is_stored_in_the_next_one() -> None:
    disk = Disk()
    queue = EventQueue(disk)

    async def requests() -> None:
        tasks = await behind_the_first(queue, disk, ["a", "b", "c"])
        assert not any(task.done() for task in tasks)
        disk.released.set()
        assert await asyncio.gather(*tasks) == [Recorded(1, 0)] * 4

    asyncio.run(requests())
    assert disk.transactions == [["first"], ["a", "b", "c"]]
    queue.close()


def test_a_bad_event_fails_alone() -> None:
    disk = Disk()
    queue = EventQueue(disk)

    async def requests() -> None:
        _, bad, good = await behind_the_first(queue, disk, ["bad", "good"])
        disk.released.set()
        assert await good == Recorded(1, 0)
        with pytest.raises(BadEvent):
            await bad

    asyncio.run(requests())
    queue.close()


def test_nothing_is_acknowledged_that_is_not_stored() -> None:
    disk = Disk()
    disk.broken = True
    disk.released.set()
    queue = EventQueue(disk)
    with pytest.raises(OSError, match="gone"):
        asyncio.run(queue.record(view("lost")))
    disk.broken = False
    assert asyncio.run(queue.record(view("again"))) == Recorded(1, 0)
    queue.close()


def test_events_are_refused_while_earlier_ones_wait_too_long_for_the_disk() -> None:
    disk, clock = Disk(), Clock()
    queue = EventQueue(disk, clock)

    async def requests() -> None:
        tasks = await behind_the_first(queue, disk, ["a"])
        clock.now += PATIENCE + 0.1
        with pytest.raises(Overloaded):
            queue.refuse_if_behind()
        with pytest.raises(Overloaded):
            await queue.record(view("refused"))
        disk.released.set()
        await asyncio.gather(*tasks)
        await queue.record(view("later"))

    asyncio.run(requests())
    assert disk.transactions == [["first"], ["a"], ["later"]]
    queue.close()


def test_a_request_that_went_away_holds_up_nobody() -> None:
    disk = Disk()
    queue = EventQueue(disk)

    async def requests() -> None:
        first, gone, stays = await behind_the_first(queue, disk, ["gone", "stays"])
        gone.cancel()
        disk.released.set()
        assert await asyncio.gather(first, stays) == [Recorded(1, 0)] * 2

    asyncio.run(requests())
    queue.close()


def test_closing_waits_until_everything_is_stored() -> None:
    disk = Disk()
    queue = EventQueue(disk)

    async def requests() -> None:
        tasks = await behind_the_first(queue, disk, ["a", "b"])
        closing = asyncio.create_task(asyncio.to_thread(queue.close))
        disk.released.set()
        await asyncio.gather(closing, *tasks)

    asyncio.run(requests())
    assert disk.transactions == [["first"], ["a", "b"]]
