"""`/map`, `/clusters`, `/distributions`, `/benchmarks`, `/doctor`: what was seen of the catalogue."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from lookalike.analysis import results
from lookalike.errors import NotFound
from lookalike.serialize import facets_json
from lookalike.server.dependencies import Shop
from lookalike.server.problems import documented
from lookalike.server.routing import SearchRoute

router = APIRouter(tags=["explore"], route_class=SearchRoute, responses=documented(401, 403, 404))

Method = Literal["pca", "tsne", "umap"]
CLEAREST: tuple[Method, ...] = ("tsne", "umap", "pca")


@router.get("/map")
def product_map(
    shop: Shop,
    method: Annotated[Method | None, Query(description="Left out, the clearest that was drawn.")] = None,
    facet: Annotated[str, Query(description="Facet to colour by.", max_length=200)] = "",
) -> dict[str, Any]:
    """Tell where each product lies on a map, from 0 to 1, with photo and cluster; new products included."""
    from lookalike.analysis.explore.explore import points_now, space

    kept = _explored(shop)
    method = method or _clearest(kept["maps"])
    drawn = kept["maps"].get(method)
    if drawn is None:
        raise NotFound(f"There is no map by {method} yet: draw it under Manage, or run `lookalike explore`.")
    points = points_now(shop, drawn["points"])
    members = kept["clustering"]["members"]
    products = shop.catalog.database.products(list(points))
    return {
        "method": method,
        "kept": drawn["kept"],
        "explained": drawn["explained"],
        "methods": list(kept["maps"]),
        "stale": kept["space"] != space(shop),
        "points": [
            {
                "id": id,
                "x": x,
                "y": y,
                "photo": next((photo.id for photo in products[id].photos if photo.id), None),
                "title": products[id].title,
                "cluster": members.get(id),
                **({"value": facets_json(products[id].facets).get(facet)} if facet else {}),
            }
            for id, (x, y) in points.items()
            if id in products
        ],
    }


@router.get("/clusters")
def clusters(shop: Shop) -> dict[str, Any]:
    """Tell the groups of products that look alike, with their names and most typical members."""
    clustering = _explored(shop)["clustering"]
    return {name: value for name, value in clustering.items() if name != "members"}


@router.get("/distributions")
def distributions(shop: Shop) -> dict[str, Any]:
    """Count the products by category, colour, price and every other facet that several share."""
    return _explored(shop)["distributions"]


@router.get("/benchmarks")
def benchmarks(shop: Shop) -> dict[str, Any]:
    """Tell how good the catalogue's search is, as it was measured last."""
    kept = results.kept(shop.catalog.database, results.BENCHMARKS)
    if kept is None:
        raise NotFound("This was not measured yet: start it under Manage, or run `lookalike evaluate`.")
    return kept


@router.get("/doctor")
def doctor(shop: Shop) -> dict[str, Any]:
    """Tell what may be wrong with the products, as it was found last."""
    kept = results.kept(shop.catalog.database, results.FINDINGS)
    if kept is None:
        raise NotFound(
            "This was not examined yet: start it under Manage, or run `lookalike doctor --catalog FILE`."
        )
    return kept


def _explored(shop: Shop) -> dict[str, Any]:
    from lookalike.analysis.explore.explore import glimpse

    kept = results.kept(shop.catalog.database, results.EXPLORED)
    return glimpse(shop) if kept is None else kept


def _clearest(maps: dict[str, Any]) -> Method:
    for each in CLEAREST:
        if each in maps:
            return each
    return CLEAREST[0]
