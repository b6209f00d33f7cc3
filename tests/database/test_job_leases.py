"""Of several who would begin the same work at once, one does; through every database there is."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from lookalike.database import Database, open_database
from lookalike.database.jobs import StoredJob
from lookalike.errors import Conflict

AT_ONCE = 6


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    file = str(tmp_path / "shop.db")
    database = open_database(file if request.param == "sqlite" else request.getfixturevalue("postgres_url"))
    yield database
    database.close()


def alone(others: Mapping[str, StoredJob]) -> None:
    if others:
        raise Conflict(f"{list(others)} came first.")


def test_the_first_begins_and_the_others_are_told_why_not(database: Database) -> None:
    together = threading.Barrier(AT_ONCE)
    begun: list[str] = []
    refused: list[str] = []

    def begin(id: str) -> None:
        together.wait()
        try:
            database.jobs.begin(id, "begun", alone)
        except Conflict as conflict:
            refused.append(str(conflict))
        else:
            begun.append(id)

    threads = [threading.Thread(target=begin, args=(f"job {number}",)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (first,) = begun
    assert refused == [f"['{first}'] came first."] * (AT_ONCE - 1)
    assert list(database.jobs.all()) == begun


def test_to_begin_again_what_has_begun_changes_nothing(database: Database) -> None:
    database.jobs.begin("a", "begun", alone)
    database.jobs.update("a", "half")
    database.jobs.begin("a", "begun", alone)
    assert database.jobs.all()["a"].state == "half"


def test_the_latest_told_comes_first(database: Database) -> None:
    for id in ("a", "b", "a"):
        database.jobs.update(id, "told")
    assert list(database.jobs.all()) == ["a", "b"]


def test_beginning_is_no_change_of_the_catalog(database: Database) -> None:
    before = database.revision()
    database.jobs.begin("a", "begun", alone)
    assert database.revision() == before
