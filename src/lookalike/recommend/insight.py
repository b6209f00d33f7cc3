"""What the events tell the shop: what is popular, what rises, what is looked for in vain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from lookalike.database.event_store import EventStore
from lookalike.recommend.evidence import Evidence
from lookalike.recommend.graph import DAY, told
from lookalike.records import Query, Results

RISING_HALF_LIFE = 3 * DAY
# A product needs so many shoppers before it can be said to rise.
ENOUGH = 3
MOST_QUERIES = 200
MET = 0.5
# Two searches that share so much of the shorter one's words are one gap.
SAME_GAP = 0.5

Answer = Callable[[Query], Results]
CarriesAll = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Standing:
    """A product, what is said for it, and by how many shoppers."""

    id: str
    score: float
    shoppers: int


@dataclass(frozen=True, slots=True)
class Gap:
    """What shoppers look for and the shop does not sell: the searches, and the nearest that there is."""

    searches: tuple[str, ...]
    count: int
    nearest: str
    match: float


@dataclass(frozen=True, slots=True)
class Place:
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
class Asked:
    """Words that are searched, how often, and what followed."""

    query: str
    searches: int
    clicks: int
    purchases: int


def popular(evidence: Evidence, now: float, limit: int) -> list[Standing]:
    """The products that most is said for now."""
    counts, ids = evidence.counts, evidence.products.ids
    said = counts.told[: len(ids)] * np.exp2((counts.since - now) / (60 * DAY))
    return _best(said, counts.shoppers, ids, limit)


def rising(evidence: Evidence, now: float, limit: int) -> list[Standing]:
    """The products whose share of the last days is furthest above their share before."""
    ids, shoppers = evidence.products.ids, evidence.counts.shoppers
    edges = evidence.graph.edges
    said = told(edges["sum"])
    age = now - edges["last"]
    lately = np.bincount(edges["product"], said * np.exp2(-age / RISING_HALF_LIFE), len(ids))
    before = np.bincount(edges["product"], said * np.exp2(-age / (10 * RISING_HALF_LIFE)), len(ids))
    expected = before * (lately.sum() / max(before.sum(), 1e-12))
    growth = (lately + 1.0) / (expected + 1.0) - 1.0
    growth[shoppers[: len(ids)] < ENOUGH] = 0.0
    return _best(growth, shoppers, ids, limit)


def _best(values: np.ndarray, shoppers: np.ndarray, ids: list[str], limit: int) -> list[Standing]:
    some = np.flatnonzero(values > 1e-9).tolist()
    found = sorted(some, key=lambda number: (-round(float(values[number]), 6), ids[number]))[:limit]
    return [Standing(ids[number], float(values[number]), int(shoppers[number])) for number in found]


def places(store: EventStore, since: float) -> list[Place]:
    """What each position on the page is worth."""
    found: dict[int, dict[str, int]] = {}
    for count in store.by_position(since):
        found.setdefault(int(count.name), {})[count.kind] = count.count
    return [
        Place(
            position,
            kinds.get("impression", 0),
            kinds.get("click", 0),
            kinds.get("cart", 0),
            kinds.get("purchase", 0),
        )
        for position, kinds in sorted(found.items())
    ]


def searches(store: EventStore, since: float, limit: int) -> list[Asked]:
    """The words that are searched most, and what followed."""
    found: dict[str, dict[str, int]] = {}
    for count in store.by_query(since, limit):
        found.setdefault(count.name, {})[count.kind] = count.count
    asked = [
        Asked(query, kinds.get("search", 0), kinds.get("click", 0), kinds.get("purchase", 0))
        for query, kinds in found.items()
    ]
    return sorted(asked, key=lambda each: (-each.searches, each.query))


def gaps(store: EventStore, answer: Answer, carries_all: CarriesAll, since: float, limit: int) -> list[Gap]:
    """Searches that no product answers well, those that mean the same together, the most frequent first."""
    unmet: list[tuple[str, int, Results]] = []
    for asked in searches(store, since, MOST_QUERIES):
        results = answer(Query(text=asked.query, k=1))
        if not _is_met(results, asked.query, carries_all):
            unmet.append((asked.query, asked.searches, results))
    gathered: list[list[tuple[str, int, Results]]] = []
    for each in unmet:
        same = next((gap for gap in gathered if any(_alike(each[0], other[0]) for other in gap)), None)
        if same is None:
            gathered.append([each])
        else:
            same.append(each)
    found = [_gap(gap) for gap in gathered]
    return sorted(found, key=lambda gap: (-gap.count, gap.searches))[:limit]


def _is_met(results: Results, words: str, carries_all: CarriesAll) -> bool:
    if not results.hits:
        return False
    match = results.hits[0].match
    return match >= MET if match is not None else carries_all(words)


def _alike(one: str, other: str) -> bool:
    ours, theirs = set(one.casefold().split()), set(other.casefold().split())
    return len(ours & theirs) >= SAME_GAP * min(len(ours), len(theirs))


def _gap(members: Sequence[tuple[str, int, Results]]) -> Gap:
    nearest = next((results.hits[0] for _, _, results in members if results.hits), None)
    return Gap(
        searches=tuple(words for words, _, _ in members),
        count=sum(count for _, count, _ in members),
        nearest=nearest.id if nearest else "",
        match=(nearest.match if nearest.match is not None else nearest.score) if nearest else 0.0,
    )
