"""Distributions of facets and prices."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from lookalike.analysis.snapshot import Snapshot
from lookalike.text import label

MOST_VALUES = 30
PRICE_BINS = 20
MOST_CATEGORIES = 12


@dataclass(frozen=True, slots=True)
class Distribution:
    """The values of a facet with their counts, the most frequent first."""

    facet: str
    values: dict[str, int]
    others: int
    missing: int


@dataclass(frozen=True, slots=True)
class Prices:
    """A histogram of the prices in the most frequent currency, and quartiles by category.

    `others` counts the products with prices in other currencies.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    quartiles: dict[str, tuple[float, float, float]]
    missing: int
    currency: str = ""
    others: int = 0


@dataclass(frozen=True, slots=True)
class Distributions:
    """All distributions of a catalog."""

    products: int
    facets: tuple[Distribution, ...]
    prices: Prices | None
    crossed: dict[str, dict[str, int]]

    def as_json(self) -> dict[str, Any]:
        """The distributions as JSON."""
        return asdict(self)


def distributions(snapshot: Snapshot) -> Distributions:
    """Count facet values and prices."""
    category, colour = snapshot.category(), snapshot.colour()
    first = [name for name in (category, colour) if name]
    names = [*dict.fromkeys([*first, *snapshot.facets()])]
    crossed: dict[str, dict[str, int]] = {}
    if category and colour and category != colour:
        kinds = Counter(snapshot.labels(category).tolist())
        shown = [kind for kind, _ in kinds.most_common() if kind][:MOST_CATEGORIES]
        colours = snapshot.labels(colour)
        for kind in shown:
            inside = Counter(colours[snapshot.labels(category) == kind].tolist())
            crossed[kind] = {value: count for value, count in inside.most_common(MOST_CATEGORIES) if value}
    return Distributions(
        products=len(snapshot),
        facets=tuple(_distribution(snapshot, name) for name in names),
        prices=_prices(snapshot, category),
        crossed=crossed,
    )


def _distribution(snapshot: Snapshot, name: str) -> Distribution:
    counts = Counter(label(product.facets.get(name)) for product in snapshot.products)
    missing = counts.pop("", 0)
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    others = sum(count for _, count in ordered[MOST_VALUES:])
    return Distribution(name, dict(ordered[:MOST_VALUES]), others, missing)


def _prices(snapshot: Snapshot, category: str) -> Prices | None:
    currencies = Counter(product.currency for product in snapshot.products if product.price is not None)
    if not currencies:
        return None
    currency, most = currencies.most_common(1)[0]
    priced = [
        (product.price, product)
        for product in snapshot.products
        if product.price is not None and product.currency == currency
    ]
    prices = np.array([price for price, _ in priced], np.float64)
    # A single mistyped price would put all others into one bin.
    top = float(np.quantile(prices, 0.99)) if len(prices) > 100 else float(prices.max())
    edges = np.linspace(float(prices.min()), max(top, float(prices.min()) + 1e-9), PRICE_BINS + 1)
    counts, _ = np.histogram(np.minimum(prices, edges[-1]), edges)
    quartiles: dict[str, tuple[float, float, float]] = {}
    kinds = np.array([label(product.facets.get(category)) if category else "" for _, product in priced])
    for kind, _ in Counter(kinds.tolist()).most_common(MOST_CATEGORIES):
        low, middle, high = (
            round(float(each), 2) for each in np.quantile(prices[kinds == kind], (0.25, 0.5, 0.75))
        )
        quartiles[kind or "(all)"] = (low, middle, high)
    return Prices(
        edges=tuple(round(float(edge), 2) for edge in edges),
        counts=tuple(int(count) for count in counts),
        quartiles=quartiles,
        missing=len(snapshot) - currencies.total(),
        currency=currency,
        others=currencies.total() - most,
    )
