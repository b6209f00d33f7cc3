"""`/catalog`: the state of the catalog."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from fastapi import APIRouter
from pydantic import BaseModel, Field

import lookalike
from lookalike.database.stores import DEFAULT
from lookalike.server.catalogs import ServedCatalog
from lookalike.server.dependencies import Served
from lookalike.server.problems import documented
from lookalike.server.routes.storefront import StorefrontSettings, stored
from lookalike.server.routing import AdminRoute, SearchRoute

router = APIRouter(tags=["catalog"], route_class=SearchRoute, responses=documented(401, 403))
managing = APIRouter(tags=["catalog"], route_class=AdminRoute, responses=documented(401, 403))


class RecipeState(BaseModel):
    """The models and settings used for search."""

    name: str
    summary: str
    image: str
    text: str
    image_weight: float
    metric: str
    k: int = Field(description="Default number of results.")
    keyword_bonus: bool = Field(description="Whether products that contain the search words score higher.")
    clusters: int = Field(description="Number of clusters; 0 for recipes without clusters.")
    min_score: float | None


class IndexState(BaseModel):
    """The index in use, and its measured recall."""

    kind: str = Field(description="exact, approximate or milvus.")
    rows: int
    recall: float | None = Field(
        description="Share of the nearest products that it finds; null for exact search."
    )
    note: str = Field(description="Why another index than the configured one is in use; empty otherwise.")


class CatalogState(BaseModel):
    """The state of the catalog."""

    name: str
    products: int
    revision: int
    recipe: RecipeState
    index: IndexState
    facets: list[str]
    storefront: StorefrontSettings
    version: str


class PhotoStorageState(BaseModel):
    """How much of the disk the photos take."""

    photos: int
    photo_bytes: int
    large_photos: int = Field(description="Those that are also kept in a size to zoom.")
    large_bytes: int


@router.get("/catalog")
def catalog(served: Served) -> CatalogState:
    """Return the state of the catalog: products, recipe, index, facets."""
    shop = served.shop
    recipe = shop.recipe
    index = shop.engine.index
    facts = index.facts()
    return CatalogState(
        name=_name(served),
        products=len(shop),
        revision=shop.revision,
        recipe=RecipeState(
            name=recipe.name,
            summary=recipe.summary,
            image=recipe.image,
            text=recipe.text,
            image_weight=recipe.image_weight,
            metric=recipe.metric,
            k=recipe.k,
            keyword_bonus=recipe.keyword_bonus,
            clusters=recipe.clusters,
            min_score=recipe.min_score,
        ),
        index=IndexState(kind=index.kind, rows=facts.rows, recall=facts.recall, note=facts.note),
        facets=index.facet_names(),
        storefront=stored(shop),
        version=lookalike.__version__,
    )


@managing.get("/catalog/photos")
def photo_storage(served: Served) -> PhotoStorageState:
    """Tell how much of the disk the photos take."""
    return PhotoStorageState(**asdict(served.shop.catalog.database.photo_storage()))


def _name(served: ServedCatalog) -> str:
    if served.name != DEFAULT:
        return served.name
    # Only the last part: the rest of the URL may be private.
    return PurePosixPath(urlsplit(served.shop.url).path).stem
