"""`/catalog` and `/recipes`: what this server serves, and what it could."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import urlsplit

from fastapi import APIRouter
from pydantic import BaseModel, Field

import lookalike
from lookalike.database.stores import DEFAULT
from lookalike.encoders import describe
from lookalike.server.catalogs import ServedCatalog
from lookalike.server.dependencies import Served
from lookalike.server.problems import documented
from lookalike.server.routes.storefront import StorefrontSettings, stored
from lookalike.server.routing import SearchRoute

router = APIRouter(tags=["catalog"], route_class=SearchRoute, responses=documented(401, 403))


class RecipeState(BaseModel):
    """The models and settings used for search."""

    name: str
    summary: str
    image: str
    text: str
    image_weight: float
    metric: str
    k: int = Field(description="Hits of a search that names no number.")
    keyword_bonus: bool = Field(description="Whether products with the words of the query score higher.")
    clusters: int = Field(description="Clusters a search may keep to; 0 where the recipe has none.")
    min_score: float | None


class RecipeFacts(BaseModel):
    """A recipe, and whether its files are on this machine."""

    name: str
    default: bool
    summary: str
    paper: str
    image: str
    text: str
    image_weight: float
    metric: str
    k: int
    keyword_bonus: bool
    components: float
    clusters: int
    min_score: float | None
    steps: list[str]
    size: int
    here: bool


class IndexState(BaseModel):
    """What searches, and how well it was measured to find the nearest."""

    kind: str = Field(description="exact, approximate or milvus.")
    rows: int
    recall: float | None = Field(description="Share of the nearest that it finds; null where it finds all.")
    note: str = Field(description="What keeps it from being what was asked for; empty where nothing does.")


class CatalogState(BaseModel):
    """What the catalogue is and holds."""

    name: str
    products: int
    revision: int
    recipe: RecipeState
    index: IndexState
    facets: list[str]
    storefront: StorefrontSettings
    version: str


@router.get("/catalog")
def catalog(served: Served) -> CatalogState:
    """Tell what is served: products, recipe, index, facets."""
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


def _name(served: ServedCatalog) -> str:
    if served.name != DEFAULT:
        return served.name
    # Only the last step: the rest of the address is nobody's business.
    return PurePosixPath(urlsplit(served.shop.url).path).stem


@router.get("/recipes")
def list_recipes() -> list[RecipeFacts]:
    """List the recipes by their names."""
    return [RecipeFacts.model_validate(facts) for facts in describe.all_recipe_facts()]
