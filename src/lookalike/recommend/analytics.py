"""Analytics of events: popular and rising products, searches, positions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lookalike.catalog.catalog import Catalog
from lookalike.database.event_store import EventStore
from lookalike.recommend.graph import DAY
from lookalike.recommend.overview import Overview, overview
from lookalike.recommend.popularity import ProductStatistics
from lookalike.recommend.recommender import Recommender
from lookalike.types import Event, Hit, Query, Results, Vector

MOST_QUERIES = 200
FRESH_FOR = 60.0
MOST_PHOTOS = 100
MET = 0.5
# Searches are one gap from this share of common words, or this similarity of their vectors.
SAME_WORDS = 0.5
SAME_ROW = 0.8

Answer = Callable[[Query], Results]
CarriesAll = Callable[[str], bool]
RowOf = Callable[[Event], "Vector | None"]


@dataclass(frozen=True, slots=True)
class DemandGap:
    """Similar searches without good results, and the closest product."""

    searches: tuple[str, ...]
    count: int
    nearest: str
    match: float


@dataclass(frozen=True, slots=True)
class PositionStatistics:
    """Impressions, clicks, carts and purchases of a position on the page."""

    position: int
    impressions: int
    clicks: int
    carts: int
    purchases: int

    @property
    def click_rate(self) -> float | None:
        """Clicks per impression. None without impressions."""
        return self.clicks / self.impressions if self.impressions else None

    @property
    def conversion_rate(self) -> float | None:
        """Purchases per click. None without clicks."""
        return self.purchases / self.clicks if self.clicks else None


@dataclass(frozen=True, slots=True)
class SearchStatistics:
    """A search text, with its number of searches, clicks and purchases."""

    query: str
    searches: int
    clicks: int
    purchases: int


class Analytics:
    """Analytics for merchandisers."""

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
        """The products with the fastest growing popularity."""
        return self._recommender.rising(limit)

    def gaps(self, days: float = 30, limit: int = 20) -> list[DemandGap]:
        """Searches without good results."""
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
        """The most frequent searches, with clicks and purchases."""
        return searches(self._catalog.database.events, self._since(days), limit)

    def popular_searches(self, typed: str, limit: int, days: float = 30) -> tuple[str, ...]:
        """The most frequent searches that begin with what is typed so far and were followed by a click.

        Cached for a minute, because it runs as the user types.
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

    def overview(self, days: float = 30) -> Overview:
        """Searches, clicks, purchases and revenue, in all and by day."""
        return overview(self._catalog.database, self._since(days), self._now())

    def positions(self, days: float = 30) -> list[PositionStatistics]:
        """Impressions, clicks and purchases by position on the page."""
        return positions(self._catalog.database.events, self._since(days))

    def _since(self, days: float) -> float:
        return self._now() - days * DAY


def positions(store: EventStore, since: float) -> list[PositionStatistics]:
    """Statistics by position on the page."""
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
    """The most frequent searches, with clicks and purchases."""
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
    """A search without good results, its frequency, and the closest product."""

    words: str
    count: int
    row: Vector | None
    nearest: Hit | None

    def is_like(self, other: _Unmet) -> bool:
        """Whether two searches are similar, by words or by vector."""
        ours, theirs = set(self.words.casefold().split()), set(other.words.casefold().split())
        if ours and theirs and len(ours & theirs) >= SAME_WORDS * min(len(ours), len(theirs)):
            return True
        return self.row is not None and other.row is not None and float(self.row @ other.row) >= SAME_ROW


def gaps(
    store: EventStore, answer: Answer, carries_all: CarriesAll, row_of: RowOf, since: float, limit: int
) -> list[DemandGap]:
    """Groups of similar searches without good results, the most frequent first."""
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
    """Whether a search has a good result: all words, or a good match. Uncalibrated photos always have."""
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
