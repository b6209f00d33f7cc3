"""`/samples`: photos to try the search with, for somebody who has none at hand."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from lookalike.server.keys import SEARCHER
from lookalike.server.parts import Shop
from lookalike.server.problems import documented

router = APIRouter(tags=["search"], dependencies=[SEARCHER], responses=documented(401, 403))

MOST_SAMPLES = 8
LOOKED_AT = 400


class Sample(BaseModel):
    """A photo to search with."""

    title: str
    url: str


class Samples(BaseModel):
    """Photos that show what the catalogue finds."""

    samples: list[Sample]


@router.get("/samples")
def samples(shop: Shop) -> Samples:
    """Give a few photos to search with, spread over the catalogue."""
    pictured = [product for product in shop.products(limit=LOOKED_AT) if product.photos]
    step = max(1, len(pictured) // MOST_SAMPLES)
    chosen = pictured[::step][:MOST_SAMPLES]
    return Samples(
        samples=[Sample(title=product.title, url=f"/v1/photos/{product.photos[0].id}") for product in chosen]
    )
