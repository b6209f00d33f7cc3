"""Predicts which products a shopper will buy again, and when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lookalike.recommend.events import BIT
from lookalike.recommend.graph import DAY, EventColumns, Floats, Ints

# A product is believed to be bought again by this share of its buyers before anyone did.
PRIOR_RATE = 0.05
PRIOR_BUYERS = 10.0
# Purchases within a day count as one.
SAME_PURCHASE = DAY
# A product without an interval of its own is due again after so many days.
USUAL_INTERVAL = 30 * DAY
HALF_LIFE = 180 * DAY


@dataclass(frozen=True, slots=True)
class Repurchase:
    """A product that may be bought again: its score, number of purchases, and interval."""

    product: int
    score: float
    times: int
    interval_days: float | None


def due_again(events: EventColumns, shopper: int, now: float) -> list[Repurchase]:
    """The products that a shopper bought, by how likely they are bought again now, best first.

    The score is the share of buyers who bought the product again, times how often and how recently the
    shopper bought it, times how near the usual time between two purchases has come. What was returned more
    often than bought is left out.
    """
    bought = (events.kind & BIT["purchase"]) != 0
    own = np.flatnonzero(bought & (events.shopper == shopper))
    if not len(own):
        return []
    balance = np.bincount(events.product[events.shopper == shopper], events.bought[events.shopper == shopper])
    rates = _repeat_rates(events.shopper[bought], events.product[bought], events.time[bought])
    found: list[Repurchase] = []
    for product in np.unique(events.product[own]).tolist():
        times = _apart(np.sort(events.time[own[events.product[own] == product]]))
        if balance[product] <= 0:
            continue
        gaps = np.diff(times)
        interval = float(np.median(gaps)) if len(gaps) else None
        waited = max(now - times[-1], 0.0)
        due = min(1.0, waited / (interval or USUAL_INTERVAL))
        frequency = float(np.exp2(-np.maximum(now - times, 0.0) / HALF_LIFE).sum())
        score = float(rates[product]) * frequency * (0.2 + 0.8 * due)
        found.append(Repurchase(product, score, len(times), None if interval is None else interval / DAY))
    return sorted(found, key=lambda each: (-round(each.score, 9), each.product))


def _apart(times: Floats) -> Floats:
    """Purchases a day or more apart."""
    return times[np.concatenate(([True], np.diff(times) >= SAME_PURCHASE))]


def _repeat_rates(shopper: Ints, product: Ints, time: Floats) -> Floats:
    """For each product, the share of its buyers who bought it on more than one day."""
    days = np.unique(np.stack((product, shopper, (time // DAY).astype(np.int64))), axis=1)
    pairs, counts = np.unique(days[0] << 32 | days[1], return_counts=True)
    size = int(product.max()) + 1
    buyers = np.bincount(pairs >> 32, minlength=size)
    again = np.bincount((pairs >> 32)[counts > 1], minlength=size)
    return (again + PRIOR_RATE * PRIOR_BUYERS) / (buyers + PRIOR_BUYERS)
