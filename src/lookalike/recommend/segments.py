"""Customer segments from behavior: how recently, how often and how much a shopper buys (RFM)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from lookalike.catalog.catalog import Catalog

DAY = 86_400.0
# With too few buyers for meaningful thirds, these numbers of days separate them.
RECENT_DAYS, LAPSED_DAYS = 30.0, 120.0
FEWEST_FOR_THIRDS = 30
VISITED_KINDS = frozenset({"view", "click", "cart", "like", "search"})


@dataclass(frozen=True, slots=True)
class CustomerSegment:
    """A shopper's segment and its figures. `value` is the total price of purchases."""

    shopper: str
    segment: str
    orders: int
    value: float
    days_since_order: float | None
    days_since_visit: float
    visits: int


@dataclass(slots=True)
class _Behaviour:
    last_visit: float = 0.0
    visits: int = 0
    last_order: float = 0.0
    orders: int = 0
    value: float = 0.0


@dataclass(frozen=True, slots=True)
class SegmentTotal:
    """How many customers a segment has, and what they bought together."""

    name: str
    meaning: str
    customers: int
    value: float


SEGMENTS = {
    "champions": "bought recently, often and a lot",
    "loyal": "bought several times, and recently enough",
    "new customers": "bought once, recently",
    "at risk": "bought several times, but not lately",
    "lapsed": "bought once, long ago",
    "browsers": "visited recently, bought nothing yet",
    "gone": "bought nothing, and not seen lately",
}


def customer_segments(catalog: Catalog, clock: Callable[[], float]) -> list[CustomerSegment]:
    """Every shopper with a purchase or a visit, the most valuable first."""
    now = clock()
    behaviour = _behaviour(catalog)
    buyers = [each for each in behaviour.values() if each.orders]
    recent, lapsed = _limits([(now - each.last_order) / DAY for each in buyers])
    much = float(np.quantile([each.value for each in buyers], 2 / 3)) if buyers else 0.0
    rows = [
        CustomerSegment(
            shopper=shopper,
            segment=_segment(each, now, recent, lapsed, much),
            orders=each.orders,
            value=round(each.value, 2),
            days_since_order=round((now - each.last_order) / DAY, 1) if each.orders else None,
            days_since_visit=round((now - each.last_visit) / DAY, 1),
            visits=each.visits,
        )
        for shopper, each in behaviour.items()
    ]
    return sorted(rows, key=lambda row: (-row.value, -row.orders, row.days_since_visit, row.shopper))


def segment_totals(customers: Sequence[CustomerSegment]) -> list[SegmentTotal]:
    """Every segment with its customers counted."""
    counts = Counter(each.segment for each in customers)
    value = dict.fromkeys(SEGMENTS, 0.0)
    for each in customers:
        value[each.segment] += each.value
    return [
        SegmentTotal(name, meaning, counts[name], round(value[name], 2)) for name, meaning in SEGMENTS.items()
    ]


def _segment(each: _Behaviour, now: float, recent: float, lapsed: float, much: float) -> str:
    if not each.orders:
        return "browsers" if now - each.last_visit <= recent * DAY else "gone"
    days = (now - each.last_order) / DAY
    if each.orders == 1:
        return "lapsed" if days > lapsed else "new customers"
    if days > lapsed:
        return "at risk"
    return "champions" if days <= recent and each.value >= much else "loyal"


def _limits(days: Sequence[float]) -> tuple[float, float]:
    """Up to how many days an order is recent, and from how many it lies long ago."""
    if len(days) < FEWEST_FOR_THIRDS:
        return RECENT_DAYS, LAPSED_DAYS
    recent, lapsed = np.quantile(days, (1 / 3, 2 / 3))
    return max(1.0, float(recent)), max(2.0, float(lapsed))


def _behaviour(catalog: Catalog) -> dict[str, _Behaviour]:
    """What each shopper did; purchases within a minute of each other are one order."""
    found: dict[str, _Behaviour] = {}
    for shopper, kind, time, price in _events(catalog):
        each = found.setdefault(shopper, _Behaviour())
        each.last_visit = max(each.last_visit, time)
        if kind in VISITED_KINDS:
            each.visits += 1
        elif kind == "purchase":
            each.orders += abs(time - each.last_order) > 60
            each.last_order = max(each.last_order, time)
            each.value += price
        elif kind == "return":
            each.value = max(0.0, each.value - price)
    return found


def _events(catalog: Catalog) -> Iterator[tuple[str, str, float, float]]:
    for piece in catalog.database.events.since(0):
        products = catalog.database.products(list(dict.fromkeys(piece.products)))
        for shopper, product, kind, time in zip(
            piece.shoppers, piece.products, piece.kinds, piece.times, strict=True
        ):
            known = products.get(product)
            yield shopper, kind, time, (known.price or 0.0) if known else 0.0
