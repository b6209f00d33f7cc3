"""The events of a period in one table: searches, clicks, purchases and revenue, in all and by day."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from lookalike.database import Database
from lookalike.recommend.graph import DAY

AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class DayStatistics:
    """What shoppers did on a day (UTC)."""

    day: date
    searches: int
    clicks: int
    purchases: int


@dataclass(frozen=True, slots=True)
class Overview:
    """What shoppers did in a period.

    A search that a shopper refines or comes back to counts once. `revenue` holds an amount for each currency;
    `unpriced` purchases have no price: their product has none, or is gone.
    """

    searches: int
    clicked_searches: int
    shoppers: int
    clicks: int
    carts: int
    purchases: int
    revenue: dict[str, float]
    unpriced: int
    days: tuple[DayStatistics, ...]


def overview(database: Database, since: float, now: float) -> Overview:
    """The overview of the events since a time. Purchases count at today's price of the product."""
    events = database.events
    by_day = {(int(count.name), count.kind): count.count for count in events.by_day(since)}
    totals = Counter[str]()
    for (_, kind), count in by_day.items():
        totals[kind] += count
    asked = events.intents(since)
    revenue, unpriced = _revenue(database, since)
    return Overview(
        searches=totals["search"],
        clicked_searches=asked.clicked,
        shoppers=asked.shoppers,
        clicks=totals["click"],
        carts=totals["cart"],
        purchases=totals["purchase"],
        revenue=revenue,
        unpriced=unpriced,
        days=tuple(_days(by_day, since, now)),
    )


def _days(by_day: dict[tuple[int, str], int], since: float, now: float) -> Iterator[DayStatistics]:
    """Every day of the period from the first one with an event, those without any, too."""
    first = max(int(since // DAY), min((day for day, _ in by_day), default=int(now // DAY)))
    for number in range(first, int(now // DAY) + 1):
        yield DayStatistics(
            datetime.fromtimestamp(0, UTC).date() + timedelta(days=number),
            by_day.get((number, "search"), 0),
            by_day.get((number, "click"), 0),
            by_day.get((number, "purchase"), 0),
        )


def _revenue(database: Database, since: float) -> tuple[dict[str, float], int]:
    amounts: defaultdict[str, float] = defaultdict(float)
    unpriced = 0
    bought = database.events.by_product("purchase", since)
    for start in range(0, len(bought), AT_ONCE):
        piece = bought[start : start + AT_ONCE]
        products = database.products([count.name for count in piece])
        for count in piece:
            product = products.get(count.name)
            if product is None or product.price is None:
                unpriced += count.count
            else:
                amounts[product.currency] += product.price * count.count
    return {currency: round(amount, 2) for currency, amount in sorted(amounts.items())}, unpriced
