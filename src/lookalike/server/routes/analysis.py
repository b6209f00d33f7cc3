"""`/map`, `/clusters`, `/distributions`, `/benchmarks`, `/doctor`: the latest results of each analysis."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Query
from pydantic import BaseModel, ValidationError

from lookalike.analysis import results
from lookalike.analysis.doctor.stored_findings import stored_findings
from lookalike.analysis.explore.maps import Method
from lookalike.errors import NotFound
from lookalike.serialize import facets_json
from lookalike.server.dependencies import Shop
from lookalike.server.problems import documented
from lookalike.server.routing import SearchRoute
from lookalike.server.schemas.analysis import (
    Clustering,
    Dimensions,
    Distributions,
    Evaluation,
    Findings,
    MapPoint,
    ProductMap,
)
from lookalike.types import Product

router = APIRouter(tags=["explore"], route_class=SearchRoute, responses=documented(401, 403, 404))

PREFERRED: tuple[Method, ...] = ("tsne", "umap", "pca")
Result = TypeVar("Result", bound=BaseModel)


@router.get("/map", response_model_exclude_unset=True)
def product_map(
    shop: Shop,
    method: Annotated[Method | None, Query(description="Default: the best available.")] = None,
    facet: Annotated[str, Query(description="Facet to colour by.", max_length=200)] = "",
    dimensions: Dimensions = 2,
) -> ProductMap:
    """Return the position, photo and cluster of each product. New products are placed on the existing map."""
    from lookalike.analysis.explore.explore import points_now, space

    kept = _explored(shop)
    # Results of earlier versions have no maps in three dimensions.
    maps = kept["maps"] if dimensions == 2 else kept.get("solids", {})
    method = method or _best(maps)
    drawn = maps.get(method)
    if drawn is None:
        start = "`POST /v1/map?dimensions=3`, or run `lookalike explore --three`"
        if dimensions == 2:
            start = "it under Manage, or run `lookalike explore`"
        raise NotFound(f"There is no {method} map in {dimensions} dimensions yet. Start {start}.")
    points = points_now(shop, drawn["points"])
    members = kept["clustering"]["members"]
    products = shop.catalog.database.products(list(points))
    return ProductMap(
        method=method,
        dimensions=dimensions,
        kept=drawn["kept"],
        explained=drawn["explained"],
        methods=list(maps),
        stale=kept["space"] != space(shop),
        points=[
            _map_point(products[id], point, members.get(id), facet)
            for id, point in points.items()
            if id in products
        ],
    )


@router.get("/clusters")
def clusters(shop: Shop) -> Clustering:
    """Return the groups of products that look alike, with their names and most typical products."""
    return Clustering.model_validate(_explored(shop)["clustering"])


@router.get("/distributions")
def distributions(shop: Shop) -> Distributions:
    """Count the products by category, color, price and every other facet with repeated values."""
    return Distributions.model_validate(_explored(shop)["distributions"])


@router.get("/benchmarks")
def benchmarks(shop: Shop) -> Evaluation:
    """Return the latest measurement of search quality."""
    missing = (
        "Search quality has not been measured yet. Run the benchmark in Manage, or `lookalike evaluate`."
    )
    return _stored(shop, results.BENCHMARKS, Evaluation, missing)


@router.get("/doctor")
def doctor(shop: Shop) -> Findings:
    """Return possible problems with the products, from the latest check."""
    return Findings.of(stored_findings(shop.catalog.database))


def _stored(shop: Shop, name: str, model: type[Result], missing: str) -> Result:
    kept = results.kept(shop.catalog.database, name)
    try:
        return model.model_validate(kept)
    except ValidationError as error:
        # Nothing is stored, or another version stored it in another form.
        raise NotFound(missing) from error


def _map_point(product: Product, point: list[float], cluster: int | None, facet: str) -> MapPoint:
    # What was not asked for is not set, and left out of the response.
    asked: dict[str, Any] = dict(zip("xyz", point, strict=False))
    if facet:
        asked["value"] = facets_json(product.facets).get(facet)
    photo = next((photo.id for photo in product.photos if photo.id), None)
    return MapPoint(id=product.id, photo=photo, title=product.title, cluster=cluster, **asked)


def _explored(shop: Shop) -> dict[str, Any]:
    from lookalike.analysis.explore.explore import glimpse

    kept = results.kept(shop.catalog.database, results.EXPLORED)
    return glimpse(shop) if kept is None else kept


def _best(maps: dict[str, Any]) -> Method:
    for method in PREFERRED:
        if method in maps:
            return method
    return PREFERRED[0]
