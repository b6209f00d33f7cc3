"""Writes that wait at the same time share a transaction."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from lookalike.database.group_commit import GroupCommit
from lookalike.errors import DatabaseBroken


class SlowDisk:
    """Stores numbers; the first transaction lasts until it is released."""

    def __init__(self) -> None:
        self.transactions: list[list[int]] = []
        self.began = threading.Event()
        self.released = threading.Event()
        self.full = False
        self.tries = 0

    def write(self, items: Sequence[int]) -> list[str]:
        self.began.set()
        self.released.wait(10)
        self.tries += 1
        if self.full:
            raise DatabaseBroken("The disk is full.")
        if -1 in items:
            raise ValueError("-1 cannot be stored")
        self.transactions.append(list(items))
        return [f"stored {item}" for item in items]


def test_what_waits_during_a_transaction_is_written_in_the_next_one() -> None:
    disk = SlowDisk()
    commits = GroupCommit(disk.write)
    with ThreadPoolExecutor(9) as threads:
        first = threads.submit(commits.put, 0)
        assert disk.began.wait(10)
        others = [threads.submit(commits.put, number) for number in range(1, 9)]
        while len(commits.queued) < 8:
            threading.Event().wait(0.001)
        disk.released.set()
        assert first.result(10) == "stored 0"
        assert [each.result(10) for each in others] == [f"stored {number}" for number in range(1, 9)]
    assert [sorted(each) for each in disk.transactions] == [[0], [1, 2, 3, 4, 5, 6, 7, 8]]


def test_an_item_that_cannot_be_stored_fails_alone() -> None:
    disk = SlowDisk()
    commits = GroupCommit(disk.write)
    with ThreadPoolExecutor(4) as threads:
        first = threads.submit(commits.put, 0)
        assert disk.began.wait(10)
        bad, good = threads.submit(commits.put, -1), threads.submit(commits.put, 1)
        while len(commits.queued) < 2:
            threading.Event().wait(0.001)
        disk.released.set()
        assert (first.result(10), good.result(10)) == ("stored 0", "stored 1")
        with pytest.raises(ValueError, match="-1 cannot be stored"):
            bad.result(10)
    assert sorted(number for each in disk.transactions for number in each) == [0, 1]


def test_a_database_that_fails_is_tried_once_for_all_that_wait() -> None:
    disk = SlowDisk()
    commits = GroupCommit(disk.write)
    with ThreadPoolExecutor(4) as threads:
        first = threads.submit(commits.put, 0)
        assert disk.began.wait(10)
        others = [threads.submit(commits.put, number) for number in (1, 2)]
        while len(commits.queued) < 2:
            threading.Event().wait(0.001)
        disk.full = True
        disk.released.set()
        for each in (first, *others):
            with pytest.raises(DatabaseBroken, match="full"):
                each.result(10)
    assert disk.tries == 2
