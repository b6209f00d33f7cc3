"""JSON of events, recommendations and analytics, for the command line and REST."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from typing_extensions import TypedDict

from lookalike import serialize
from lookalike.recommend.analytics import DemandGap, PositionStatistics, SearchStatistics
from lookalike.recommend.overview import Overview
from lookalike.recommend.popularity import ProductStatistics
from lookalike.recommend.rule_preview import Preview
from lookalike.recommend.tuning import BLENDS, LearnedBlend
from lookalike.types import Event, Recommendations, Recorded, Shopper


class RecommendationsJson(TypedDict):
    """Recommended products, best first, and the share of each source."""

    hits: list[serialize.HitJson]
    took_ms: float
    recipe: str
    mix: dict[str, float]


class BlendScoreJson(TypedDict):
    """How well a blend predicted the shop's log; `margin` is half the 95% interval of the gain."""

    name: str
    hit_rate: float
    ndcg: float
    gain: float
    margin: float


class LearnedBlendJson(TypedDict):
    """The blend in use, its weights, the candidates it was chosen from, and the blends there are."""

    name: str
    blends: list[str]
    weights: dict[str, float]
    shoppers: int
    events: int
    learned_at: str | None
    candidates: list[BlendScoreJson]


class RecordedJson(TypedDict):
    """The result of recording events."""

    new: int
    known: int


class EventJson(TypedDict, total=False):
    """An event. Empty fields are left out."""

    kind: str
    shopper: str
    product: str
    time: str
    rating: float
    query: str
    comment: str
    position: int
    vector: list[float]
    experiment: str
    variant: str


class ShopperJson(TypedDict):
    """A shopper's interests and stored events."""

    id: str
    interests: list[list[str]]
    disliked: list[str]
    bought: list[str]
    events: list[EventJson]


class DifferenceJson(TypedDict):
    """A search whose first page would change."""

    query: str
    before: list[str]
    after: list[str]


class PreviewJson(TypedDict):
    """The number of searches tried, and those that would change."""

    replayed: int
    changed: list[DifferenceJson]


class StandingJson(TypedDict):
    """A product with its support and number of shoppers."""

    id: str
    title: str
    photo: str | None
    score: float
    shoppers: int


class GapJson(TypedDict):
    """Similar searches without good results."""

    searches: list[str]
    count: int
    nearest: str
    match: float


class PlaceJson(TypedDict):
    """Statistics of a position on the page."""

    position: int
    impressions: int
    clicks: int
    carts: int
    purchases: int
    click_rate: float | None
    conversion_rate: float | None


class AskedJson(TypedDict):
    """A search text, with its number of searches, clicks and purchases."""

    query: str
    searches: int
    clicks: int
    purchases: int


class DayJson(TypedDict):
    """What shoppers did on a day (UTC)."""

    day: str
    searches: int
    clicks: int
    purchases: int


class OverviewJson(TypedDict):
    """What shoppers did in a period; `revenue` is by currency, at today's prices."""

    searches: int
    clicked_searches: int
    shoppers: int
    clicks: int
    carts: int
    purchases: int
    revenue: dict[str, float]
    unpriced: int
    days: list[DayJson]


def recommendations_json(found: Recommendations) -> RecommendationsJson:
    """Recommended products."""
    return RecommendationsJson(
        hits=serialize.hits_json(found.hits),
        took_ms=round(found.took_ms, 2),
        recipe=found.recipe,
        mix={name: round(share, 3) for name, share in found.mix.items()},
    )


def learned_blend_json(learned: LearnedBlend) -> LearnedBlendJson:
    """The learned blend."""
    at = learned.learned_at
    return LearnedBlendJson(
        name=learned.name,
        blends=list(BLENDS),
        weights=asdict(learned.mixing),
        shoppers=learned.shoppers,
        events=learned.events,
        learned_at=None if at is None else datetime.fromtimestamp(at, UTC).isoformat(),
        candidates=[
            BlendScoreJson(
                name=each.name,
                hit_rate=round(each.hit_rate, 4),
                ndcg=round(each.ndcg, 4),
                gain=round(each.gain, 4),
                margin=round(each.margin, 4),
            )
            for each in learned.scores
        ],
    )


def recorded_json(recorded: Recorded) -> RecordedJson:
    """The result of recording events."""
    return RecordedJson(new=recorded.new, known=recorded.known)


def event_json(event: Event) -> EventJson:
    """An event."""
    said: dict[str, Any] = {
        "kind": event.kind,
        "shopper": event.shopper,
        "product": event.product,
        "time": datetime.fromtimestamp(event.time or 0.0, UTC).isoformat(),
        "rating": event.rating,
        "query": event.query,
        "comment": event.comment,
        "position": event.position,
        "vector": None if event.vector is None else [round(float(value), 6) for value in event.vector],
        "experiment": event.experiment,
        "variant": event.variant,
    }
    return EventJson(**{name: value for name, value in said.items() if value is not None and value != ""})


def shopper_json(shopper: Shopper, events: Iterable[Event]) -> ShopperJson:
    """Everything about a shopper."""
    return ShopperJson(
        id=shopper.id,
        interests=[list(interest) for interest in shopper.interests],
        disliked=list(shopper.disliked),
        bought=list(shopper.bought),
        events=[event_json(event) for event in events],
    )


def preview_json(preview: Preview) -> PreviewJson:
    """A preview of rules."""
    return PreviewJson(
        replayed=preview.replayed,
        changed=[
            DifferenceJson(query=each.query, before=list(each.before), after=list(each.after))
            for each in preview.changed
        ],
    )


def standings_json(
    standings: Iterable[ProductStatistics], titles: dict[str, tuple[str, str | None]]
) -> list[StandingJson]:
    """Products with their support, titles and photos."""
    return [
        StandingJson(
            id=each.id,
            title=titles.get(each.id, ("", None))[0],
            photo=titles.get(each.id, ("", None))[1],
            score=round(each.score, 3),
            shoppers=each.shoppers,
        )
        for each in standings
    ]


def gaps_json(gaps: Iterable[DemandGap]) -> list[GapJson]:
    """Searches without good results."""
    return [
        GapJson(searches=list(gap.searches), count=gap.count, nearest=gap.nearest, match=round(gap.match, 4))
        for gap in gaps
    ]


def places_json(places: Iterable[PositionStatistics]) -> list[PlaceJson]:
    """Statistics by position."""
    return [
        PlaceJson(
            position=place.position,
            impressions=place.impressions,
            clicks=place.clicks,
            carts=place.carts,
            purchases=place.purchases,
            click_rate=_rate(place.click_rate),
            conversion_rate=_rate(place.conversion_rate),
        )
        for place in places
    ]


def searches_json(searches: Iterable[SearchStatistics]) -> list[AskedJson]:
    """The most frequent searches."""
    return [
        AskedJson(query=each.query, searches=each.searches, clicks=each.clicks, purchases=each.purchases)
        for each in searches
    ]


def overview_json(found: Overview) -> OverviewJson:
    """The overview of a period."""
    return OverviewJson(
        searches=found.searches,
        clicked_searches=found.clicked_searches,
        shoppers=found.shoppers,
        clicks=found.clicks,
        carts=found.carts,
        purchases=found.purchases,
        revenue=found.revenue,
        unpriced=found.unpriced,
        days=[
            DayJson(
                day=each.day.isoformat(),
                searches=each.searches,
                clicks=each.clicks,
                purchases=each.purchases,
            )
            for each in found.days
        ],
    )


def _rate(rate: float | None) -> float | None:
    return None if rate is None else round(rate, 4)
