"""Shoppers and products as one graph: an edge sums up all that one shopper did with one product.

Edges lie sorted by shopper, with an order by product beside; new ones wait behind them until there are
enough to sort again. An edge holds the sum of its events' weights as it was at the time of the last one,
so that the order in which events arrive changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

DAY = 86_400.0
HALF_LIFE = 60 * DAY
MOST_WAITING = 20_000
# So many new edges at once are sorted in rather than kept waiting one by one.
MANY_AT_ONCE = 2_000
# The weight of one shopper for a product is limited to a few purchases.
MOST_WEIGHT = 31.0


@dataclass(frozen=True, slots=True)
class EventColumns:
    """Events as NumPy columns."""

    shopper: Ints
    product: Ints
    time: Floats
    weight: Floats
    kind: Ints
    bought: Ints

    def at(self, some: Mask) -> EventColumns:
        """Some of the events."""
        return EventColumns(*(getattr(self, each.name)[some] for each in fields(self)))

    @classmethod
    def joined(cls, pieces: Sequence[EventColumns]) -> EventColumns:
        """Concatenate events."""
        every = (cls(*map(_none, (np.int64, np.int64, np.float64, np.float64, np.int64, np.int64))), *pieces)
        return cls(*(np.concatenate([getattr(piece, each.name) for piece in every]) for each in fields(cls)))


def _none(kind: type[Any]) -> NDArray[Any]:
    return np.zeros(0, kind)


@dataclass(frozen=True, slots=True)
class Difference:
    """What a batch of events did to its edges: how much more each one says, and whether it began or ceased
    to say anything."""

    product: Ints
    said: Floats
    heard: Ints


@dataclass(slots=True)
class Edges:
    """Edges as columns; `said` is what each says, grown or faded to the moment that the graph counts from."""

    shopper: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    product: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    sum: Floats = field(default_factory=lambda: np.zeros(0))
    last: Floats = field(default_factory=lambda: np.zeros(0))
    said: Floats = field(default_factory=lambda: np.zeros(0))
    kinds: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    bought: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))

    def __len__(self) -> int:
        return len(self.shopper)

    def at(self, places: Ints | slice) -> Edges:
        """Some of the edges."""
        return Edges(*(getattr(self, each.name)[places] for each in fields(self)))

    def make_room(self, length: int) -> None:
        """Have that many edges, the new ones empty."""
        for each in fields(self):
            column = getattr(self, each.name)
            setattr(self, each.name, np.append(column, np.zeros(length - len(column), column.dtype)))


class Graph:
    """All edges, found by shopper and by product."""

    def __init__(self, since: float) -> None:
        self.since = since
        self._edges = Edges()
        self._count = 0
        self._sorted = 0
        self._keys: Ints = np.zeros(0, np.int64)
        self._shopper_starts: Ints = np.zeros(1, np.int64)
        self._by_product: Ints = np.zeros(0, np.int64)
        self._product_starts: Ints = np.zeros(1, np.int64)
        self._waiting: dict[int, int] = {}
        self._waiting_of_shopper: dict[int, list[int]] = {}
        self._waiting_of_product: dict[int, list[int]] = {}

    @classmethod
    def restored(cls, since: float, edges: Edges) -> Graph:
        """A graph out of a file."""
        graph = cls(since)
        graph._edges, graph._count = edges, len(edges)
        graph._sort()
        return graph

    def copy_of_edges(self) -> Edges:
        """Every edge, as of now."""
        return self._edges.at(np.arange(self._count))

    def __len__(self) -> int:
        return self._count

    @property
    def edges(self) -> Edges:
        """Every edge, in no order that means anything; what lies behind the last one is empty."""
        return self._edges

    def take_in(self, events: EventColumns) -> Difference:
        """Add events to the edges they belong to."""
        keys, owner = np.unique(events.shopper << 32 | events.product, return_inverse=True)
        last = np.full(len(keys), -np.inf)
        np.maximum.at(last, owner, events.time)
        decayed = events.weight * np.exp2((events.time - last[owner]) / HALF_LIFE)
        total = np.bincount(owner, decayed, len(keys))
        bought = np.bincount(owner, events.bought, len(keys)).astype(np.int32)
        kinds = np.zeros(len(keys), np.int32)
        np.bitwise_or.at(kinds, owner, events.kind.astype(np.int32))
        places = self._places(keys)
        edges = self._edges
        before, before_at, said = edges.sum[places], edges.last[places], edges.said[places]
        latest = np.maximum(before_at, last)
        after = before * np.exp2((before_at - latest) / HALF_LIFE) + total * np.exp2(
            (last - latest) / HALF_LIFE
        )
        edges.sum[places] = after
        edges.last[places] = latest
        edges.said[places] = saturated(after) * np.exp2((latest - self.since) / HALF_LIFE)
        edges.kinds[places] |= kinds
        edges.bought[places] += bought
        more = edges.said[places] - said
        heard = (after > 0).astype(np.int64) - (before > 0)
        difference = Difference(edges.product[places], more, heard)
        if self._count - self._sorted > MOST_WAITING:
            self._sort()
        return difference

    def _places(self, keys: Ints) -> Ints:
        """Where edges are; new ones get a place at the end."""
        places, found = self._sorted_places(keys)
        if len(keys) - np.count_nonzero(found) > MANY_AT_ONCE:
            self._add_sorted(keys[~found])
            places, found = self._sorted_places(keys)
        for position in np.flatnonzero(~found):
            key = int(keys[position])
            place = self._waiting.get(key)
            if place is None:
                place = self._append(key)
            places[position] = place
        return places

    def _sorted_places(self, keys: Ints) -> tuple[Ints, Mask]:
        """Where keys are, or would be, among the sorted edges, and which are."""
        places = np.searchsorted(self._keys, keys)
        found = places < len(self._keys)
        found[found] = self._keys[places[found]] == keys[found]
        return places, found

    def _add_sorted(self, keys: Ints) -> None:
        """Add many edges at once, those that wait already excepted, and sort."""
        waiting = np.fromiter(self._waiting, np.int64, len(self._waiting))
        new = np.setdiff1d(keys, waiting)
        end = self._count + len(new)
        if end > len(self._edges):
            self._edges.make_room(max(end, self._count * 3 // 2))
        added = slice(self._count, end)
        self._edges.shopper[added], self._edges.product[added] = new >> 32, new & 0xFFFFFFFF
        self._count = end
        self._sort()

    def _append(self, key: int) -> int:
        if self._count == len(self._edges):
            self._edges.make_room(max(1024, self._count * 3 // 2))
        place, shopper, product = self._count, key >> 32, key & 0xFFFFFFFF
        self._edges.shopper[place], self._edges.product[place] = shopper, product
        self._count += 1
        self._waiting[key] = place
        self._waiting_of_shopper.setdefault(shopper, []).append(place)
        self._waiting_of_product.setdefault(product, []).append(place)
        return place

    def _sort(self) -> None:
        edges = self._edges.at(slice(self._count))
        keys = edges.shopper << 32 | edges.product
        if (keys[1:] > keys[:-1]).all():
            self._edges, self._keys = edges, keys
        else:
            order = np.argsort(keys, kind="stable")
            self._edges, self._keys = edges.at(order), keys[order]
        self._sorted = self._count
        self._shopper_starts = _starts(self._edges.shopper)
        self._by_product = np.argsort(self._edges.product, kind="stable")
        self._product_starts = _starts(self._edges.product)
        self._waiting.clear()
        self._waiting_of_shopper.clear()
        self._waiting_of_product.clear()

    def of_shopper(self, shopper: int) -> Ints:
        """The places of a shopper's edges."""
        return self.of_shoppers(np.array([shopper]))[0]

    def of_products(self, products: Ints) -> tuple[Ints, Ints]:
        """The places of several products' edges, and which of the products each belongs to."""
        spots, owners = _spans(self._product_starts, products)
        return _with_waiting(self._by_product[spots], owners, products, self._waiting_of_product)

    def of_shoppers(self, shoppers: Ints) -> tuple[Ints, Ints]:
        """The places of several shoppers' edges, and which of the shoppers each belongs to."""
        places, owners = _spans(self._shopper_starts, shoppers)
        return _with_waiting(places, owners, shoppers, self._waiting_of_shopper)

    def of_product(self, product: int) -> Ints:
        """The places of a product's edges."""
        starts, last = self._product_starts, len(self._product_starts) - 1
        places = self._by_product[starts[min(product, last)] : starts[min(product + 1, last)]]
        waiting = self._waiting_of_product.get(product)
        return np.concatenate((places, waiting)) if waiting else places

    def both(self, one: int, other: int) -> tuple[Ints, Ints]:
        """The edges of shoppers who have to do with two products: to the one, and to the other."""
        first, second = self.of_product(one), self.of_product(other)
        if not len(first):
            return first, first
        shopper = self._edges.shopper
        # In order but for what waits: a stable sort of that is nearly free.
        first = first[np.argsort(shopper[first], kind="stable")]
        here, there = shopper[first], shopper[second]
        at = np.minimum(np.searchsorted(here, there), len(here) - 1)
        met = here[at] == there
        return first[at[met]], second[met]

    def degrees(self, shoppers: Ints) -> Ints:
        """How many edges each shopper has, those that wait not counted."""
        return _counts(self._shopper_starts, shoppers)[1]


