"""Writes share a transaction, and each learns whether it is stored."""

from __future__ import annotations

from collections.abc import Sequence

from lookalike.database.group_commit import write_together
from lookalike.errors import DatabaseBroken


class Disk:
    """Stores numbers, all of a transaction or none; never a negative one."""

    def __init__(self, full: bool = False) -> None:
        self.transactions: list[list[int]] = []
        self.full = full
        self.tries = 0

    def write(self, items: Sequence[int]) -> list[str]:
        self.tries += 1
        if self.full:
            raise DatabaseBroken("The disk is full.")
        if min(items) < 0:
            raise ValueError(f"{min(items)} cannot be stored")
        self.transactions.append(list(items))
        return [f"stored {item}" for item in items]


def test_items_are_written_in_one_transaction() -> None:
    disk = Disk()
    assert write_together([1, 2, 3], disk.write) == ["stored 1", "stored 2", "stored 3"]
    assert disk.transactions == [[1, 2, 3]]


def test_an_item_that_cannot_be_stored_fails_alone() -> None:
    disk = Disk()
    first, bad, last = write_together([1, -1, 2], disk.write)
    assert (first, last) == ("stored 1", "stored 2")
    assert isinstance(bad, ValueError)
    assert disk.transactions == [[1], [2]]


def test_a_database_that_fails_is_tried_once_for_all() -> None:
    disk = Disk(full=True)
    outcomes = write_together([1, 2, 3], disk.write)
    assert [str(each) for each in outcomes] == ["The disk is full."] * 3
    assert disk.tries == 1
