"""What recommendations start from is kept beside a large catalog; what is not there, or not hers, is read."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lookalike import Event, Product, Shop
from lookalike.catalog.catalog import Catalog
from lookalike.database import Change
from lookalike.database.event_store import EventPiece
from lookalike.kept_files import save_arrays
from lookalike.recommend import recommender_files
from lookalike.types import Recommendations

from .conftest import WORDS, Clock, goods

Pages = list[list[tuple[str, float]]]
QUERY = "something for hermione.granger@example.org"


@pytest.fixture(autouse=True)
def _small_catalogs_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recommender_files, "KEPT_FROM", 3)
    monkeypatch.setattr("lookalike.recommend.recommender.KEPT_FROM", 3)


def crowd(clock: Clock, seed: int = 1) -> list[Event]:
    """Shoppers who view, buy, rate and return, some of them after a search."""
    chance = random.Random(seed)
    ids = [product.id for product in goods()]
    return [
        Event(
            chance.choice(["view", "cart", "purchase", "return", "dislike"]),
            f"shopper-{chance.randrange(30):02}@example.org",
            chance.choice(ids),
            f"{seed}-{number}",
            clock.now - chance.random() * 1e6,
            query=QUERY if number % 9 == 0 else "",
        )
        for number in range(400)
    ]


def shown(found: Recommendations) -> list[tuple[str, float]]:
    return [(hit.id, round(hit.score, 5)) for hit in found]


def pages(shop: Shop) -> Pages:
    """Everything that recommendations are made from has a say in one of these."""
    shoppers = [f"shopper-{number:02}@example.org" for number in range(0, 30, 4)]
    return [
        *(shown(shop.recommend(shopper)) for shopper in shoppers),
        shown(shop.recommend(shoppers[0], placement="buy-again")),
        shown(shop.recommend(product="red-boot-0", where={"colour": "blue", "price": {"exists": False}})),
        [(hit.id, round(hit.score, 5)) for hit in shop.search(text=QUERY, shopper=shoppers[1])],
        [(each.id, round(each.score, 5)) for each in (*shop.popular(), *shop.rising())],
    ]


def copy(catalog: Path, target: Path) -> None:
    """A backup of a catalog that is open."""
    with closing(sqlite3.connect(catalog)) as source, closing(sqlite3.connect(target)) as written:
        source.backup(written)


@pytest.fixture
def folder(open_shop: Callable[[str], Shop], clock: Clock, tmp_path: Path) -> Path:
    """The folder of a catalog whose files are written."""
    shop = open_shop("shop")
    shop.record(crowd(clock))
    shop.settle()
    return tmp_path / "shop.db.index"


@pytest.fixture
def without_files(folder: Path, open_shop: Callable[[str], Shop], tmp_path: Path) -> Shop:
    """The same catalog where nothing is kept beside it."""
    copy(tmp_path / "shop.db", tmp_path / "plain.db")
    return open_shop("plain")


class Reader:
    """A process that opens the catalog, and how many events and products it read from the database."""

    def __init__(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shop = shop
        self.events = self.products = 0
        database = shop.catalog.database
        since, changes = database.events.since, database.changes

        def counted_events(sequence: int) -> Iterator[EventPiece]:
            for piece in since(sequence):
                self.events += len(piece.kinds)
                yield piece

        def counted_changes(since: int, image: str, text: str) -> Iterator[tuple[int, list[Change]]]:
            for reached, found in changes(since, image, text):
                self.products += len(found)
                yield reached, found

        monkeypatch.setattr(database.events, "since", counted_events)
        monkeypatch.setattr(database, "changes", counted_changes)


def test_the_next_process_recommends_the_same_and_reads_nothing_again(
    folder: Path, open_shop: Callable[[str], Shop], without_files: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = Reader(open_shop("shop"), monkeypatch)
    reader.shop.recommend("shopper-01@example.org")
    assert (reader.events, reader.products) == (0, 0)
    assert pages(reader.shop) == pages(without_files)


def test_what_came_after_the_files_is_taken_in(
    folder: Path,
    open_shop: Callable[[str], Shop],
    without_files: Shop,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Slots of products that left stay behind in a process that saw them.
    without_files.recommend("shopper-01@example.org")
    later = [*crowd(clock, seed=2), Event("purchase", "new", "fresh", "late")]
    for shop in (without_files, open_shop("shop")):
        shop.add([Product("fresh", "red boot", facets={"kind": "boot", "colour": "red"}, stock=1)])
        shop.remove(["red-boot-1"])
        shop.record(later)
    reader = Reader(open_shop("shop"), monkeypatch)
    assert pages(reader.shop) == pages(without_files)
    assert shown(reader.shop.recommend("new")) == shown(without_files.recommend("new"))
    assert reader.events == len(later)


def test_a_shop_that_replays_its_events_reads_them(folder: Path, open_shop: Callable[[str], Shop]) -> None:
    shop = open_shop("shop")
    shop.recommend("shopper-01@example.org")
    assert shop.recommender.replay().truth


def test_no_id_of_a_shopper_and_no_text_is_in_the_files(folder: Path) -> None:
    data = b"".join(path.read_bytes() for path in folder.iterdir())
    assert b"red-boot-0" in data
    assert b"@example.org" not in data
    assert b"hermione" not in data


def test_only_the_owner_can_read_the_files(folder: Path) -> None:
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_a_forgotten_shopper_takes_the_file_along_and_a_torn_one_too(
    folder: Path, open_shop: Callable[[str], Shop]
) -> None:
    (folder / "interactions.npz.1234.new").write_bytes(b"a process was killed while it wrote")
    open_shop("shop").forget("shopper-01@example.org")
    assert [path.name for path in folder.iterdir()] == ["items.npz"]


def test_a_process_that_learns_that_somebody_was_forgotten_deletes_its_own_file(
    folder: Path, open_shop: Callable[[str], Shop]
) -> None:
    """As on another machine of the same PostgreSQL database."""
    reader, kept = open_shop("shop"), (folder / "interactions.npz").read_bytes()
    reader.shopper("shopper-02@example.org")
    open_shop("shop").forget("shopper-01@example.org")
    for each in (reader, open_shop("shop")):
        (folder / "interactions.npz").write_bytes(kept)
        assert each.shopper("shopper-01@example.org").interests == ()
        assert not (folder / "interactions.npz").exists()


def test_somebody_who_is_forgotten_while_the_file_is_written_is_not_in_it(
    folder: Path, open_shop: Callable[[str], Shop], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, other = open_shop("shop"), open_shop("shop")
    shop.record(crowd(clock, seed=3))

    def forgotten_first(*written: object) -> None:
        other.forget("shopper-01@example.org")
        save_arrays(*written)  # type: ignore[arg-type]

    monkeypatch.setattr(recommender_files, "save_arrays", forgotten_first)
    shop.settle()
    assert not (folder / "interactions.npz").exists()


def test_after_somebody_was_forgotten_the_file_is_written_again(
    folder: Path, open_shop: Callable[[str], Shop], without_files: Shop
) -> None:
    open_shop("shop").forget("shopper-01@example.org")
    without_files.forget("shopper-01@example.org")
    open_shop("shop").settle()
    assert (folder / "interactions.npz").exists()
    assert pages(open_shop("shop")) == pages(without_files)


@pytest.mark.parametrize("name", ["interactions.npz", "items.npz"])
def test_a_damaged_file_is_told_and_not_used(
    folder: Path,
    open_shop: Callable[[str], Shop],
    without_files: Shop,
    name: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    whole = bytearray((folder / name).read_bytes())
    whole[len(whole) // 2] ^= 1
    (folder / name).write_bytes(whole)
    assert pages(open_shop("shop")) == pages(without_files)
    assert f"{name} is damaged and will be built again" in caplog.text


def test_the_files_of_another_catalog_are_not_used(
    folder: Path, open_shop: Callable[[str], Shop], clock: Clock, tmp_path: Path
) -> None:
    other = open_shop("other")
    other.record(crowd(clock, seed=4))
    expected = pages(other)
    other.recommender.close()
    shutil.copytree(folder, tmp_path / "other.db.index", dirs_exist_ok=True)
    assert pages(open_shop("other")) == expected


def test_the_files_of_a_later_state_are_not_used(
    folder: Path, open_shop: Callable[[str], Shop], clock: Clock, tmp_path: Path
) -> None:
    """A catalog was put back from a backup, and went on from there."""
    copy(tmp_path / "shop.db", tmp_path / "back.db")
    shop = open_shop("shop")
    shop.record(crowd(clock, seed=5))
    shop.settle()
    shutil.copytree(folder, tmp_path / "back.db.index")
    shutil.copytree(folder, tmp_path / "on.db.index")
    copy(tmp_path / "back.db", tmp_path / "on.db")
    back = open_shop("back")
    assert back.recommend("shopper-01@example.org").hits
    assert back.recommender.interactions.event_count == 400
    on = open_shop("on")
    # As many events as the file has, but other ones.
    on.record(crowd(clock, seed=6))
    expected = pages(on)
    shutil.rmtree(tmp_path / "on.db.index")
    assert pages(open_shop("on")) == expected


def test_a_server_writes_them_in_the_background(
    open_shop: Callable[[str], Shop], clock: Clock, tmp_path: Path
) -> None:
    shop = open_shop("shop")
    shop.record(crowd(clock))
    shop.recommend("shopper-01@example.org")
    shop.recommender.close()
    assert (tmp_path / "shop.db.index" / "interactions.npz").exists()


def test_a_small_shop_writes_no_file(
    open_shop: Callable[[str], Shop], clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recommender_files, "KEPT_FROM", 1000)
    shop = open_shop("shop")
    shop.record(crowd(clock))
    shop.settle()
    shop.recommend("shopper-01@example.org")
    shop.recommender.close()
    assert not (tmp_path / "shop.db.index").exists()


def test_a_folder_that_cannot_be_written_is_told_once_and_recommendations_go_on(
    open_shop: Callable[[str], Shop], clock: Clock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    # A file where the folder should be: true for root as well.
    (tmp_path / "shop.db.index").write_text("in the way")
    shop = open_shop("shop")
    shop.record(crowd(clock))
    for _ in range(3):
        assert shop.recommend("shopper-01@example.org").hits
        shop.recommender.close()
    assert caplog.text.count("interactions.npz was not written") == 1


def test_both_databases_keep_the_same(
    folder: Path,
    without_files: Shop,
    postgres_url: str,
    clock: Clock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("psycopg")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with Shop(Catalog.open(postgres_url, WORDS), clock=clock) as shop:
        shop.add(goods())
        shop.record(crowd(clock))
        shop.settle()
    assert list((tmp_path / "cache").rglob("interactions.npz"))
    with Shop(Catalog.open(postgres_url), clock=clock) as shop:
        reader = Reader(shop, monkeypatch)
        shop.recommend("shopper-01@example.org")
        assert (reader.events, reader.products) == (0, 0)
        assert pages(shop) == pages(without_files)
        shop.forget("shopper-01@example.org")
    assert not list((tmp_path / "cache").rglob("interactions.npz"))
