"""The journal of an import, through every database there is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lookalike.database import Batch, Database, JournalEntry, Written, open_database
from lookalike.media.images import StoredPhoto
from lookalike.types import Photo, Product


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    url = str(tmp_path / "shop.db") if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    database = open_database(url)
    yield database
    database.close()


def write(database: Database, *photos: str) -> None:
    """Give the one product these photos."""
    shown = tuple(Photo("", None, name, 3, 2) for name in photos)
    stored = [StoredPhoto(name, name.encode(), "image/jpeg", 3, 2) for name in photos]
    database.write(Batch(products=[Written(Product("a", photos=shown), b"digest")], photos=stored))


def test_what_a_product_was_is_noted_once_and_its_digest_again(database: Database) -> None:
    database.journal.add([JournalEntry("a", "first", b"1"), JournalEntry("b", None, b"2")], [])
    database.journal.add([JournalEntry("a", "second", None)], [])
    assert database.journal.first(10) == [JournalEntry("a", "first", None), JournalEntry("b", None, b"2")]
    assert database.journal.counts() == (1, 0, 1)
    database.journal.drop(["a"])
    assert database.journal.first(10) == [JournalEntry("b", None, b"2")]


def test_a_photo_of_the_journal_stays_until_the_journal_is_cleared(database: Database) -> None:
    write(database, "old", "shown")
    database.journal.add([JournalEntry("a", "{}", b"")], ["old", "shown"])
    write(database, "shown")
    assert database.photo("old") is not None
    database.journal.clear()
    assert database.photo("old") is None
    assert database.photo("shown") is not None
    assert database.journal.first(10) == []
