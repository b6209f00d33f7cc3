"""`/rules` and `/insight`: what the merchandiser decides, and what there is to know before."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field

from lookalike.recommend import analytics, rules, serialize
from lookalike.server.dependencies import Shop
from lookalike.server.problems import documented
from lookalike.server.routing import AdminRoute
from lookalike.server.schemas.base import RequestModel
from lookalike.shop import MOST_REPLAYED
from lookalike.types import Query as Search

LONGEST_SPAN = 3_650


class RuleOffers(RequestModel):
    """All the rules there are to be."""

    rules: list[dict[str, Any]] = Field(
        max_length=rules.MOST_RULES,
        examples=[[{"id": "sale", "action": "boost", "where": {"season": "Summer"}, "amount": 2}]],
    )


class PreviewRequest(RequestModel):
    """What is to be tried, on which searches."""

    model_config = ConfigDict(extra="forbid")

    rules: list[dict[str, Any]] | None = Field(
        None, description="Rules as they would be; as they are if left out."
    )
    image_weight: float | None = Field(None, ge=0, le=1, description="Share of the look, as it would be.")
    last: int = Field(50, ge=1, le=MOST_REPLAYED, description="How many of the last searches to replay.")
    queries: list[str] = Field(
        default_factory=list[str], max_length=MOST_REPLAYED, description="Words to search instead."
    )
    k: int = Field(10, ge=1, le=100)


Days = Annotated[float, Query(gt=0, le=LONGEST_SPAN, description="How far to look back.")]
Limit = Annotated[int, Query(ge=1, le=200)]

router = APIRouter(tags=["merchandising"], route_class=AdminRoute, responses=documented(401, 403, 422))


@router.get("/rules")
def get_rules(shop: Shop) -> RuleOffers:
    """Give the rules."""
    return RuleOffers(rules=[rules.told(rule) for rule in shop.rules])


@router.put("/rules", responses=documented(503))
def put_rules(offers: RuleOffers, shop: Shop) -> RuleOffers:
    """Replace all rules; those that cannot be followed change nothing."""
    shop.put_rules(rules.rule_of(offer) for offer in offers.rules)
    return RuleOffers(rules=[rules.told(rule) for rule in shop.rules])


@router.post("/rules:preview")
def preview_rules(trial: PreviewRequest, shop: Shop) -> serialize.PreviewJson:
    """Tell which of the last searches other rules, or another weight of the look, would change."""
    proposed = None if trial.rules is None else [rules.rule_of(offer) for offer in trial.rules]
    searches = [Search(text=words, k=trial.k) for words in trial.queries]
    return serialize.preview_json(shop.preview(proposed, trial.image_weight, trial.last, searches, trial.k))


@router.get("/insight/popular")
def popular(shop: Shop, limit: Limit = 20) -> list[serialize.StandingJson]:
    """Give the products that most is said for now."""
    return _standings(shop, shop.popular(limit))


@router.get("/insight/rising")
def rising(shop: Shop, limit: Limit = 20) -> list[serialize.StandingJson]:
    """Give the products that are chosen more and more."""
    return _standings(shop, shop.rising(limit))


@router.get("/insight/gaps")
def gaps(shop: Shop, days: Days = 30, limit: Limit = 20) -> list[serialize.GapJson]:
    """Give what shoppers look for and the shop does not sell."""
    return serialize.gaps_json(shop.gaps(days, limit))


@router.get("/insight/positions")
def positions(shop: Shop, days: Days = 30) -> list[serialize.PlaceJson]:
    """Give the click and conversion rates by position."""
    return serialize.places_json(shop.positions(days))


@router.get("/insight/searches")
def searches(shop: Shop, days: Days = 30, limit: Limit = 20) -> list[serialize.AskedJson]:
    """Give the words that are searched most, and what followed."""
    return serialize.searches_json(shop.searches(days, limit))


def _standings(shop: Shop, standings: list[analytics.ProductStatistics]) -> list[serialize.StandingJson]:
    return serialize.standings_json(standings, shop.catalog.titles([each.id for each in standings]))
