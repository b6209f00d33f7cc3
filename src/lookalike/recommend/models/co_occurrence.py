"""What is found in the same basket or session, by cosine, with time decay and shrinkage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.recommend.models.ease import row_pairs
from lookalike.recommend.models.neighbours import Floats, Ints, Neighbours

HALF_LIFE = 90 * 86_400.0
# What one shopper does without a longer pause than this belongs together.
PAUSE = 1_800.0
KEPT = 100
# A larger basket is a stock order or a bot, and says nothing about what goes together.
LARGEST = 500
# Items that were together in this many visits are believed half.
DOUBT = 5.0
PAIRS_AT_ONCE = 4_000_000


@dataclass(frozen=True, slots=True)
class Visits:
    """Events as columns, each with the number of the basket or session it belongs to."""

    visit: Ints
    item: Ints
    time: Floats


def visits_of(shoppers: Ints, items: Ints, times: Floats) -> Visits:
    """Cut each shopper's events into visits wherever there is a longer pause."""
    order = np.lexsort((items, times, shoppers))
    shoppers, items, times = shoppers[order], items[order], times[order]
    begins = np.ones(len(order), np.bool_)
    begins[1:] = (shoppers[1:] != shoppers[:-1]) | (times[1:] - times[:-1] > PAUSE)
    return Visits(np.cumsum(begins) - 1, items, times)


def fit_co_occurrence(
    visits: Visits, now: float, kept: int = KEPT, pairs_at_once: int = PAIRS_AT_ONCE
) -> Neighbours:
    """The cosine of items over visits.

    A visit weighs less the older and the larger it is: one divided by its number of items, halved every
    90 days. The cosine shrinks where few visits hold both items.

    Args:
        visits: the events, cut into visits.
        now: the moment that ages are counted from, in seconds since 1970.
        kept: how many neighbors each item keeps.
        pairs_at_once: how many pairs of items are counted in one piece, which bounds the memory in use.
    """
    if not len(visits.item):
        return Neighbours.none()
    size = int(visits.item.max()) + 1
    cells, place = np.unique(visits.visit * size + visits.item, return_index=True)
    visit, item = cells // size, cells % size
    _, begins, counts = np.unique(visit, return_index=True, return_counts=True)
    weight = np.exp2(-np.maximum(now - visits.time[place[begins]], 0.0) / HALF_LIFE) / counts
    small = np.flatnonzero(counts <= LARGEST)
    begins, counts, weight = begins[small], counts[small], weight[small]
    mass = np.zeros(size)
    keys: list[Ints] = []
    sums: list[Floats] = []
    meetings: list[Floats] = []
    for some in np.split(np.arange(len(small)), _cuts(counts, pairs_at_once)):
        left, right = row_pairs(begins[some], counts[some])
        together = np.repeat(weight[some], counts[some].astype(np.int64) ** 2)
        own = left == right
        np.add.at(mass, item[left[own]], together[own])
        apart = ~own
        pairs, where = np.unique(item[left[apart]] * size + item[right[apart]], return_inverse=True)
        keys.append(pairs)
        sums.append(np.bincount(where, together[apart], len(pairs)).astype(np.float64, copy=False))
        meetings.append(np.bincount(where, minlength=len(pairs)).astype(np.float64))
    pairs, where = np.unique(np.concatenate(keys), return_inverse=True)
    together = np.bincount(where, np.concatenate(sums), len(pairs))
    met = np.bincount(where, np.concatenate(meetings), len(pairs))
    source, target = pairs // size, pairs % size
    # A visit of long ago weighs next to nothing, and so may both masses.
    cosine = together / np.sqrt(np.maximum(mass[source] * mass[target], 1e-300))
    return Neighbours.strongest(source, target, cosine * met / (met + DOUBT), kept)


def _cuts(counts: NDArray[np.int64], pairs: int) -> Ints:
    """Where a stretch of visits ends so that each has no more than so many pairs."""
    return np.flatnonzero(np.diff((np.cumsum(counts.astype(np.int64) ** 2) - 1) // pairs)) + 1
