"""How events, recommendations, rules and insight read as JSON, on the command line and over HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from typing_extensions import TypedDict

from lookalike import serialize
from lookalike.recommend.analytics import DemandGap, PositionStatistics, SearchStatistics
from lookalike.recommend.popularity import ProductStatistics
from lookalike.recommend.rule_preview import Preview
from lookalike.recommend.tuning import BLENDS, LearnedBlend
from lookalike.types import Event, Recommendations, Recorded, Shopper


class RecommendationsJson(TypedDict):
    """Recommended products, best first, and which share each source has in them."""

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
    """What became of a batch of events."""

    new: int
    known: int


class EventJson(TypedDict, total=False):
    """What a shopper did; fields that say nothing are left out."""

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
    """What is known of a shopper, and all that is stored."""

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
    """How many searches were replayed, and those that would change."""

    replayed: int
    changed: list[DifferenceJson]


class StandingJson(TypedDict):
    """A product, what is said for it, and by how many shoppers."""

    id: str
    title: str
    photo: str | None
    score: float
    shoppers: int


class GapJson(TypedDict):
    """What shoppers look for and the shop does not sell."""

    searches: list[str]
    count: int
    nearest: str
    match: float


class PlaceJson(TypedDict):
    """What a position on the page is worth."""

    position: int
    impressions: int
    clicks: int
    carts: int
    purchases: int
    click_rate: float | None
    conversion_rate: float | None


class AskedJson(TypedDict):
    """Words that are searched, how often, and what followed."""

    query: str
    searches: int
    clicks: int
    purchases: int


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
    """What became of a batch of events."""
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
    """What changed rules would change."""
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
    """Products by their standing, with the titles and photos of those that there still are."""
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
    """What shoppers look for in vain."""
    return [
        GapJson(searches=list(gap.searches), count=gap.count, nearest=gap.nearest, match=round(gap.match, 4))
        for gap in gaps
    ]


def places_json(places: Iterable[PositionStatistics]) -> list[PlaceJson]:
    """What each position is worth."""
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
    """What is searched most."""
    return [
        AskedJson(query=each.query, searches=each.searches, clicks=each.clicks, purchases=each.purchases)
        for each in searches
    ]


def _rate(rate: float | None) -> float | None:
    return None if rate is None else round(rate, 4)
