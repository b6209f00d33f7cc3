"""Recommendations measured on the shop's own log."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from lookalike import Event, Product, Shop
from lookalike.analysis.evaluate.behaviour import COMPONENTS, evaluate_behaviour
from lookalike.catalog.catalog import Catalog
from lookalike.errors import BadQuery

NOW = 1_790_000_000.0
DAY = 86_400.0
CIRCLES = 6


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with Shop(Catalog.open(tmp_path / "shop.db", "pixels"), clock=lambda: NOW) as shop:
        shop.add(Product(f"p{number}", f"thing {number}") for number in range(72))
        yield shop


def circles(shoppers: int) -> list[Event]:
    """Each shopper chooses six of the twelve products of a circle, one every ten days."""
    chance = random.Random(3)
    return [
        Event("purchase", f"s{shopper}", f"p{product}", f"{shopper}-{product}", NOW - (60 - 10 * part) * DAY)
        for shopper in range(shoppers)
        for part, product in enumerate(
            chance.sample(range(shopper % CIRCLES * 12, shopper % CIRCLES * 12 + 12), 6)
        )
    ]


def test_recommendations_beat_popularity_where_shoppers_have_something_in_common(shop: Shop) -> None:
    shop.record(circles(48))
    report = evaluate_behaviour(shop)
    figures = {each.name: each for each in report.figures}
    assert set(figures) == {"blend", *COMPONENTS, "popularity", "co-purchase", "EASE"}
    assert report.shoppers == 48
    for name in ("blend", "item models", "co-purchase", "EASE"):
        assert figures[name].ndcg.mean > 2 * figures["popularity"].ndcg.mean
        assert figures[name].coverage > figures["popularity"].coverage
        assert figures[name].hit_rate.margin >= 0


def test_a_shop_with_few_shoppers_says_what_to_do(shop: Shop) -> None:
    shop.record(circles(6))
    with pytest.raises(BadQuery, match="events import"):
        evaluate_behaviour(shop)
