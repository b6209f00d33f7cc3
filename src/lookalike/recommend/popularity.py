"""Popular and rising products."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lookalike.recommend.graph import DAY, Floats, saturated
from lookalike.recommend.interactions import Interactions
from lookalike.recommend.item_space import ItemTable

RISING_HALF_LIFE = 3 * DAY
# A product needs this many shoppers to count as rising.
ENOUGH = 3


@dataclass(frozen=True, slots=True)
class ProductStatistics:
    """A product with its support and number of shoppers."""

    id: str
    score: float
    shoppers: int


def popular(interactions: Interactions, table: ItemTable, now: float, limit: int) -> list[ProductStatistics]:
    """The products with the most support now."""
    return _best(interactions.said_now(now), interactions, table, limit)


def rising(interactions: Interactions, table: ItemTable, now: float, limit: int) -> list[ProductStatistics]:
    """The products whose share of recent events has grown most."""
    count = len(interactions.products)
    edges = interactions.graph.edges
    said = saturated(edges.sum)
    age = now - edges.last
    lately = np.bincount(edges.product, said * np.exp2(-age / RISING_HALF_LIFE), count)
    before = np.bincount(edges.product, said * np.exp2(-age / (10 * RISING_HALF_LIFE)), count)
    expected = before * (lately.sum() / max(before.sum(), 1e-12))
    growth = (lately + 1.0) / (expected + 1.0) - 1.0
    growth[interactions.counts.shoppers[:count] < ENOUGH] = 0.0
    return _best(growth, interactions, table, limit)


def _best(
    values: Floats, interactions: Interactions, table: ItemTable, limit: int
) -> list[ProductStatistics]:
    """The existing products with the greatest values."""
    ids, shoppers = interactions.products.ids, interactions.counts.shoppers
    some = [
        number for number in np.flatnonzero(values > 1e-9).tolist() if table.slot(ids[number]) is not None
    ]
    found = sorted(some, key=lambda number: (-round(float(values[number]), 6), ids[number]))[:limit]
    return [ProductStatistics(ids[number], float(values[number]), int(shoppers[number])) for number in found]
