"""Several sources in one catalog: each removes only what it brought."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lookalike import Product, Shop
from lookalike.database.source_runs import Schedule, StoredRun
from lookalike.errors import SourceError
from lookalike.sync.follow import Follower
from lookalike.sync.followed import unfollow
from lookalike.sync.reconcile import read_source, reconcile
from lookalike.sync.source import Page
from lookalike.sync.sources.feed import FeedSource
from lookalike.sync.webhooks import read_pending, receive
from support.shop_host import ShopHost
from support.shops.stub import ShopStub


@pytest.fixture(params=["sqlite", "postgresql"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    """A shop with one product that was added by hand."""
    sqlite = request.param == "sqlite"
    url = str(tmp_path / "shop.db") if sqlite else request.getfixturevalue("postgres_url")
    with Shop.open(url, "pixels") as shop:
        shop.add([Product("hand", "Added by hand")])
        yield shop


@pytest.fixture
def follower(shop: Shop) -> Follower:
    return Follower(shop)


def ids(shop: Shop) -> list[str]:
    return [product.id for product in shop.products()]


def follow(follower: Follower, host: ShopHost, path: str, *rows: str) -> str:
    """Follow a feed with these rows; returns its name."""
    url = host.put(path, "\n".join(["id,title", *rows]))
    source = FeedSource(url)
    follower.follow(source, url, Schedule(source.name, 900))
    return source.name


def run(follower: Follower, host: ShopHost, path: str, *rows: str) -> StoredRun:
    """Change a followed feed and read it."""
    return follower.run(follow(follower, host, path, *rows))


def test_neither_feed_removes_products_of_the_other_or_those_added_by_hand(
    host: ShopHost, shop: Shop, follower: Follower
) -> None:
    run(follower, host, "/one.csv", "a,Lamp", "b,Lamp")
    run(follower, host, "/two.csv", "c,Chair", "d,Chair")
    assert run(follower, host, "/one.csv", "a,Lamp").removed == 1
    assert ids(shop) == ["a", "c", "d", "hand"]
    assert run(follower, host, "/two.csv", "d,Chair").removed == 1
    assert ids(shop) == ["a", "d", "hand"]


def test_a_product_in_two_feeds_goes_when_neither_lists_it(
    host: ShopHost, shop: Shop, follower: Follower
) -> None:
    run(follower, host, "/one.csv", "a,Lamp", "both,Table")
    run(follower, host, "/two.csv", "c,Chair", "both,Table")
    assert run(follower, host, "/one.csv", "a,Lamp").removed == 0
    assert "both" in ids(shop)
    assert run(follower, host, "/two.csv", "c,Chair").removed == 1
    assert ids(shop) == ["a", "c", "hand"]


def test_the_share_that_may_go_at_once_is_that_of_the_source(
    host: ShopHost, shop: Shop, follower: Follower
) -> None:
    small, large = (
        [f"{kind}{number},Lamp" for number in range(count)] for kind, count in (("s", 20), ("l", 99))
    )
    run(follower, host, "/large.csv", *large)
    run(follower, host, "/small.csv", *small)
    failed = run(follower, host, "/small.csv", *small[:5])
    assert (failed.outcome, failed.removed) == ("failed", 0)
    assert "lacks 15 of its 20 products" in failed.detail
    assert len(shop) == 120


def test_an_empty_feed_is_refused_only_if_it_had_products(
    host: ShopHost, shop: Shop, follower: Follower
) -> None:
    assert run(follower, host, "/new.csv").outcome == "done"
    run(follower, host, "/new.csv", "a,Lamp")
    assert "lists no product at all" in run(follower, host, "/new.csv").detail
    assert ids(shop) == ["a", "hand"]


def test_products_of_a_source_that_is_followed_no_longer_stay(
    host: ShopHost, shop: Shop, follower: Follower
) -> None:
    one = follow(follower, host, "/one.csv", "a,Lamp", "b,Lamp")
    follower.run(one)
    unfollow(shop.catalog.database, one)
    # Followed again, it no longer owns what it does not list.
    run(follower, host, "/one.csv", "a,Lamp")
    assert ids(shop) == ["a", "b", "hand"]


def test_a_shop_system_removes_only_its_own_products(shop: Shop, stub: ShopStub) -> None:
    # The same group as an item of the shop.
    shop.add([Product("mine", "Plate of my own", group=stub.item_id(1))])
    source = stub.source()
    shop.catalog.database.sources.put(source.name, stub.address)
    read_source(shop, source, everything=True, prune=True)
    stub.remove(1)
    receive(shop, source, stub.delivery("deleted", 1))
    read_pending(shop, source)
    assert {"mine", "hand"} < set(ids(shop))
    stub.remove(2)
    stub.deleted.clear()
    assert read_source(shop, stub.source(), everything=True, prune=True).removed == 1
    assert set(ids(shop)) == {"mine", "hand", stub.product_id(3, 31)}


def test_a_source_that_names_a_foreign_product_as_removed_does_not_remove_it(
    shop: Shop, stub: ShopStub
) -> None:
    source = stub.source()
    shop.catalog.database.sources.put(source.name, stub.address)
    assert reconcile(shop, source, [Page(removed=["hand"])]).removed == 0
    assert ids(shop) == ["hand"]


def test_products_that_a_failed_run_added_belong_to_the_source(shop: Shop, stub: ShopStub) -> None:
    source = stub.source()
    shop.catalog.database.sources.put(source.name, stub.address)
    first = [Product(f"p{number}", "Lamp") for number in range(20)]
    reconcile(shop, source, [Page(first, complete=True)], prune=True)
    with pytest.raises(SourceError, match="lacks 20 of its 20"):
        reconcile(
            shop, source, [Page([Product("new", "Chair")], complete=True)], prune=True, most_removed=0.2
        )
    assert "new" in shop.catalog.database.source_products.ids(source.name)
