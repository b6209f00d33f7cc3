"""Shoppers and products as one graph: an edge sums up all that one shopper did with one product.

Edges lie sorted by shopper, with an order by product beside; new ones wait behind them until there are
enough to sort again. An edge holds the sum of its events' weights as it was at the time of the last one,
so that the order in which events arrive changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

DAY = 86_400.0
HALF_LIFE = 60 * DAY
MOST_WAITING = 20_000
# However often somebody clicks, it says no more than a few purchases.
MOST_WEIGHT = 31.0

EDGE = np.dtype(
    [("shopper", "i4"), ("product", "i4"), ("sum", "f8"), ("last", "f8"), ("kinds", "i4"), ("bought", "i4")]
)


@dataclass(frozen=True, slots=True)
class Deeds:
    """Events as columns of numbers."""

    shopper: Ints
    product: Ints
    time: Floats
    weight: Floats
    kind: Ints
    bought: Ints


@dataclass(frozen=True, slots=True)
class Difference:
    """What a batch of events did to its edges: how much each one said before, says now, and when."""

    product: Ints
    before: Floats
    before_at: Floats
    after: Floats
    after_at: Floats


class Graph:
    """All edges, found by shopper and by product."""

    def __init__(self) -> None:
        self._edges: NDArray[Any] = np.zeros(0, EDGE)
        self._count = 0
        self._sorted = 0
        self._keys: Ints = np.zeros(0, np.int64)
        self._shopper_starts: Ints = np.zeros(1, np.int64)
        self._by_product: Ints = np.zeros(0, np.int64)
        self._product_starts: Ints = np.zeros(1, np.int64)
        self._waiting: dict[int, int] = {}
        self._waiting_of_shopper: dict[int, list[int]] = {}
        self._waiting_of_product: dict[int, list[int]] = {}

    def __len__(self) -> int:
        return self._count

    @property
    def edges(self) -> NDArray[Any]:
        """Every edge, in no order that means anything."""
        return self._edges[: self._count]

    def take_in(self, deeds: Deeds) -> Difference:
        """Add events to the edges they belong to."""
        keys, owner = np.unique(deeds.shopper << 32 | deeds.product, return_inverse=True)
        last = np.full(len(keys), -np.inf)
        np.maximum.at(last, owner, deeds.time)
        decayed = deeds.weight * np.exp2((deeds.time - last[owner]) / HALF_LIFE)
        total = np.bincount(owner, decayed, len(keys))
        bought = np.bincount(owner, deeds.bought, len(keys)).astype(np.int64)
        kinds = np.zeros(len(keys), np.int64)
        np.bitwise_or.at(kinds, owner, deeds.kind)
        places = self._places(keys)
        edges = self._edges
        before, before_at = edges["sum"][places].copy(), edges["last"][places].copy()
        latest = np.maximum(before_at, last)
        edges["sum"][places] = before * np.exp2((before_at - latest) / HALF_LIFE) + total * np.exp2(
            (last - latest) / HALF_LIFE
        )
        edges["last"][places] = latest
        edges["kinds"][places] |= kinds.astype(np.int32)
        edges["bought"][places] += bought.astype(np.int32)
        difference = Difference(
            edges["product"][places].astype(np.int64),
            told(before),
            before_at,
            told(edges["sum"][places]),
            latest,
        )
        if self._count - self._sorted > MOST_WAITING:
            self._sort()
        return difference

    def _places(self, keys: Ints) -> Ints:
        """Where edges are; new ones get a place at the end."""
        places = np.searchsorted(self._keys, keys)
        found = places < len(self._keys)
        found[found] = self._keys[places[found]] == keys[found]
        for position in np.flatnonzero(~found):
            key = int(keys[position])
            place = self._waiting.get(key)
            if place is None:
                place = self._append(key)
            places[position] = place
        return places

    def _append(self, key: int) -> int:
        if self._count == len(self._edges):
            grown = np.zeros(max(1024, self._count * 3 // 2), EDGE)
            grown[: self._count] = self._edges
            self._edges = grown
        place, shopper, product = self._count, key >> 32, key & 0xFFFFFFFF
        self._edges[place] = (shopper, product, 0.0, 0.0, 0, 0)
        self._count += 1
        self._waiting[key] = place
        self._waiting_of_shopper.setdefault(shopper, []).append(place)
        self._waiting_of_product.setdefault(product, []).append(place)
        return place

    def _sort(self) -> None:
        edges = self.edges
        keys = edges["shopper"].astype(np.int64) << 32 | edges["product"]
        order = np.argsort(keys, kind="stable")
        self._edges, self._keys = edges[order], keys[order]
        self._count = self._sorted = len(order)
        self._shopper_starts = _starts(self._edges["shopper"])
        self._by_product = np.argsort(self._edges["product"], kind="stable")
        self._product_starts = _starts(self._edges["product"])
        self._waiting.clear()
        self._waiting_of_shopper.clear()
        self._waiting_of_product.clear()

    def of_shopper(self, shopper: int) -> Ints:
        """The places of a shopper's edges."""
        start, stop = _span(self._shopper_starts, shopper)
        waiting = np.array(self._waiting_of_shopper.get(shopper, ()), np.int64)
        return np.concatenate((np.arange(start, stop), waiting))

    def of_products(self, products: Ints) -> tuple[Ints, Ints]:
        """The places of several products' edges, and which of the products each belongs to."""
        spots, owners = _spans(self._product_starts, products)
        return _with_waiting(self._by_product[spots], owners, products, self._waiting_of_product)

    def of_shoppers(self, shoppers: Ints) -> tuple[Ints, Ints]:
        """The places of several shoppers' edges, and which of the shoppers each belongs to."""
        places, owners = _spans(self._shopper_starts, shoppers)
        return _with_waiting(places, owners, shoppers, self._waiting_of_shopper)


def _starts(owners: NDArray[np.int32]) -> Ints:
    """Where the edges of each owner begin, once they are sorted by owner, and where the last one's end."""
    counts = np.bincount(owners)
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(counts)))


def _span(starts: Ints, owner: int) -> tuple[int, int]:
    return (int(starts[owner]), int(starts[owner + 1])) if owner + 1 < len(starts) else (0, 0)


def _spans(starts: Ints, owners: Ints) -> tuple[Ints, Ints]:
    """The sorted places of several owners, and the position of the owner of each."""
    # Those who came since the last sorting end where they begin.
    last = len(starts) - 1
    begins = starts[np.minimum(owners, last)]
    counts = starts[np.minimum(owners + 1, last)] - begins
    positions = np.repeat(np.arange(len(owners)), counts)
    offsets = np.arange(len(positions)) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(begins, counts) + offsets, positions


def _with_waiting(
    places: Ints, positions: Ints, owners: Ints, waiting: dict[int, list[int]]
) -> tuple[Ints, Ints]:
    more = [
        (place, position)
        for position, owner in enumerate(owners.tolist())
        for place in waiting.get(owner, ())
    ]
    if not more:
        return places, positions
    added = np.array(more, np.int64)
    return np.concatenate((places, added[:, 0])), np.concatenate((positions, added[:, 1]))


def told(total: Floats) -> Floats:
    """How much a sum of weights says: each further event says less; what speaks against says nothing here."""
    return np.log2(1.0 + np.clip(total, 0.0, MOST_WEIGHT))
