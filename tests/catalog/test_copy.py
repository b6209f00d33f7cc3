"""A catalogue copied from one database to another is the same catalogue."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from lookalike import Catalog
from lookalike.catalog.copy import checksum, copy
from lookalike.database import open_database
from lookalike.errors import Conflict
from lookalike.types import Event
from support.samples import jpeg


def test_a_file_goes_to_postgresql_and_back_and_answers_the_same(
    shop: Catalog, postgres_url: str, tmp_path: Path
) -> None:
    now = time.time()
    shop.database.events.record([Event("view", "s1", "box-red", id=f"e{n}", time=now + n) for n in range(5)])
    before = [(hit.id, round(hit.score, 5)) for hit in shop.search(image=jpeg("red"), text="blue box", k=12)]
    server, again = open_database(postgres_url), open_database(str(tmp_path / "again.db"))
    there = copy(shop.database, server)
    back = copy(server, again)
    assert (there.products, there.photos, there.events) == (12, 12, 5)
    assert there.checksum == back.checksum == checksum(shop.database)
    server.close()
    again.close()
    for url in (postgres_url, str(tmp_path / "again.db")):
        with Catalog.open(url) as moved:
            found = moved.search(image=jpeg("red"), text="blue box", k=12)
            assert [(hit.id, round(hit.score, 5)) for hit in found] == before
            assert moved.database.events.record([Event("view", "s1", "box-red", id="e1", time=now)]) == 0


def test_a_catalogue_is_not_copied_over_another(shop: Catalog, tmp_path: Path) -> None:
    with Catalog.open(str(tmp_path / "other.db")) as other, pytest.raises(Conflict, match="empty"):
        copy(shop.database, other.database)


def test_a_copy_is_a_catalogue_of_its_own(shop: Catalog, tmp_path: Path) -> None:
    target = open_database(str(tmp_path / "other.db"))
    copy(shop.database, target)
    assert target.settings()["made"] == shop.database.settings()["made"]
    assert target.settings()["catalog"] != shop.database.settings()["catalog"]
    target.close()


def test_a_difference_shows_in_the_checksum(shop: Catalog, tmp_path: Path) -> None:
    target = open_database(str(tmp_path / "other.db"))
    report = copy(shop.database, target)
    target.remove(["box-red"])
    assert checksum(target) != report.checksum
    target.close()
