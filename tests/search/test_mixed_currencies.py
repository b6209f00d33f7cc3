"""Prices in several currencies are never compared with each other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lookalike import Product, Shop
from lookalike.analysis.explore.distributions import distributions
from lookalike.analysis.snapshot import Snapshot

PRICES = {"EUR": (30, 10, 20), "JPY": (900, 5), "USD": (1,)}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with Shop.open(str(tmp_path / "shop.db"), "pixels") as shop:
        shop.add(
            Product(f"{currency}-{price}", "Red cup", "for tea", price=price, currency=currency)
            for currency, prices in PRICES.items()
            for price in prices
        )
        yield shop


@pytest.mark.parametrize(
    ("sort", "ids"),
    [
        ("price", ["EUR-10", "EUR-20", "EUR-30", "JPY-5", "JPY-900", "USD-1"]),
        ("-price", ["EUR-30", "EUR-20", "EUR-10", "JPY-900", "JPY-5", "USD-1"]),
    ],
)
def test_prices_are_sorted_within_their_currency(shop: Shop, sort: str, ids: list[str]) -> None:
    assert [hit.id for hit in shop.search(text="cup", sort=sort)] == ids


def test_a_currency_can_be_counted_and_chosen(shop: Shop) -> None:
    found = shop.search(text="cup", count=["currency", "price"], where={"currency": "JPY"})
    assert {each.value: each.count for each in found.counts["currency"]} == {"EUR": 3, "JPY": 2, "USD": 1}
    assert {each.value for each in found.counts["price"]} == {900, 5}
    assert {hit.id for hit in found} == {"JPY-900", "JPY-5"}


def test_the_spread_of_prices_is_of_one_currency(shop: Shop) -> None:
    prices = distributions(Snapshot.of(shop)).prices
    assert prices is not None
    assert (prices.currency, prices.others, prices.missing) == ("EUR", 3, 0)
    assert (prices.edges[0], prices.edges[-1], sum(prices.counts)) == (10, 30, 3)


def test_a_currency_in_a_query_is_no_filter(shop: Shop) -> None:
    found = shop.search(text="cup under 15 eur")
    assert found.interpretation is not None
    assert [chip.kind for chip in found.interpretation.chips] == ["price"]
