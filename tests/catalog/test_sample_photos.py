"""Sample photos are stored in the catalog and read by title only."""

from __future__ import annotations

from pathlib import Path

import pytest

from lookalike.catalog.sample_photos import put_sample_photos, sample_photo, sample_photo_titles
from lookalike.database import Database, open_database
from lookalike.errors import NotFound


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return open_database(str(tmp_path / "shop.db"))


def test_a_new_catalog_has_none(database: Database) -> None:
    assert sample_photo_titles(database) == []


def test_stored_photos_are_listed_in_order_and_returned(database: Database) -> None:
    put_sample_photos(database, {"Rotes Hemd": b"shirt", "Boots": b"boots"})
    assert sample_photo_titles(database) == ["Rotes Hemd", "Boots"]
    assert sample_photo(database, "Boots") == b"boots"


@pytest.mark.parametrize("title", ["", "Hat", "sample-photos", "../Boots"])
def test_nothing_else_can_be_read_by_title(database: Database, title: str) -> None:
    put_sample_photos(database, {"Boots": b"boots"})
    database.put_fit("sample-photos:Hat", b"left from before")
    with pytest.raises(NotFound, match="/v1/samples"):
        sample_photo(database, title)
