"""For you, goes with this, similar alternatives, buy again."""

from __future__ import annotations

import pytest

from lookalike import Event, Rule, Shop
from lookalike.errors import BadQuery
from lookalike.types import Recommendations

from .conftest import Clock

DAY = 86_400.0


def ids(found: Recommendations) -> list[str]:
    return [hit.id for hit in found]


def bought_together(shop: Shop, clock: Clock, count: int = 30) -> None:
    """Boots are bought with lamps, and red boots are viewed with blue ones."""
    for number in range(count):
        shop.record(
            Event("purchase", f"s{number}", product, time=clock.now - DAY)
            for product in ("red-boot-0", "green-lamp-3")
        )


def test_what_goes_with_a_product_is_bought_with_it_and_need_not_look_like_it(
    shop: Shop, clock: Clock
) -> None:
    bought_together(shop, clock)
    best = shop.recommend(product="red-boot-0", placement="goes-with")[0]
    assert best.id == "green-lamp-3"
    assert "bought with 'red boot' by 30 shoppers" in best.why


def test_alternatives_look_and_read_like_the_product_whatever_is_bought_with_it(
    shop: Shop, clock: Clock
) -> None:
    bought_together(shop, clock)
    found = shop.recommend(product="red-boot-0", placement="similar", k=5)
    assert ids(found) == [f"red-boot-{number}" for number in range(1, 6)]


def test_alternatives_to_a_product_do_not_depend_on_the_shopper_s_taste(shop: Shop, clock: Clock) -> None:
    shop.record(Event("click", "ann", f"green-watch-{number}") for number in range(4))
    found = shop.recommend(shopper="ann", product="red-boot-0", placement="similar", k=5)
    assert ids(found) == [f"red-boot-{number}" for number in range(1, 6)]


def test_what_the_shopper_has_is_no_alternative(shop: Shop) -> None:
    shop.record([Event("purchase", "ann", "red-boot-1")])
    assert "red-boot-1" not in ids(shop.recommend("ann", "red-boot-0", placement="similar", k=50))


def test_what_is_bought_regularly_is_offered_again_when_it_is_due(shop: Shop, clock: Clock) -> None:
    for shopper in ("ann", "bob"):
        shop.record(
            Event("purchase", shopper, "red-lamp-0", time=clock.now - age * DAY) for age in (90, 60, 30)
        )
        shop.record([Event("purchase", shopper, "blue-boot-0", time=clock.now - 30 * DAY)])
    found = shop.recommend(shopper="ann", placement="buy-again")
    assert ids(found) == ["red-lamp-0", "blue-boot-0"]
    assert found[0].why == ("you bought this 3 times, about every 30 days",)
    assert found[1].why == ("you bought this before",)


def test_what_was_just_bought_can_wait(shop: Shop, clock: Clock) -> None:
    for product, last in (("red-lamp-0", 1), ("blue-lamp-0", 30)):
        shop.record(
            Event("purchase", "ann", product, time=clock.now - (last + age) * DAY) for age in (60, 30, 0)
        )
    assert ids(shop.recommend(shopper="ann", placement="buy-again")) == ["blue-lamp-0", "red-lamp-0"]


def test_what_was_returned_is_not_offered_again(shop: Shop) -> None:
    shop.record([Event("purchase", "ann", "red-lamp-0"), Event("return", "ann", "red-lamp-0")])
    assert ids(shop.recommend(shopper="ann", placement="buy-again")) == []


def test_an_order_of_many_lines_on_one_day_is_one_purchase_of_each(shop: Shop, clock: Clock) -> None:
    shop.record(Event("purchase", "ann", "red-lamp-0", f"line-{n}", clock.now) for n in range(20))
    assert shop.recommend(shopper="ann", placement="buy-again")[0].why == ("you bought this before",)


def test_rules_filters_and_stock_hold_for_buying_again(shop: Shop) -> None:
    shop.record(Event("purchase", "ann", id) for id in ("red-lamp-0", "red-boot-0", "blue-boot-0"))
    shop.put_rules([Rule("recall", "hide", products=("red-boot-0",))])
    found = shop.recommend(shopper="ann", placement="buy-again", where={"kind": "boot"})
    assert ids(found) == ["blue-boot-0"]


def test_a_new_shopper_buys_nothing_again(shop: Shop) -> None:
    assert ids(shop.recommend(shopper="new", placement="buy-again")) == []


@pytest.mark.parametrize(
    ("placement", "message"),
    [
        ("goes-with", "needs at least one product"),
        ("similar", "needs at least one product"),
        ("buy-again", "needs a shopper"),
        ("sidebar", "Use one of for-you, goes-with, similar, buy-again"),
    ],
)
def test_a_placement_that_lacks_its_start_says_what_to_pass(shop: Shop, placement: str, message: str) -> None:
    with pytest.raises(BadQuery, match=message):
        shop.recommend(placement=placement)  # pyright: ignore[reportArgumentType]
