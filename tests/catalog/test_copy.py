"""A catalogue copied from one database to another is the same catalogue."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from lookalike import Shop
from lookalike.catalog.copy import checksum, copy
from lookalike.database import open_database
from lookalike.errors import Conflict
from lookalike.types import Event
from support.samples import jpeg


def test_a_file_goes_to_postgresql_and_back_and_answers_the_same(
    shop: Shop, postgres_url: str, tmp_path: Path
) -> None:
    now = time.time()
    shop.catalog.database.events.record(
        [Event("view", "s1", "box-red", id=f"e{n}", time=now + n) for n in range(5)]
    )
    before = [(hit.id, round(hit.score, 5)) for hit in shop.search(image=jpeg("red"), text="blue box", k=12)]
    server, again = open_database(postgres_url), open_database(str(tmp_path / "again.db"))
    there = copy(shop.catalog.database, server)
    back = copy(server, again)
    assert (there.products, there.photos, there.events) == (12, 12, 5)
    assert there.checksum == back.checksum == checksum(shop.catalog.database)
    server.close()
    again.close()
    for url in (postgres_url, str(tmp_path / "again.db")):
        with Shop.open(url) as moved:
            found = moved.search(image=jpeg("red"), text="blue box", k=12)
            assert [(hit.id, round(hit.score, 5)) for hit in found] == before
            assert (
                moved.catalog.database.events.record([Event("view", "s1", "box-red", id="e1", time=now)]) == 0
            )


def test_a_catalogue_is_not_copied_over_another(shop: Shop, tmp_path: Path) -> None:
    with Shop.open(str(tmp_path / "other.db")) as other, pytest.raises(Conflict, match="empty"):
        copy(shop.catalog.database, other.catalog.database)


def test_a_copy_is_a_catalogue_of_its_own(shop: Shop, tmp_path: Path) -> None:
    target = open_database(str(tmp_path / "other.db"))
    copy(shop.catalog.database, target)
    assert target.settings()["made"] == shop.catalog.database.settings()["made"]
    assert target.settings()["catalog"] != shop.catalog.database.settings()["catalog"]
    target.close()


def test_a_difference_shows_in_the_checksum(shop: Shop, tmp_path: Path) -> None:
    target = open_database(str(tmp_path / "other.db"))
    report = copy(shop.catalog.database, target)
    target.remove(["box-red"])
    assert checksum(target) != report.checksum
    target.close()
