"""Sources and what their webhooks named, through every database there is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lookalike.database import Database, open_database
from lookalike.database.source_rows import PendingItem, StoredSource

ADDRESS = "woocommerce://shop.example"
AT_ONCE = 6


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    file = str(tmp_path / "shop.db")
    database = open_database(file if request.param == "sqlite" else request.getfixturevalue("postgres_url"))
    yield database
    database.close()


def test_a_source_keeps_its_cursor_until_its_address_changes(database: Database) -> None:
    sources = database.sources
    sources.put("shop", ADDRESS)
    sources.keep_cursor("shop", "yesterday")
    sources.put("shop", ADDRESS)
    assert sources.get("shop") == StoredSource("shop", ADDRESS, "yesterday")
    sources.put("shop", "shopify://my-shop.myshopify.com")
    assert sources.get("shop") == StoredSource("shop", "shopify://my-shop.myshopify.com", None)


def test_items_that_did_not_go_in_are_kept_with_their_source(database: Database) -> None:
    database.sources.put("shop", ADDRESS)
    database.sources.keep_retried("shop", ["2", "1"])
    (source,) = database.sources.all()
    assert source.retried == ("2", "1")


def test_a_source_that_was_removed_is_gone_with_what_was_noted(database: Database) -> None:
    sources = database.sources
    sources.put("shop", ADDRESS)
    sources.put("other", ADDRESS)
    sources.note("shop", "d1", ["1"])
    sources.remove("shop")
    assert [source.name for source in sources.all()] == ["other"]
    assert sources.pending("shop", 10) == []
    assert sources.note("shop", "d1", ["1"])


def test_items_wait_in_order_until_they_are_settled(database: Database) -> None:
    sources = database.sources
    sources.note("shop", "d1", ["3", "1", "1"])
    sources.note("shop", "d2", ["2"])
    assert [item.id for item in sources.pending("shop", 2)] == ["1", "2"]
    sources.settle("shop", sources.pending("shop", 2))
    assert sources.pending("shop", 10) == [PendingItem("3", 1)]


def test_a_delivery_counts_once_and_for_its_source_only(database: Database) -> None:
    sources = database.sources
    assert sources.note("shop", "d1", ["1"])
    assert not sources.note("shop", "d1", ["1", "2"])
    assert sources.note("other", "d1", ["9"])
    assert [item.id for item in sources.pending("shop", 10)] == ["1"]


def test_of_one_delivery_that_comes_to_several_servers_at_once_one_is_new(database: Database) -> None:
    together = threading.Barrier(AT_ONCE)
    new: list[bool] = []

    def note() -> None:
        together.wait()
        new.append(database.sources.note("shop", "d1", ["1"]))

    threads = [threading.Thread(target=note) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(new) == [False] * (AT_ONCE - 1) + [True]


def test_what_is_said_of_an_item_while_it_is_read_keeps_it(database: Database) -> None:
    sources = database.sources
    sources.note("shop", "d1", ["1"])
    read = sources.pending("shop", 10)
    sources.note("shop", "d2", ["1"])
    sources.settle("shop", read)
    assert sources.pending("shop", 10) == [PendingItem("1", 2)]
