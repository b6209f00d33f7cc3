"""`/samples`: photos to try the search with."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, Response
from pydantic import BaseModel

from lookalike.catalog.sample_photos import sample_photo, sample_photo_titles
from lookalike.server.dependencies import Served, Shop
from lookalike.server.problems import documented
from lookalike.server.routing import GuardedRoute, SearchRoute

listing = APIRouter(tags=["search"], route_class=SearchRoute, responses=documented(401, 403))
router = APIRouter(tags=["search"], route_class=GuardedRoute)

MOST_SAMPLES = 8
LOOKED_AT = 400
A_DAY = "public, max-age=86400"


class Sample(BaseModel):
    """A photo to search with."""

    title: str
    url: str


class Samples(BaseModel):
    """Photos to search with."""

    samples: list[Sample]


@listing.get("/samples")
def samples(catalog: Served) -> Samples:
    """List sample photos: those stored in the catalog, otherwise photos of some products."""
    shop = catalog.shop
    if stored := sample_photo_titles(shop.catalog.database):
        return Samples(
            samples=[Sample(title=title, url=f"{catalog.path}/samples/{quote(title)}") for title in stored]
        )
    pictured = [product for product in shop.products(limit=LOOKED_AT) if product.photos]
    step = max(1, len(pictured) // MOST_SAMPLES)
    chosen = pictured[::step][:MOST_SAMPLES]
    return Samples(
        samples=[
            Sample(title=product.title, url=f"{catalog.path}/photos/{product.photos[0].id}")
            for product in chosen
        ]
    )


@router.get(
    "/samples/{name}",
    response_class=Response,
    responses={
        200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}},
        **documented(404),
    },
)
def sample(name: str, shop: Shop) -> Response:
    """Return one stored sample photo. No key is needed, because `<img>` cannot send one."""
    return Response(
        sample_photo(shop.catalog.database, name), media_type="image/jpeg", headers={"Cache-Control": A_DAY}
    )
