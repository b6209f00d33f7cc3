"""A shop system that is followed: what its runs ask for, and what they do when the shop is in trouble."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from lookalike import Shop
from lookalike.database.source_runs import Schedule, StoredRun
from lookalike.errors import Conflict
from lookalike.sync.follow import Follower
from support.shops.articles import Article, Piece
from support.shops.stub import ShopStub

EVERY = timedelta(minutes=15)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with Shop.open(str(tmp_path / "shop.db"), "pixels") as shop:
        yield shop


@pytest.fixture
def alerts() -> list[StoredRun]:
    return []


@pytest.fixture
def follower(shop: Shop, stub: ShopStub, alerts: list[StoredRun]) -> Follower:
    """Follows the shop by the stub's clock, since a moment ago."""
    follower = Follower(
        shop,
        lambda: stub.now.timestamp(),
        lambda url, run: alerts.append(run),
        lambda address: stub.source(),
    )
    source = stub.source()
    schedule = Schedule(source.name, EVERY.total_seconds(), alert="https://alerts.example")
    follower.follow(source, stub.address, schedule)
    return follower


def run(follower: Follower, stub: ShopStub) -> StoredRun:
    """The next run, when it is due."""
    (name,) = follower.due()
    stub.asked.clear()
    result = follower.run(name)
    stub.now += EVERY
    return result


def test_a_shop_is_followed_from_empty_to_full_and_its_changes_are_found(
    shop: Shop, stub: ShopStub, follower: Follower
) -> None:
    assert run(follower, stub).added == 4
    stub.reprice(2, "17.00")
    stub.put(Article(4, "Walnut tray", [Piece(41, "30.00")]))
    stub.remove(3)
    second = run(follower, stub)
    assert (second.outcome, second.added, second.updated, second.removed) == ("done", 1, 1, 1)
    assert shop.search(text="oak box")[0].product.price == 17
    assert shop.search(text="walnut tray")[0].id == stub.product_id(4, 41)
    third = run(follower, stub)
    assert (third.added, third.updated, third.removed) == (0, 0, 0)


def test_everything_is_read_once_a_day_so_what_the_shop_does_not_report_goes(
    shop: Shop, stub: ShopStub, follower: Follower
) -> None:
    run(follower, stub)
    # Deleted without a trace.
    stub.remove(3)
    stub.deleted.clear()
    stub.now += timedelta(hours=22)
    assert run(follower, stub).removed == 0
    stub.now += timedelta(hours=2)
    assert run(follower, stub).removed == 1
    assert len(shop) == 3


def test_an_item_that_failed_is_read_again_by_its_id_and_nothing_else_is(
    shop: Shop, stub: ShopStub, follower: Follower
) -> None:
    run(follower, stub)
    stub.articles[4] = Article(4, "Walnut tray", [Piece(41, "30.00")], changed=stub.now)
    stub.photos_are_down = True
    assert run(follower, stub).outcome == "partly"
    stub.photos_are_down = False
    stub.now += timedelta(hours=1)
    again = run(follower, stub)
    assert (again.outcome, again.added, again.unchanged) == ("done", 1, 0)
    assert shop.product(stub.product_id(4, 41)).photos
    assert run(follower, stub).added == 0


def test_a_shop_that_answers_500_for_an_hour_loses_nothing_and_alerts_once(
    shop: Shop, stub: ShopStub, follower: Follower, alerts: list[StoredRun]
) -> None:
    run(follower, stub)
    before = shop.products()
    stub.down = True
    for _ in range(4):
        failed = run(follower, stub)
        assert (failed.outcome, failed.removed) == ("failed", 0)
        assert "answered 500" in failed.detail
        assert "the next run tries again" in failed.detail
    assert shop.products() == before
    stub.down = False
    stub.reprice(2, "17.00")
    assert run(follower, stub).updated == 1
    assert [alert.outcome for alert in alerts] == ["failed", "done"]


def test_a_revoked_token_loses_nothing_and_says_what_to_check(
    shop: Shop, stub: ShopStub, follower: Follower, alerts: list[StoredRun]
) -> None:
    run(follower, stub)
    before = shop.products()
    stub.revoked = True
    failed = run(follower, stub)
    assert (failed.outcome, failed.removed) == ("failed", 0)
    assert "token" in failed.detail
    assert shop.products() == before
    assert len(alerts) == 1


def test_after_an_expired_cursor_everything_is_compared(
    shop: Shop, stub: ShopStub, follower: Follower
) -> None:
    run(follower, stub)
    stub.remove(3)
    stub.deleted.clear()
    stub.reprice(2, "17.00")
    # The server stood still for longer than any shop reports deletions.
    stub.now += timedelta(days=60)
    late = run(follower, stub)
    assert (late.outcome, late.updated, late.removed) == ("done", 1, 1)


def test_a_shop_that_dropped_most_products_loses_none_until_a_person_decides(
    shop: Shop, stub: ShopStub, follower: Follower
) -> None:
    for number in range(50, 90):
        stub.put(Article(number, f"Candle {number}", [Piece(number * 10, "2.00")], photos=()))
    assert run(follower, stub).added == 44
    for number in range(50, 90):
        stub.remove(number)
    failed = run(follower, stub)
    assert (failed.outcome, failed.removed, len(shop)) == ("failed", 0, 44)
    assert "lacks 40 of its 44 products" in failed.detail


def test_a_second_run_at_once_is_refused_and_changes_nothing(
    shop: Shop, stub: ShopStub, follower: Follower
) -> None:
    run(follower, stub)
    name = stub.source().name
    now = stub.now.timestamp()
    assert shop.catalog.database.source_runs.claim(name, now, now + 60, now)
    with pytest.raises(Conflict, match="already in progress"):
        follower.run(name)
    assert len(shop.catalog.database.source_runs.runs(name)) == 1


def test_call_us_and_an_empty_price_are_reported_and_the_product_stays(
    shop: Shop, stub: ShopStub, follower: Follower
) -> None:
    run(follower, stub)
    stub.reprice(3, "call us")
    partly = run(follower, stub)
    assert (partly.outcome, partly.removed, len(shop)) == ("partly", 0, 4)
    assert "'call us' is not a price" in partly.problems[0].reason
    assert shop.product(stub.product_id(3, 31)).price is None
