"""`/catalogs`: which catalogs the server has; each has all other routes under its name."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field

import lookalike
from lookalike.database.stores import DEFAULT, LONGEST_NAME
from lookalike.encoders import recipes
from lookalike.errors import NotFound, UnknownRecipe
from lookalike.server.dependencies import ServerCatalogs, ServerSettings
from lookalike.server.problems import documented
from lookalike.server.routing import OperatorRoute
from lookalike.server.schemas.base import RequestModel

router = APIRouter(tags=["catalogs"], route_class=OperatorRoute, responses=documented(401, 403))

Name = Annotated[str, Path(max_length=LONGEST_NAME)]


class CatalogEntry(BaseModel):
    """One of the catalogs of a server."""

    name: str
    path: str = Field(description="Where its routes begin.")
    default: bool = Field(description="Whether routes without a name address it.")
    open: bool = Field(description="Whether this process holds it open now.")


class CatalogRequest(RequestModel):
    """The catalog to create."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=200, description="Lower-case letters, digits, '-' and '_'.")
    recipe: str | None = Field(None, max_length=200, description="How it is searched; null is the default.")


@router.get("/catalogs")
def list_catalogs(catalogs: ServerCatalogs) -> list[CatalogEntry]:
    """List the catalogs, the default one first."""
    return [_entry(name, catalogs) for name in catalogs.names()]


@router.post("/catalogs", status_code=201, responses=documented(409, 422, 503))
def create_catalog(asked: CatalogRequest, catalogs: ServerCatalogs, settings: ServerSettings) -> CatalogEntry:
    """Create an empty catalog."""
    # Names only: with a path, a request could read files of the server.
    if asked.recipe is not None and asked.recipe not in recipes.RECIPES:
        raise UnknownRecipe(f"There is no recipe {asked.recipe!r}. GET /v1/recipes lists them.")
    catalogs.create(
        asked.name, lambda address: lookalike.open(address, recipe=asked.recipe, index=settings.index)
    )
    return _entry(asked.name, catalogs)


@router.get("/catalogs/{name}", responses=documented(404))
def get_catalog(name: Name, catalogs: ServerCatalogs) -> CatalogEntry:
    """Tell about one catalog; what it holds is under its own /catalog."""
    if name not in catalogs.names():
        raise NotFound(f"There is no catalog {name!r}: GET /v1/catalogs lists them.")
    return _entry(name, catalogs)


@router.delete("/catalogs/{name}", status_code=204, responses=documented(404, 409, 503))
def delete_catalog(name: Name, catalogs: ServerCatalogs) -> Response:
    """Delete a catalog and everything in it, for good."""
    catalogs.delete(name)
    return Response(status_code=204)


def _entry(name: str, catalogs: ServerCatalogs) -> CatalogEntry:
    return CatalogEntry(
        name=name,
        path="/v1" if name == DEFAULT else f"/v1/catalogs/{name}",
        default=name == DEFAULT,
        open=name in catalogs.open_names(),
    )
