"""`/rules` and `/insight`: merchandising."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from lookalike.recommend import analytics, serialize
from lookalike.server.dependencies import Shop
from lookalike.server.problems import documented
from lookalike.server.routing import AdminRoute
from lookalike.server.schemas.rules import MerchandisingRules, PreviewRequest
from lookalike.types import Query as Search

LONGEST_SPAN = 3_650


Days = Annotated[float, Query(gt=0, le=LONGEST_SPAN, description="How far to look back.")]
Limit = Annotated[int, Query(ge=1, le=200)]

router = APIRouter(tags=["merchandising"], route_class=AdminRoute, responses=documented(401, 403, 422))


@router.get("/rules", response_model_exclude_unset=True)
def get_rules(shop: Shop) -> MerchandisingRules:
    """Return all rules."""
    return MerchandisingRules.of(shop.rules)


@router.put("/rules", response_model_exclude_unset=True, responses=documented(503))
def put_rules(replacement: MerchandisingRules, shop: Shop) -> MerchandisingRules:
    """Replace all rules. If one of them is invalid, nothing changes."""
    shop.put_rules(each.rule() for each in replacement.rules)
    return MerchandisingRules.of(shop.rules)


@router.post("/rules:preview")
def preview_rules(trial: PreviewRequest, shop: Shop) -> serialize.PreviewJson:
    """Show which searches other rules, or another weight of the photo, would change."""
    proposed = None if trial.rules is None else [each.rule() for each in trial.rules]
    searches = [Search(text=words, k=trial.k) for words in trial.queries]
    return serialize.preview_json(shop.preview(proposed, trial.image_weight, trial.last, searches, trial.k))


@router.get("/insight/overview")
def overview(shop: Shop, days: Days = 30) -> serialize.OverviewJson:
    """Return searches, clicks, purchases and revenue, in all and by day.

    A search that a shopper refines or comes back to within 30 minutes counts once.
    """
    return serialize.overview_json(shop.overview(days))


@router.get("/insight/popular")
def popular(shop: Shop, limit: Limit = 20) -> list[serialize.StandingJson]:
    """Return the most popular products."""
    return _standings(shop, shop.popular(limit))


@router.get("/insight/rising")
def rising(shop: Shop, limit: Limit = 20) -> list[serialize.StandingJson]:
    """Return the products with the fastest growing popularity."""
    return _standings(shop, shop.rising(limit))


@router.get("/insight/gaps")
def gaps(shop: Shop, days: Days = 30, limit: Limit = 20) -> list[serialize.GapJson]:
    """Return searches without good results: demand that the shop does not meet."""
    return serialize.gaps_json(shop.gaps(days, limit))


@router.get("/insight/positions")
def positions(shop: Shop, days: Days = 30) -> list[serialize.PlaceJson]:
    """Return click and conversion rates by position."""
    return serialize.places_json(shop.positions(days))


@router.get("/insight/searches")
def searches(shop: Shop, days: Days = 30, limit: Limit = 20) -> list[serialize.AskedJson]:
    """Return the most frequent searches, with clicks and purchases."""
    return serialize.searches_json(shop.searches(days, limit))


def _standings(shop: Shop, standings: list[analytics.ProductStatistics]) -> list[serialize.StandingJson]:
    return serialize.standings_json(standings, shop.catalog.titles([each.id for each in standings]))
