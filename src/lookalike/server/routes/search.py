"""`/search`: search by photo, text, product or vector, as one list or as two side by side."""

from __future__ import annotations

from fastapi import APIRouter
from typing_extensions import TypedDict

from lookalike import serialize
from lookalike.search.side_by_side import side_by_side
from lookalike.server.dependencies import Shop
from lookalike.server.problems import documented
from lookalike.server.routing import SearchRoute
from lookalike.server.schemas.search import REQUEST_BODY, AddressQuery, BodyQuery, with_hits

router = APIRouter(tags=["search"], route_class=SearchRoute, responses=documented(400, 401, 403, 404, 422))


class SideBySideJson(TypedDict):
    """Results by photo only, and by text only."""

    image: serialize.ResultsJson
    text: serialize.ResultsJson


@router.post(
    "/search",
    openapi_extra={"requestBody": REQUEST_BODY},
    responses=documented(408, 413, 415, 503),
)
def search(query: BodyQuery, shop: Shop) -> serialize.ResultsJson:
    """Search by photo, text, product, vector, or any combination."""
    return serialize.results_json(shop.answer(with_hits(query, shop)))


@router.get("/search")
def search_by_address(query: AddressQuery, shop: Shop) -> serialize.ResultsJson:
    """Search by text, product or photo URL."""
    return serialize.results_json(shop.answer(with_hits(query, shop)))


@router.post(
    "/search:side-by-side",
    openapi_extra={"requestBody": REQUEST_BODY},
    responses=documented(408, 413, 415, 503),
)
def compare(query: BodyQuery, shop: Shop) -> SideBySideJson:
    """Search by photo only and by text only. Send a product, or a photo and text."""
    both = side_by_side(shop.answer, shop.recipe, with_hits(query, shop))
    return SideBySideJson(image=serialize.results_json(both.image), text=serialize.results_json(both.text))
