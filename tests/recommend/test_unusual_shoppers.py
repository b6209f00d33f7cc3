"""Bots, wholesalers, returns, one-item baskets, deleted products and clocks that jump."""

from __future__ import annotations

import random

import pytest

from lookalike import Event, Product, Shop

from .conftest import COLOURS, EACH, KINDS, Clock

DAY = 86_400.0
IDS = [f"{colour}-{kind}-{number}" for kind in KINDS for colour in COLOURS for number in range(EACH)]


def pairs(clock: Clock, count: int = 40) -> list[Event]:
    """Shoppers who buy the same boot and lamp together, and some who buy anything."""
    chance = random.Random(3)
    bought = [
        Event("purchase", f"s{n}", id, time=clock.now)
        for n in range(count)
        for id in ("red-boot-0", "green-lamp-3")
    ]
    return bought + [Event("purchase", f"t{n}", chance.choice(IDS), time=clock.now) for n in range(count)]


def with_boot(shop: Shop, k: int = 1) -> list[str]:
    return [hit.id for hit in shop.recommend(product="red-boot-0", k=k, placement="goes-with")]


def test_a_bot_that_views_everything_changes_nothing_that_goes_together(shop: Shop, clock: Clock) -> None:
    shop.record(pairs(clock))
    before = with_boot(shop)
    for bot in range(3):
        shop.record(Event("view", f"bot{bot}", id, time=clock.now) for id in IDS)
    assert with_boot(shop) == before == ["green-lamp-3"]


def test_a_bot_that_clicks_one_product_a_million_times_counts_as_one_shopper(
    shop: Shop, clock: Clock
) -> None:
    shop.record(Event("view", f"s{n}", "blue-scarf-1", time=clock.now - n) for n in range(12))
    shop.record(Event("click", "bot", "red-watch-5", time=clock.now - n / 10) for n in range(5_000))
    assert [each.id for each in shop.popular(2)] == ["blue-scarf-1", "red-watch-5"]


def test_a_wholesaler_with_ten_thousand_lines_relates_nothing(shop: Shop, clock: Clock) -> None:
    more = [Product(f"extra-{n}", title=f"part {n}", facets={"kind": "part"}, stock=1) for n in range(600)]
    shop.add(more)
    shop.record(pairs(clock))
    everything = [*IDS, *(product.id for product in more)]
    chance = random.Random(1)
    order = [
        Event("purchase", "wholesaler", chance.choice(everything), id=f"line {n}", time=clock.now)
        for n in range(10_000)
    ]
    shop.record(order)
    assert with_boot(shop) == ["green-lamp-3"]
    assert len(shop.recommend("wholesaler", k=10)) <= 10
    assert shop.recommend("wholesaler", k=5, placement="buy-again").hits


def test_what_was_returned_speaks_against_the_product(shop: Shop, clock: Clock) -> None:
    shop.record(pairs(clock))
    shop.record(Event("return", f"s{n}", "green-lamp-3", time=clock.now + 1) for n in range(40))
    clock.now += 60
    assert "green-lamp-3" not in with_boot(shop, 5)
    assert shop.recommend("s1", placement="buy-again").hits[0].id == "red-boot-0"
    assert len(shop.recommend("s1", placement="buy-again")) == 1


def test_baskets_of_one_item_relate_nothing_and_break_nothing(shop: Shop, clock: Clock) -> None:
    shop.record(Event("purchase", f"s{n}", IDS[n % len(IDS)], time=clock.now) for n in range(400))
    found = shop.recommend(product="red-boot-0", k=10, placement="goes-with")
    assert len(found) == 10
    assert not [reason for hit in found for reason in hit.why if reason.startswith("bought with")]


def test_a_deleted_product_leaves_no_gap_and_counts_again_when_it_returns(shop: Shop, clock: Clock) -> None:
    shop.record(pairs(clock))
    lamp = shop.product("green-lamp-3")
    shop.remove(["green-lamp-3"])
    without = with_boot(shop, 10)
    assert len(without) == 10
    assert "green-lamp-3" not in without
    assert [hit.id for hit in shop.recommend("s1", placement="buy-again")] == ["red-boot-0"]
    shop.add([lamp])
    assert with_boot(shop) == ["green-lamp-3"]


@pytest.mark.parametrize("jump", [-400 * DAY, -DAY, DAY, 400 * DAY])
def test_a_clock_that_jumps_leaves_pages_whole_and_comes_back_to_the_same(
    shop: Shop, clock: Clock, jump: float
) -> None:
    shop.record(pairs(clock))
    before = with_boot(shop)
    clock.now += jump
    shop.record([Event("view", "during", "red-boot-0")])
    assert len(shop.recommend("s1", k=10)) == 10
    assert len(with_boot(shop, 10)) == 10
    clock.now -= jump
    assert with_boot(shop) == before
    assert shop.recommend("s1", k=10).hits
