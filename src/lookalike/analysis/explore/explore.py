"""Computes maps, clusters and distributions together, and stores them for the web application."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from lookalike.analysis import results
from lookalike.analysis.explore.clusters import Clustering, cluster
from lookalike.analysis.explore.distributions import Distributions, distributions
from lookalike.analysis.explore.maps import METHODS, Map, Method, draw, placed
from lookalike.analysis.snapshot import Snapshot
from lookalike.shop import Shop
from lookalike.types import Vector

MOST_AT_ONCE = 20_000

Progress: TypeAlias = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Explored:
    """Maps, clusters and distributions."""

    snapshot: Snapshot
    maps: tuple[Map, ...]
    clustering: Clustering
    spread: Distributions
    solids: tuple[Map, ...] = ()
    """The same maps in three dimensions, if requested."""


def explore(
    shop: Shop,
    *,
    methods: Sequence[Method] = METHODS,
    number: int | None = None,
    three: bool = False,
    progress: Progress | None = None,
) -> Explored:
    """Compute maps, clusters and distributions; with `three`, also three-dimensional maps."""
    snapshot = Snapshot.of(shop)
    _, rows = _seen(snapshot)
    steps = len(methods) * (1 + three) + 1
    maps: list[Map] = []
    solids: list[Map] = []
    for method in methods:
        if progress is not None:
            progress(f"map by {method}", len(maps) + len(solids), steps)
        maps.append(draw(rows, method))
        if three:
            solids.append(draw(rows, method, 3))
    if progress is not None:
        progress("clusters", steps - 1, steps)
    clustering = cluster(snapshot, number)
    return Explored(snapshot, tuple(maps), clustering, distributions(snapshot), tuple(solids))


def keep(shop: Shop, explored: Explored) -> None:
    """Store the results."""
    results.keep(shop.catalog.database, results.EXPLORED, as_json(shop, explored))


def as_json(shop: Shop, explored: Explored) -> dict[str, Any]:
    """The results as JSON, without photos."""
    ids, _ = _seen(explored.snapshot)
    return {
        "space": space(shop),
        "maps": _maps_json(ids, explored.maps),
        "solids": _maps_json(ids, explored.solids),
        "clustering": explored.clustering.as_json(),
        "distributions": explored.spread.as_json(),
    }


def _maps_json(ids: Sequence[str], maps: Sequence[Map]) -> dict[str, Any]:
    return {
        drawn.method: {
            "explained": None if drawn.explained is None else round(drawn.explained, 4),
            "kept": round(drawn.kept, 4),
            "points": {
                id: [round(each, 4) for each in point]
                for id, point in zip(ids, drawn.points.tolist(), strict=True)
            },
        }
        for drawn in maps
    }


def glimpse(shop: Shop) -> dict[str, Any]:
    """The results before `explore` has run: PCA maps and distributions."""
    return _glimpse(shop, shop.revision)


@lru_cache(maxsize=1)
def _glimpse(shop: Shop, revision: int) -> dict[str, Any]:
    # The cache key contains the revision.
    snapshot = Snapshot.of(shop)
    ids, rows = _seen(snapshot)
    few = len(ids) <= MOST_AT_ONCE
    maps: tuple[Map, ...] = (draw(rows, "pca"),) if few else ()
    solids: tuple[Map, ...] = (draw(rows, "pca", 3),) if few else ()
    nothing = Clustering((), {}, 0.0, 1.0, {}, "run `lookalike explore`")
    return as_json(shop, Explored(snapshot, maps, nothing, distributions(snapshot), solids))


def space(shop: Shop) -> str:
    """The vector space of the maps. If it changes, the maps are stale."""
    encoding = shop.catalog.pipeline.encoding
    return encoding.learned or encoding.image_space


def points_now(shop: Shop, points: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    """The points of a stored map for the current products. New products are placed on the map."""
    ids, rows = _seen(Snapshot.of(shop))
    if all(id in points for id in ids):
        return {id: list(points[id]) for id in ids}
    found = placed(points, ids, rows).tolist()
    return {id: [round(each, 4) for each in point] for id, point in zip(ids, found, strict=True)}


def _seen(snapshot: Snapshot) -> tuple[list[str], Vector]:
    seen = snapshot.has_photo()
    return [id for id, photo in zip(snapshot.ids, seen, strict=True) if photo], snapshot.looks()[seen]
