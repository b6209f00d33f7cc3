"""Catalogs that are closed because nobody uses them still follow their sources."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lookalike import Shop
from lookalike.database import Database, open_database
from lookalike.database.source_runs import Schedule
from lookalike.database.stores import CatalogStore, open_store
from lookalike.server.catalogs import Catalogs, ServedCatalog
from lookalike.server.closed_catalogs import LONGEST_WAIT, ClosedCatalogs
from support.shop_host import ShopHost

IDLE = 100.0


class Clock:
    """A time that passes when a test moves it."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CatalogStore]:
    folder = str(tmp_path / "catalogs")
    url = folder if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    with closing(open_store(url)) as store:
        for name in ("busy", "quiet"):
            store.create(name)
            Shop.open(store.address(name), "pixels").close()
        yield store


@pytest.fixture
def opened() -> list[str]:
    """The addresses of the catalogs that were opened, in order."""
    return []


@pytest.fixture
def catalogs(shop: Shop, store: CatalogStore, clock: Clock, opened: list[str]) -> Iterator[Catalogs]:
    def open_shop(address: str) -> Shop:
        opened.append(address)
        return Shop.open(address, "pixels")

    catalogs = Catalogs(ServedCatalog.of("default", shop.url, shop), store, open_shop, 3, IDLE, clock)
    yield catalogs
    catalogs.close()


def in_catalog(store: CatalogStore, name: str, change: Callable[[Database], object]) -> None:
    """What another process does to a catalog."""
    with closing(open_database(store.address(name))) as database:
        change(database)


def follow(store: CatalogStore, url: str, next_run: float) -> None:
    def change(database: Database) -> None:
        database.sources.put("feed", url)
        database.source_runs.put(Schedule("feed", 900.0, next_run))

    in_catalog(store, "busy", change)


def runs(store: CatalogStore) -> int:
    found: list[int] = []
    in_catalog(store, "busy", lambda database: found.append(len(database.source_runs.runs("feed"))))
    return found[0]


def test_a_closed_catalog_is_opened_when_a_source_is_due_reads_it_and_is_closed_again(
    catalogs: Catalogs, store: CatalogStore, clock: Clock, host: ShopHost, opened: list[str]
) -> None:
    follow(store, host.put("/feed.csv", "id,title\na,Lamp\n"), clock.now + 60)
    closed = ClosedCatalogs(catalogs, clock)
    closed.open_due()
    clock.now += 59
    closed.open_due()
    assert opened == []
    clock.now += 1
    closed.open_due()
    assert opened == [store.address("busy")]
    while not runs(store):
        assert catalogs.open_names() == {"default", "busy"}
    clock.now += IDLE
    while catalogs.open_names() != {"default"}:
        catalogs.close_idle()
    with Shop.open(store.address("busy")) as shop:
        assert len(shop) == 1
    closed.open_due()
    assert len(opened) == 1


def test_a_closed_catalog_is_opened_for_items_that_webhooks_named(
    catalogs: Catalogs, store: CatalogStore, clock: Clock, opened: list[str]
) -> None:
    in_catalog(store, "quiet", lambda database: database.sources.note("shop", "delivery", ["1"]))
    ClosedCatalogs(catalogs, clock).open_due()
    assert opened == [store.address("quiet")]


def test_a_source_that_another_process_adds_is_found_within_minutes(
    catalogs: Catalogs, store: CatalogStore, clock: Clock, host: ShopHost, opened: list[str]
) -> None:
    closed = ClosedCatalogs(catalogs, clock)
    closed.open_due()
    follow(store, host.put("/feed.csv", "id,title\na,Lamp\n"), clock.now)
    clock.now += LONGEST_WAIT
    closed.open_due()
    assert opened == [store.address("busy")]


def test_a_catalog_that_cannot_be_opened_holds_up_no_other(
    shop: Shop, tmp_path: Path, clock: Clock, host: ShopHost, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(open_store(str(tmp_path / "catalogs"))) as store:
        for name in ("broken", "busy"):
            store.create(name)
        Path(store.address("broken")).write_bytes(b"no database at all" * 1_000)
        follow(store, host.put("/feed.csv", "id,title\na,Lamp\n"), clock.now)
        opened: list[str] = []

        def open_shop(address: str) -> Shop:
            opened.append(address)
            return Shop.open(address, "pixels")

        catalogs = Catalogs(ServedCatalog.of("default", shop.url, shop), store, open_shop, 3, IDLE, clock)
        ClosedCatalogs(catalogs, clock).open_due()
        assert opened == [store.address("busy")]
        assert "The sources of the catalog broken cannot be read now" in caplog.text
        catalogs.close()
