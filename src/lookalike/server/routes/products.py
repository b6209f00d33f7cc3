"""`/products`: read and write products, one at a time or in batches."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from lookalike import serialize, types
from lookalike.errors import BadImage, NotFound
from lookalike.media.fetch import fetch
from lookalike.media.images import read_image
from lookalike.search.engine import MOST_HITS
from lookalike.server.dependencies import ServerSettings, Shop
from lookalike.server.problems import documented
from lookalike.server.routing import SearchRoute, WriteRoute
from lookalike.server.schemas.products import (
    Batch,
    BatchedChange,
    BatchedProduct,
    BatchOfChanges,
    IdInPath,
    ProductChange,
    ProductInput,
)
from lookalike.server.schemas.search import read_filter

MOST_ON_A_PAGE = 1_000


class ProductPage(BaseModel):
    """A page of products in the order of their ids."""

    products: list[serialize.ProductJson]
    next: str | None = Field(description="Send this as 'after' to get the next page. Null on the last page.")
    total: int


reading = APIRouter(tags=["products"], route_class=SearchRoute, responses=documented(401, 403, 422))
writing = APIRouter(
    tags=["products"],
    route_class=WriteRoute,
    responses=documented(400, 401, 403, 408, 409, 413, 415, 422, 503),
)


@reading.get("/products")
def products(
    shop: Shop,
    after: Annotated[str, Query(max_length=500)] = "",
    limit: Annotated[int, Query(ge=1, le=MOST_ON_A_PAGE)] = 100,
) -> ProductPage:
    """List the products, page by page."""
    page = shop.products(after=after, limit=limit)
    next_one = page[-1].id if len(page) == limit else None
    return ProductPage(products=[serialize.product_json(p) for p in page], next=next_one, total=len(shop))


@reading.get("/products/{id:path}/similar", tags=["search"], responses=documented(404))
def similar(
    id: IdInPath,
    shop: Shop,
    k: Annotated[int | None, Query(ge=1, le=MOST_HITS, description="Default: set by the recipe.")] = None,
    where: Annotated[str, Query(description="Filter as JSON.", max_length=20_000)] = "",
    min_score: float | None = None,
    grouped: bool = True,
    clusters: Annotated[
        int, Query(ge=0, le=1_000, description="Search only the nearest clusters, this many.")
    ] = 0,
) -> serialize.ResultsJson:
    """Find similar products."""
    asked = types.Query(
        product=id,
        where=read_filter(where),
        k=shop.recipe.k if k is None else k,
        min_score=min_score,
        grouped=grouped,
        clusters=clusters,
    )
    return serialize.results_json(shop.answer(asked))


@reading.get("/products/{id:path}", responses=documented(404))
def product(id: IdInPath, shop: Shop) -> serialize.ProductJson:
    """Return a product."""
    return serialize.product_json(shop.product(id))


@writing.put("/products/{id:path}", responses=documented(404))
def put_product(
    id: IdInPath, offer: ProductInput, shop: Shop, settings: ServerSettings
) -> serialize.ProductJson:
    """Insert or replace a product. If a photo is invalid, nothing changes."""
    product = offer.product(id)
    photos = tuple(_checked(photo, settings.max_image_bytes) for photo in product.photos)
    report = shop.add([replace(product, photos=photos)])
    if report.problems:
        raise BadImage(f"The product was not stored: {report.problems[0].reason}")
    return serialize.product_json(shop.product(id))


@writing.patch("/products/{id:path}", responses=documented(404))
def patch_product(
    id: IdInPath, change: ProductChange, shop: Shop, settings: ServerSettings
) -> serialize.ProductJson:
    """Change some fields of a product. The others stay as they are."""
    shop.product(id)
    update = change.update(id)
    if "photos" in update.fields:
        photos = [_checked(photo, settings.max_image_bytes) for photo in update.fields["photos"]]
        update = replace(update, fields={**update.fields, "photos": photos})
    report = shop.update([update])
    if report.problems:
        raise BadImage(f"The product was not changed: {report.problems[0].reason}")
    return serialize.product_json(shop.product(id))


@writing.delete("/products/{id:path}", status_code=204, responses=documented(404))
def delete_product(id: IdInPath, shop: Shop) -> Response:
    """Delete a product."""
    if shop.remove([id]) == 0:
        raise NotFound(f"There is no product '{id}'. Check the id.")
    return Response(status_code=204)


@writing.patch("/products:batch")
def patch_products(batch: BatchOfChanges | list[BatchedChange], shop: Shop) -> serialize.ReportJson:
    """Change some fields of products. Changes that cannot be made are reported; the others are made.

    Prices and stock are searchable when the answer arrives, and embed nothing.
    """
    changes = batch.products if isinstance(batch, BatchOfChanges) else batch
    return serialize.report_json(shop.update(change.update(change.id) for change in changes))


@writing.post("/products:batch")
def put_products(batch: Batch | list[BatchedProduct], shop: Shop) -> serialize.ReportJson:
    """Insert or replace products. Invalid ones are reported with the reason; all others are imported."""
    offers = batch.products if isinstance(batch, Batch) else batch
    rows = [offer.row(number) for number, offer in enumerate(offers, start=1)]
    return serialize.report_json(shop.add(rows))


def _checked(photo: types.Photo, limit: int) -> types.Photo:
    # The engine reports a bad photo with its row; here its error decides the status.
    if photo.id:
        return photo
    data = fetch(photo.source, limit) if photo.data is None else photo.data
    read_image(data, side=1)
    return types.Photo(source=photo.source, data=data)
