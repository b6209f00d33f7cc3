"""What the events tell the shop."""

from __future__ import annotations

import pytest

from lookalike import Event, Shop
from lookalike.catalog.update import ProductUpdate

from .conftest import Clock

DAY = 86_400.0


def test_what_most_shoppers_choose_is_popular(shop: Shop) -> None:
    shop.record([Event("view", f"s{n}", "red-watch-0") for n in range(5)])
    shop.record([Event("view", f"s{n}", "red-boot-0") for n in range(3)])
    assert [(each.id, each.shoppers) for each in shop.popular()] == [("red-watch-0", 5), ("red-boot-0", 3)]


def test_what_is_chosen_lately_rises_above_what_always_was(shop: Shop, clock: Clock) -> None:
    old, new = clock.now - 40 * DAY, clock.now - DAY
    shop.record([Event("cart", f"s{n}", "red-watch-0", time=old) for n in range(30)])
    shop.record([Event("cart", f"t{n}", "red-boot-0", time=new) for n in range(6)])
    assert shop.popular(1)[0].id == "red-watch-0"
    assert shop.rising(1)[0].id == "red-boot-0"


def test_searches_that_nothing_answers_are_gaps_those_of_one_meaning_together(shop: Shop) -> None:
    for words, times in (("waterproof tent", 3), ("tent", 2), ("red watch", 9), ("kayak", 1)):
        shop.record([Event("search", f"s{n}", query=words) for n in range(times)])
    gaps = shop.gaps()
    assert [(set(gap.searches), gap.count) for gap in gaps] == [
        ({"waterproof tent", "tent"}, 5),
        ({"kayak"}, 1),
    ]


def test_a_gap_closes_when_the_shop_sells_it(shop: Shop) -> None:
    from lookalike import Product

    shop.record([Event("search", "ann", query="kayak")])
    assert shop.gaps()
    shop.add([Product("k1", "a green kayak")])
    assert not shop.gaps()


def test_positions_have_their_click_and_conversion_rates(shop: Shop) -> None:
    shop.record([Event("impression", f"s{n}", "red-watch-0", position=1) for n in range(10)])
    shop.record([Event("click", f"s{n}", "red-watch-0", position=1) for n in range(4)])
    shop.record([Event("purchase", "s1", "red-watch-0", position=1)])
    (place,) = shop.positions()
    assert place.click_rate == pytest.approx(0.4)
    assert place.conversion_rate == pytest.approx(0.25)


def test_impressions_speak_for_nothing(shop: Shop) -> None:
    shop.record([Event("impression", f"s{n}", "red-watch-0", position=1) for n in range(10)])
    assert shop.popular() == []


def test_searches_are_told_with_what_followed(shop: Shop) -> None:
    shop.record([Event("search", f"s{n}", query="red watch") for n in range(3)])
    shop.record([Event("click", "s1", "red-watch-0", query="red watch")])
    (asked,) = shop.searches()
    assert (asked.query, asked.searches, asked.clicks, asked.purchases) == ("red watch", 3, 1, 0)


def test_a_search_that_is_refined_or_come_back_to_counts_once(shop: Shop, clock: Clock) -> None:
    minutes = (0, 1, 2, 20, 45, 120)
    shop.record(
        [Event("search", "ann", query="red watch", time=clock.now - 60 * (120 - at)) for at in minutes]
        + [Event("search", "bob", query="red watch", time=clock.now - 60 * 119)]
    )
    (asked,) = shop.searches()
    # Ann's intents begin at minute 0 and 120: from 20 to 45 are no 30 minutes.
    assert asked.searches == 3
    assert shop.overview().searches == 3


def test_the_overview_adds_up_what_shoppers_did(shop: Shop, clock: Clock) -> None:
    yesterday = clock.now - DAY
    shop.update([ProductUpdate("red-watch-0", {"price": 19.9, "currency": "EUR"})])
    shop.record(
        [
            Event("search", "ann", query="red watch", time=yesterday),
            Event("click", "ann", "red-watch-0", query="red watch", time=yesterday + 20),
            Event("search", "bob", query="kayak", time=clock.now - 10),
            Event("cart", "ann", "red-watch-0", time=yesterday + 30),
            Event("purchase", "ann", "red-watch-0", time=yesterday + 40),
            Event("purchase", "bob", "gone", time=clock.now - 5),
            Event("purchase", "cid", "red-watch-0", time=clock.now - 9 * DAY),
        ]
    )
    found = shop.overview(days=7)
    assert (found.searches, found.clicked_searches, found.shoppers) == (2, 1, 2)
    assert (found.clicks, found.carts, found.purchases) == (1, 1, 2)
    assert (found.revenue, found.unpriced) == ({"EUR": 19.9}, 1)
    assert [(day.searches, day.clicks, day.purchases) for day in found.days[-2:]] == [(1, 1, 1), (1, 0, 1)]
    assert shop.overview(days=30).purchases == 3


def test_a_product_that_is_gone_is_not_popular(shop: Shop) -> None:
    shop.record([Event("purchase", f"s{number}", id) for number in range(3) for id in ("red-boot-0", "gone")])
    assert [standing.id for standing in shop.popular()] == ["red-boot-0"]
    shop.remove(["red-boot-0"])
    assert shop.popular() == shop.rising() == []
