"""A catalog copied from one database to another is the same catalog."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from lookalike import Shop
from lookalike.catalog.copy import CopyReport, checksum, copy
from lookalike.catalog.state import CALIBRATION, COPYING, identity
from lookalike.database import open_database
from lookalike.database.source_rows import StoredSource
from lookalike.database.source_runs import Schedule, StoredRun
from lookalike.errors import Conflict
from lookalike.types import Event, RowProblem
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


def test_a_catalog_is_not_copied_over_another(shop: Shop, tmp_path: Path) -> None:
    with Shop.open(str(tmp_path / "other.db")) as other, pytest.raises(Conflict, match="empty"):
        copy(shop.catalog.database, other.catalog.database)


def test_a_copy_is_a_catalog_of_its_own(shop: Shop, tmp_path: Path) -> None:
    target = open_database(str(tmp_path / "other.db"))
    copy(shop.catalog.database, target)
    assert target.settings()["made"] == shop.catalog.database.settings()["made"]
    assert target.settings()["catalog"] != shop.catalog.database.settings()["catalog"]
    target.close()


def test_what_was_learned_about_matches_comes_along(shop: Shop, tmp_path: Path) -> None:
    shop.engine.recalibrate()
    target = open_database(str(tmp_path / "other.db"))
    copy(shop.catalog.database, target)
    name = target.settings()[CALIBRATION]
    assert target.fit(name) == shop.catalog.database.fit(name) is not None
    target.close()


def test_sources_come_along_with_their_schedules_runs_and_products(shop: Shop, postgres_url: str) -> None:
    source = shop.catalog.database
    name, address = "shop.example", "woocommerce://shop.example"
    schedule = Schedule(name, 900.0, 1_000.0, prune=False, most_removed=0.5, alert="https://alerts.example")
    runs = [
        StoredRun(name, float(n), n + 0.5, "partly", problems=[RowProblem("f", 1, "a", "no")]) for n in (2, 1)
    ]
    source.sources.put(name, address)
    source.sources.keep_cursor(name, "yesterday")
    source.sources.keep_retried(name, ["7"])
    source.sources.keep_full_read(name, 500.0)
    source.sources.note(name, "delivery", ["8", "9"])
    source.source_runs.put(schedule)
    for run in reversed(runs):
        source.source_runs.end(run)
    source.source_products.note(name, ["box-red", "box-blue"])
    with closing(open_database(postgres_url)) as target:
        # The second copy finds what the first one left when it was cut off.
        copy(source, target)
        target.put_settings({COPYING: identity(source)})
        assert copy(source, target).sources == 1
        assert target.sources.all() == [StoredSource(name, address, "yesterday", ("7",), 500.0)]
        assert target.source_runs.schedules() == [schedule]
        assert target.source_runs.runs(name) == runs
        assert [item.id for item in target.sources.pending(name, 10)] == ["8", "9"]
        assert sorted(target.source_products.ids(name)) == ["box-blue", "box-red"]


def test_a_difference_shows_in_the_checksum(shop: Shop, tmp_path: Path) -> None:
    target = open_database(str(tmp_path / "other.db"))
    report = copy(shop.catalog.database, target)
    target.remove(["box-red"])
    assert checksum(target) != report.checksum
    target.close()


class PowerCut(Exception):
    """Ends a copy in the middle."""


def test_a_copy_that_was_cut_off_cannot_be_opened_and_resumes(shop: Shop, tmp_path: Path) -> None:
    path, source = tmp_path / "other.db", shop.catalog.database

    def cut(report: CopyReport) -> None:
        raise PowerCut

    target = open_database(str(path))
    with pytest.raises(PowerCut):
        copy(source, target, cut)
    target.close()
    with pytest.raises(Conflict, match="run `lookalike copy` again"):
        Shop.open(str(path))
    shop.remove(["box-red"])
    target = open_database(str(path))
    report = copy(source, target)
    assert report.products == target.count() == source.count()
    target.close()
    with Shop.open(str(path)) as moved:
        assert [hit.id for hit in moved.search(text="blue box", k=3)] == [
            hit.id for hit in shop.search(text="blue box", k=3)
        ]


def test_a_copy_is_not_resumed_from_another_catalog(shop: Shop, tmp_path: Path) -> None:
    target = open_database(str(tmp_path / "target.db"))
    with pytest.raises(PowerCut):
        copy(shop.catalog.database, target, lambda report: (_ for _ in ()).throw(PowerCut))
    with (
        Shop.open(str(tmp_path / "third.db"), "pixels") as third,
        pytest.raises(Conflict, match="already holds"),
    ):
        copy(third.catalog.database, target)
    target.close()


def test_nul_characters_of_an_earlier_version_survive_a_copy(
    shop: Shop, tmp_path: Path, postgres_url: str
) -> None:
    raw = apsw.Connection(shop.catalog.url)
    raw.execute("UPDATE products SET title = 'Red' || char(0) || 'box' WHERE id = 'box-red'")
    raw.close()
    for url in (str(tmp_path / "other.db"), postgres_url):
        target = open_database(url)
        copy(shop.catalog.database, target)
        assert target.products(["box-red"])["box-red"].title == "Red box"
        target.close()
