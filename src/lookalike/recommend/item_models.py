"""The fitted item-to-item models of a shop, and how they score products for a history."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from lookalike.recommend.events import BIT
from lookalike.recommend.graph import DAY, EventColumns, Floats, Ints, Mask, saturated
from lookalike.recommend.largest import largest
from lookalike.recommend.models.co_occurrence import fit_co_occurrence, visits_of
from lookalike.recommend.models.ease import fit_ease
from lookalike.recommend.models.neighbours import Neighbours
from lookalike.recommend.numbering import IdMap

# Raise it when models fitted before must not be used any more.
VERSION = 3
# What each model weighs; the sum of their scores is divided by the sum of the weights that took part.
EASE = 1.0
BOUGHT_TOGETHER = 0.4
SEEN_TOGETHER = 0.1
TRENDING = 0.25
TRENDING_HALF_LIFE = 7 * DAY
# What was done long ago keeps this share of its weight; the rest halves every 60 days.
LASTING = 0.3
FADING_HALF_LIFE = 60 * DAY
ONE_PURCHASE = float(np.log2(7.0))
BASKET = BIT["purchase"] | BIT["cart"]
# Popular items are neighbors of nearly everything: scores fall with this power of the number of shoppers.
# Measured on a year of purchases: powers of 0.2 to 0.4 raise NDCG and show a third more items; see 0074.
DAMPING = 0.42
DAMPED_FROM = 1.0
# A model's scores are relative to the mean of its best so many products.
BEST = 10
LEAST_BEST = 1e-3


@dataclass(frozen=True, slots=True)
class Cells:
    """What each shopper did with each product in all, as columns."""

    shopper: Ints
    item: Ints
    weight: Floats


@dataclass(frozen=True, slots=True)
class ItemModels:
    """What goes with what, and what is bought now, as of one event.

    Item numbers are those of the `IdMap` that the events were numbered by.
    """

    ease: Neighbours
    bought_together: Neighbours
    seen_together: Neighbours
    trending: Floats
    sequence: int
    forgettings: int
    events: int
    fitted_at: float
    seconds: float

    def scores(self, items: Ints, strength: Floats, eligible: Mask) -> Floats:
        """Score every item for a history: about 1 for the best ones, 0 for items nothing leads to.

        Args:
            items, strength: what was chosen, and how much each says.
            eligible: the items that may be recommended; the others do not set the scale.
        """
        size = len(eligible)
        trending = np.zeros(size)
        trending[: len(self.trending)] = self.trending[:size]
        parts = (
            (EASE, self.ease.scores(items, strength, size)),
            (BOUGHT_TOGETHER, self.bought_together.scores(items, strength, size)),
            (SEEN_TOGETHER, self.seen_together.scores(items, strength, size)),
            (TRENDING, trending),
        )
        total, whole = np.zeros(size), 0.0
        for weight, part in parts:
            best = _mean_of_best(part, eligible)
            if best > 0:
                total += weight / max(best, LEAST_BEST) * part
                whole += weight
        return total / whole if whole else total

    def leading(self, items: Ints, strength: Floats, target: int) -> int | None:
        """The item of a history that leads to a target most strongly, if one does."""
        best, found = 0.0, None
        for item, weight in zip(items.tolist(), strength.tolist(), strict=True):
            for model, share in ((self.ease, EASE), (self.bought_together, BOUGHT_TOGETHER)):
                targets, weights = model.row(item)
                at = np.flatnonzero(targets == target)
                if len(at) and share * weight * weights[at[0]] > best:
                    best, found = share * weight * float(weights[at[0]]), item
        return found

    def dumps(self, ids: list[str]) -> bytes:
        """The models as bytes, with the product ids that their numbers stand for."""
        head = {
            "version": VERSION,
            "ids": ids,
            "fitted": [self.sequence, self.forgettings, self.events, self.fitted_at, self.seconds],
            "lengths": [len(array) for array in self._arrays()],
        }
        start = json.dumps(head).encode()
        return b"".join(
            (len(start).to_bytes(8, "little"), start, *(each.tobytes() for each in self._arrays()))
        )

    @classmethod
    def loads(cls, data: bytes, products: IdMap) -> Self | None:
        """Models out of bytes, in the numbers of this process; None where another version fitted them."""
        length = int.from_bytes(data[:8], "little")
        head = json.loads(data[8 : 8 + length])
        if head.get("version") != VERSION:
            return None
        numbers = products.of_all(head["ids"])
        place = 8 + length
        arrays: list[NDArray[Any]] = []
        for kind, count in zip(_KINDS, head["lengths"], strict=True):
            arrays.append(np.frombuffer(data, kind, count, place))
            place += arrays[-1].nbytes
        trending = np.zeros(int(numbers.max(initial=-1)) + 1)
        trending[numbers[: len(arrays[9])]] = arrays[9]
        return cls(
            _renumbered(arrays[0], arrays[1], arrays[2], numbers),
            _renumbered(arrays[3], arrays[4], arrays[5], numbers),
            _renumbered(arrays[6], arrays[7], arrays[8], numbers),
            trending,
            *head["fitted"],
        )

    def _arrays(self) -> list[NDArray[Any]]:
        tables = (self.ease, self.bought_together, self.seen_together)
        rows = [array for each in tables for array in (each.starts, each.targets, each.weights)]
        return [*rows, self.trending]


_KINDS = (*("<i8", "<i4", "<f4") * 3, "<f8")


def fit_item_models(
    cells: Cells, events: EventColumns, sequence: int, forgettings: int, now: float
) -> ItemModels:
    """Fit all models to what shoppers did up to an event.

    Args:
        cells: what each shopper did with each product, as `cells_of` gives it.
        events: every single event, for baskets and sessions.
        sequence: the number of the last event in them.
        forgettings: how often a shopper had been forgotten when they were read.
        now: the moment that ages are counted from.
    """
    began = time.perf_counter()
    # A purchase that was returned says nothing about what goes together.
    kept = np.isin(events.shopper << 32 | events.product, cells.shopper << 32 | cells.item)
    positive = (events.weight > 0) & kept
    basket = positive & ((events.kind & BASKET) != 0)
    # Where all events are purchases, sessions are baskets.
    mixed = int(basket.sum()) < int(positive.sum())
    fading = np.exp2(-np.maximum(now - events.time, 0.0) / TRENDING_HALF_LIFE)
    factors = _damping(cells, int(events.product.max(initial=-1)) + 1)
    return ItemModels(
        ease=fit_ease(cells.shopper, cells.item, cells.weight).scaled(factors),
        bought_together=_together(events, basket, now).scaled(factors),
        seen_together=_together(events, positive, now).scaled(factors) if mixed else Neighbours.none(),
        trending=np.bincount(events.product[positive], (events.weight * fading)[positive]).astype(
            np.float64, copy=False
        ),
        sequence=sequence,
        forgettings=forgettings,
        events=len(events.product),
        fitted_at=now,
        seconds=time.perf_counter() - began,
    )


def _damping(cells: Cells, items: int) -> Floats:
    """What an item's scores are multiplied by: less than one where more shoppers than usual chose it."""
    shoppers = np.bincount(cells.item, minlength=items) + DAMPED_FROM
    relative = shoppers / max(float(shoppers.mean()) if items else 0.0, 1.0)
    return np.exp(-DAMPING * np.log(relative))