def _starts(owners: Ints) -> Ints:
    """Where the edges of each owner begin, once they are sorted by owner, and where the last one's end."""
    counts = np.bincount(owners)
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(counts)))


def _counts(starts: Ints, owners: Ints) -> tuple[Ints, Ints]:
    """Where the sorted edges of owners begin, and how many there are."""
    # Those who came since the last sorting end where they begin.
    last = len(starts) - 1
    begins = starts[np.minimum(owners, last)]
    return begins, starts[np.minimum(owners + 1, last)] - begins


def _spans(starts: Ints, owners: Ints) -> tuple[Ints, Ints]:
    """The sorted places of several owners, and the position of the owner of each."""
    begins, counts = _counts(starts, owners)
    positions = np.repeat(np.arange(len(owners)), counts)
    shift = begins - (np.cumsum(counts) - counts)
    return np.arange(len(positions)) + shift[positions], positions


def _with_waiting(
    places: Ints, positions: Ints, owners: Ints, waiting: dict[int, list[int]]
) -> tuple[Ints, Ints]:
    more = [
        (place, position)
        for position, owner in enumerate(owners.tolist())
        if owner in waiting
        for place in waiting[owner]
    ]
    if not more:
        return places, positions
    added = np.array(more, np.int64)
    return np.concatenate((places, added[:, 0])), np.concatenate((positions, added[:, 1]))


def saturated(total: Floats) -> Floats:
    """A sum of weights with diminishing returns, at least 0."""
    return np.log2(1.0 + np.clip(total, 0.0, MOST_WEIGHT))


def faded(since: float, now: float) -> float:
    """The decay between two times."""
    return 2.0 ** ((since - now) / HALF_LIFE)
