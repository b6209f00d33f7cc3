"""What the events tell the shop: what is popular, what rises, what is looked for in vain."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lookalike.catalog.catalog import Catalog
from lookalike.database.event_store import EventStore
from lookalike.recommend.graph import DAY
from lookalike.recommend.popularity import ProductStatistics
from lookalike.recommend.recommender import Recommender
from lookalike.types import Event, Hit, Query, Results, Vector

MOST_QUERIES = 200
FRESH_FOR = 60.0
MOST_PHOTOS = 100
MET = 0.5
# Two searches that share so much of the shorter one's words, or point so nearly the same way, are one gap.
SAME_WORDS = 0.5
SAME_ROW = 0.8

Answer = Callable[[Query], Results]
CarriesAll = Callable[[str], bool]
RowOf = Callable[[Event], "Vector | None"]


@dataclass(frozen=True, slots=True)
class DemandGap:
    """What shoppers look for and the shop does not sell: the searches, and the nearest that there is."""

    searches: tuple[str, ...]
    count: int
    nearest: str
    match: float


@dataclass(frozen=True, slots=True)
class PositionStatistics:
    """A position on the page: how often it was seen, clicked, and led to the cart and to a purchase."""

    position: int
    impressions: int
    clicks: int
    carts: int
    purchases: int

    @property
    def click_rate(self) -> float | None:
        """Clicks for each impression; None where nobody counted impressions."""
        return self.clicks / self.impressions if self.impressions else None

    @property
    def conversion_rate(self) -> float | None:
        """Purchases for each click; None where nobody clicked."""
        return self.purchases / self.clicks if self.clicks else None


@dataclass(frozen=True, slots=True)
class SearchStatistics:
    """Words that are searched, how often, and what followed."""

    query: str
    searches: int
    clicks: int
    purchases: int


class Analytics:
    """What the events say about a shop, for its merchandisers."""

    def __init__(
        self, catalog: Catalog, recommender: Recommender, answer: Answer, now: Callable[[], float]
    ) -> None:
        self._catalog = catalog
        self._recommender = recommender
        self._answer = answer
        self._now = now
        self._frequent: tuple[float, list[str]] = (-math.inf, [])

    def popular(self, limit: int = 20) -> list[ProductStatistics]:
        """The most popular products now."""
        return self._recommender.popular(limit)

    def rising(self, limit: int = 20) -> list[ProductStatistics]:
        """The products that grow fastest in popularity."""
        return self._recommender.rising(limit)

    def gaps(self, days: float = 30, limit: int = 20) -> list[DemandGap]:
        """What shoppers search for and the shop does not sell."""
        database, space = self._catalog.database, self._recommender.item_space()
        return gaps(
            database.events,
            self._answer,
            lambda words: bool(database.with_words(words, 1)),
            lambda search: self._recommender.search_row(search, space),
            self._since(days),
            limit,
        )

    def searches(self, days: float = 30, limit: int = 20) -> list[SearchStatistics]:
        """The most frequent searches, and what followed them."""
        return searches(self._catalog.database.events, self._since(days), limit)

    def popular_searches(self, typed: str, limit: int, days: float = 30) -> tuple[str, ...]:
        """The most frequent searches that begin with what is typed so far and were followed by a click.

        They are counted again when they are a minute old: somebody is typing.
        """
        now = self._now()
        counted, known = self._frequent
        if now - counted > FRESH_FOR:
            known = [
                each.query for each in self.searches(days, MOST_QUERIES) if each.clicks or each.purchases
            ]
            self._frequent = (now, known)
        begun = typed.strip().casefold()
        return tuple(query for query in known if query.casefold().startswith(begun))[:limit]

    def positions(self, days: float = 30) -> list[PositionStatistics]:
        """Impressions, clicks and purchases by position on the page."""
        return positions(self._catalog.database.events, self._since(days))

    def _since(self, days: float) -> float:
        return self._now() - days * DAY


def positions(store: EventStore, since: float) -> list[PositionStatistics]:
    """What each position on the page is worth."""
    found: dict[int, dict[str, int]] = {}
    for count in store.by_position(since):
        found.setdefault(int(count.name), {})[count.kind] = count.count
    return [
        PositionStatistics(
            position,
            kinds.get("impression", 0),
            kinds.get("click", 0),
            kinds.get("cart", 0),
            kinds.get("purchase", 0),
        )
        for position, kinds in sorted(found.items())
    ]


def searches(store: EventStore, since: float, limit: int) -> list[SearchStatistics]:
    """The words that are searched most, and what followed."""
    found: dict[str, dict[str, int]] = {}
    for count in store.by_query(since, limit):
        found.setdefault(count.name, {})[count.kind] = count.count
    asked = [
        SearchStatistics(query, kinds.get("search", 0), kinds.get("click", 0), kinds.get("purchase", 0))
        for query, kinds in found.items()
    ]
    return sorted(asked, key=lambda each: (-each.searches, each.query))


@dataclass(frozen=True, slots=True)
class _Unmet:
    """A search that nothing answers well, how often it was, and the nearest that there is."""

    words: str
    count: int
    row: Vector | None
    nearest: Hit | None

    def is_like(self, other: _Unmet) -> bool:
        """Whether two searches look for the same, by their words or by where they point."""
        ours, theirs = set(self.words.casefold().split()), set(other.words.casefold().split())
        if ours and theirs and len(ours & theirs) >= SAME_WORDS * min(len(ours), len(theirs)):
            return True
        return self.row is not None and other.row is not None and float(self.row @ other.row) >= SAME_ROW


def gaps(
    store: EventStore, answer: Answer, carries_all: CarriesAll, row_of: RowOf, since: float, limit: int
) -> list[DemandGap]:
    """Searches that no product answers well, those that mean the same together, the most frequent first."""
    looked_for = [
        (Event("search", "", query=asked.query), asked.searches)
        for asked in searches(store, since, MOST_QUERIES)
    ]
    photos = [event for event in store.searches(None, MOST_PHOTOS) if event.vector is not None]
    looked_for += [(event, 1) for event in photos if not event.query and (event.time or 0.0) >= since]
    gathered: list[list[_Unmet]] = []
    for event, count in looked_for:
        results = answer(Query(text=event.query or None, vector=event.vector, k=1))
        if _is_met(results, event.query, carries_all):
            continue
        unmet = _Unmet(event.query, count, row_of(event), results.hits[0] if results.hits else None)
        same = next((gap for gap in gathered if any(unmet.is_like(other) for other in gap)), None)
        if same is None:
            gathered.append([unmet])
        else:
            same.append(unmet)
    return sorted(map(_gap, gathered), key=lambda gap: (-gap.count, gap.searches))[:limit]


def _is_met(results: Results, words: str, carries_all: CarriesAll) -> bool:
    """A product with all its words meets a search, or a good match; without calibration, any photo is met."""
    if not results.hits:
        return False
    if words and carries_all(words):
        return True
    match = results.hits[0].match
    return not words if match is None else match >= MET


def _gap(members: Sequence[_Unmet]) -> DemandGap:
    nearest = next((unmet.nearest for unmet in members if unmet.nearest), None)
    return DemandGap(
        searches=tuple(dict.fromkeys(unmet.words or "a photo" for unmet in members)),
        count=sum(unmet.count for unmet in members),
        nearest=nearest.id if nearest else "",
        match=(nearest.match if nearest.match is not None else nearest.score) if nearest else 0.0,
    )
