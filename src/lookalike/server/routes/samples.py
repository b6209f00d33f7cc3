"""`/samples`: photos to try the search with, for somebody who has none at hand."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, Response
from pydantic import BaseModel

from lookalike.server.auth import SEARCHER
from lookalike.server.dependencies import Shop
from lookalike.server.problems import documented
from lookalike_sample_shop import SAMPLES, sample_photo
from lookalike_sample_shop.assortment import articles

router = APIRouter(tags=["search"], responses=documented(401, 403))

MOST_SAMPLES = 8
LOOKED_AT = 400
A_DAY = "public, max-age=86400"


class Sample(BaseModel):
    """A photo to search with."""

    title: str
    url: str


class Samples(BaseModel):
    """Photos that show what the catalogue finds."""

    samples: list[Sample]


@router.get("/samples", dependencies=[SEARCHER])
def samples(shop: Shop) -> Samples:
    """Give a few photos to search with: taken at home for the sample shop, else a shop's own."""
    if articles()[0].id in shop.catalog.database.products([articles()[0].id]):
        return Samples(samples=[Sample(title=name, url=f"/v1/samples/{quote(name)}") for name in SAMPLES])
    pictured = [product for product in shop.products(limit=LOOKED_AT) if product.photos]
    step = max(1, len(pictured) // MOST_SAMPLES)
    chosen = pictured[::step][:MOST_SAMPLES]
    return Samples(
        samples=[Sample(title=product.title, url=f"/v1/photos/{product.photos[0].id}") for product in chosen]
    )


@router.get(
    "/samples/{name}",
    response_class=Response,
    responses={
        200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}},
        **documented(404),
    },
)
def sample(name: str) -> Response:
    """Give one of the photos taken at home; anybody may see it, for `<img>` cannot send a key."""
    return Response(sample_photo(name), media_type="image/jpeg", headers={"Cache-Control": A_DAY})