def cells_of(shopper: Ints, item: Ints, total: Floats, last: Floats, now: float) -> Cells:
    """What speaks for products, faded to now; `total` is the sum of weights at the time `last`."""
    weight = strength_of(total, last, now)
    some = weight > 0
    return Cells(shopper[some], item[some], weight[some])


def strength_of(total: Floats, last: Floats, now: float) -> Floats:
    """How much a sum of weights says about a shopper now; a single purchase just made says 1."""
    fading = np.exp2(-np.maximum(now - last, 0.0) / FADING_HALF_LIFE)
    return saturated(total) / ONE_PURCHASE * (LASTING + (1.0 - LASTING) * fading)


def _together(events: EventColumns, some: Mask, now: float) -> Neighbours:
    return fit_co_occurrence(visits_of(events.shopper[some], events.product[some], events.time[some]), now)


def _mean_of_best(values: Floats, eligible: Mask) -> float:
    count = min(BEST, int(np.count_nonzero(eligible)))
    if not count:
        return 0.0
    # Most values are zero, and a partition of many equal ones is slow.
    some = values[np.flatnonzero((values > 0) & eligible)]
    if len(some) >= count:
        return float(some[largest(some, count)].mean())
    if np.count_nonzero((values >= 0) & eligible) >= count:
        return float(some.sum()) / count
    # A tiny shop, in which a model also speaks against most products.
    return float(np.sort(values[eligible])[-count:].mean())


def _renumbered(
    starts: NDArray[Any], targets: NDArray[Any], weights: NDArray[Any], numbers: Ints
) -> Neighbours:
    """Rows in the numbers of this process, each in the order it had."""
    counts = np.diff(starts)
    sources = numbers[: len(counts)]
    if np.array_equal(numbers, np.arange(len(numbers))):
        return Neighbours(starts, targets, weights)
    moved = np.zeros(int(sources.max(initial=-1)) + 1, np.int64)
    moved[sources] = counts
    there = np.concatenate((np.zeros(1, np.int64), np.cumsum(moved)))
    spots = np.arange(len(targets)) + np.repeat(there[sources] - starts[:-1], counts)
    new_targets, new_weights = np.empty_like(targets), np.empty_like(weights)
    new_targets[spots], new_weights[spots] = numbers[targets], weights
    return Neighbours(there, new_targets, new_weights)
