"""A catalog kept in step with a shop: from empty to full, and through webhooks from then on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from lookalike import Shop, read_feed
from lookalike.errors import SourceDenied, SourceError, SourceUnavailable
from lookalike.sync.reconcile import read_source, reconcile
from lookalike.sync.source import Page
from lookalike.sync.webhooks import Received, read_pending, receive
from lookalike.types import ImportReport
from support.shops.articles import Article, Piece
from support.shops.stub import ShopStub


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with Shop.open(str(tmp_path / "shop.db"), "pixels") as shop:
        yield shop


@pytest.fixture
def full(shop: Shop, stub: ShopStub) -> Shop:
    """The catalog after a first read of everything."""
    read(shop, stub)
    return shop


def read(shop: Shop, stub: ShopStub, **options: bool) -> ImportReport:
    """Read what has changed in the shop since the last time."""
    source = stub.source()
    shop.catalog.database.sources.put(source.name, stub.address)
    return read_source(shop, source, **options)


def found(shop: Shop, words: str) -> dict[str, float | None]:
    """The ids and prices of what a search finds by all its words."""
    return {hit.id: hit.product.price for hit in shop.search(text=words, grouped=False) if hit.named}


def hear(shop: Shop, stub: ShopStub, event: str, article: int) -> Received:
    """Let the shop send a webhook, and read what it named."""
    source = stub.source()
    received = receive(shop, source, stub.delivery(event, article))
    read_pending(shop, source)
    return received


def test_an_empty_catalog_becomes_a_full_one(full: Shop, stub: ShopStub) -> None:
    assert len(full) == 4
    assert found(full, "porcelain plate") == {stub.product_id(1, 11): 12.5, stub.product_id(1, 12): 13.5}
    assert full.product(stub.product_id(2, 21)).photos


def test_a_second_read_of_everything_changes_nothing(full: Shop, stub: ShopStub) -> None:
    source = stub.source()
    report = reconcile(full, source, source.pages(None), prune=True)
    assert (report.added, report.updated, report.unchanged, report.removed) == (0, 0, 4, 0)


def test_a_price_changed_by_webhook_is_found(full: Shop, stub: ShopStub) -> None:
    stub.reprice(2, "17.00")
    hear(full, stub, "updated", 2)
    assert found(full, "oak box") == {stub.product_id(2, 21): 17.0}


def test_a_product_added_by_webhook_is_found(full: Shop, stub: ShopStub) -> None:
    stub.put(Article(4, "Walnut tray", [Piece(41, "30.00")]))
    hear(full, stub, "created", 4)
    assert found(full, "walnut tray") == {stub.product_id(4, 41): 30.0}


def test_a_product_removed_by_webhook_is_no_longer_found(full: Shop, stub: ShopStub) -> None:
    stub.remove(2)
    hear(full, stub, "deleted", 2)
    assert found(full, "oak box") == {}
    assert len(full) == 3


def test_a_variant_that_is_no_longer_sold_goes(full: Shop, stub: ShopStub) -> None:
    article = stub.articles[1]
    article.pieces.append(Piece(13, "14.00", options={"Colour": "Blue"}))
    del article.pieces[1]
    stub.put(article)
    hear(full, stub, "updated", 1)
    assert set(found(full, "porcelain plate")) == {stub.product_id(1, 11), stub.product_id(1, 13)}


def test_a_product_that_becomes_a_draft_goes_and_comes_back(full: Shop, stub: ShopStub) -> None:
    stub.articles[2].published = False
    hear(full, stub, "updated", 2)
    assert found(full, "oak box") == {}
    stub.articles[2].published = True
    stub.now += timedelta(minutes=1)
    hear(full, stub, "updated", 2)
    assert set(found(full, "oak box")) == {stub.product_id(2, 21)}


def test_a_later_read_brings_what_no_webhook_told(full: Shop, stub: ShopStub) -> None:
    stub.now += timedelta(hours=1)
    stub.reprice(1, "9.00")
    stub.remove(3)
    source = stub.source()
    stored = full.catalog.database.sources.get(source.name)
    assert stored is not None
    report = reconcile(full, source, source.pages(stored.cursor))
    assert (report.updated, report.removed) == (1, 1)
    assert found(full, "porcelain plate")[stub.product_id(1, 11)] == 9.0


def test_a_webhook_delivered_twice_is_read_once(full: Shop, stub: ShopStub) -> None:
    source, delivery = stub.source(), stub.delivery("updated", 2)
    assert not receive(full, source, delivery).known
    assert read_pending(full, source) == 1
    assert receive(full, source, delivery).known
    assert read_pending(full, source) == 0


def test_an_old_webhook_brings_no_old_facts(full: Shop, stub: ShopStub) -> None:
    old = stub.delivery("created", 2)
    stub.remove(2)
    hear(full, stub, "deleted", 2)
    source = stub.source()
    receive(full, source, old)
    read_pending(full, source)
    assert found(full, "oak box") == {}


def test_what_a_webhook_named_is_kept_while_the_shop_is_down(full: Shop, stub: ShopStub) -> None:
    source = stub.source()
    stub.reprice(2, "17.00")
    receive(full, source, stub.delivery("updated", 2))
    stub.down = True
    with pytest.raises(SourceUnavailable):
        read_pending(full, source)
    stub.down = False
    assert read_pending(full, source) == 1
    assert found(full, "oak box") == {stub.product_id(2, 21): 17.0}


def test_an_item_named_again_while_it_is_read_is_read_again(full: Shop, stub: ShopStub) -> None:
    source = stub.source()
    rows = full.catalog.database.sources
    rows.note(source.name, "first", [stub.item_id(2)])
    (pending,) = rows.pending(source.name, 10)
    rows.note(source.name, "second", [stub.item_id(2)])
    rows.settle(source.name, [pending])
    assert [item.id for item in rows.pending(source.name, 10)] == [stub.item_id(2)]


@pytest.mark.parametrize("trouble", ["down", "revoked"])
def test_a_shop_in_trouble_loses_no_product(full: Shop, stub: ShopStub, trouble: str) -> None:
    setattr(stub, trouble, True)
    source = stub.source()
    with pytest.raises((SourceUnavailable, SourceDenied)):
        reconcile(full, source, source.pages(None), prune=True)
    assert len(full) == 4


def test_a_read_that_breaks_off_removes_nothing(full: Shop, stub: ShopStub) -> None:
    def broken() -> Iterator[Page]:
        yield Page()
        raise SourceError("the shop broke off")

    with pytest.raises(SourceError):
        reconcile(full, stub.source(), broken(), prune=True)
    assert len(full) == 4


def test_a_shop_that_lists_nothing_removes_nothing(full: Shop, stub: ShopStub) -> None:
    stub.articles.clear()
    source = stub.source()
    with pytest.raises(SourceError, match="lists no product at all"):
        reconcile(full, source, source.pages(None), prune=True)
    assert len(full) == 4


def test_a_photo_that_could_not_be_had_is_fetched_by_the_next_read(
    shop: Shop, stub: ShopStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub.photos_are_down = True
    assert read(shop, stub).problems
    stub.photos_are_down = False
    stub.now += timedelta(hours=1)
    report = read(shop, stub)
    assert report.problems == []
    assert [bool(product.photos) for product in shop.products()] == [True] * 4
    assert read(shop, stub).seen == 0


def test_the_last_import_of_a_feed_can_still_be_undone(tmp_path: Path, shop: Shop, stub: ShopStub) -> None:
    (tmp_path / "feed.csv").write_text("id,title\na,Blue shoe\n", "utf-8")
    shop.add(read_feed(tmp_path / "feed.csv"))
    read(shop, stub)
    shop.undo_import()
    assert len(shop) == 4


def test_a_price_of_words_is_reported_once(shop: Shop, stub: ShopStub) -> None:
    stub.reprice(3, "call us")
    stub.articles[3].changed -= timedelta(days=1)
    (problem,) = read(shop, stub).problems
    assert problem.feed == stub.source().name
    assert read(shop, stub).problems == []


def test_a_read_of_everything_removes_what_is_gone_if_asked(full: Shop, stub: ShopStub) -> None:
    stub.remove(2)
    source = stub.source()
    assert reconcile(full, source, source.pages(None)).removed == 0
    assert reconcile(full, source, source.pages(None), prune=True).removed == 1


def test_two_reads_at_once_leave_one_catalog(full: Shop, stub: ShopStub) -> None:
    stub.reprice(1, "8.00")
    stub.put(Article(4, "Walnut tray", [Piece(41, "30.00")]))

    def read() -> None:
        source = stub.source()
        reconcile(full, source, source.pages(None), prune=True)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(full) == 5
    assert found(full, "porcelain plate")[stub.product_id(1, 11)] == 8.0
