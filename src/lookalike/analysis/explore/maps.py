"""Maps of the catalog in two or three dimensions by PCA, t-SNE or UMAP, with their accuracy."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from lookalike.errors import ExtraMissing, install_command
from lookalike.types import Vector
from lookalike.vectors.neighbours import Places, Similarities, nearest
from lookalike.vectors.pca import Pca

Method: TypeAlias = Literal["pca", "tsne", "umap"]
Points: TypeAlias = "np.ndarray[Any, np.dtype[np.float32]]"

METHODS: tuple[Method, ...] = ("pca", "tsne", "umap")
FEWEST_FOR_NEIGHBOURS = 8
PERPLEXITY = 30
NEIGHBOURS = 15
ACCURACY_NEIGHBOURS = 10
SAMPLED = 1000
PLACED_BY = 5
MOST_COMPONENTS = 50
MOST_EDGES = 20_000


@dataclass(frozen=True, slots=True)
class Map:
    """Coordinates for each row, the explained variance, and the share of neighbors kept.

    UMAP also gives the `edges` of its connectivity graph as pairs of rows, the strongest first.
    """

    method: Method
    points: Points
    explained: float | None
    kept: float
    edges: Places | None = None


def draw(rows: Vector, method: Method, dimensions: Literal[2, 3] = 2) -> Map:
    """Compute a map of unit vectors. The result is deterministic."""
    if len(rows) < 3:
        points = np.array([[0.25, 0.5, 0.5], [0.75, 0.5, 0.5]], np.float32)[: len(rows), :dimensions]
        return Map(method, points, None, 1.0)
    pca = Pca.fit(rows, min(dimensions, *rows.shape))
    flat = pca.transform(rows)
    flat = np.pad(flat, ((0, 0), (0, dimensions - flat.shape[1])))
    edges = None
    if method == "pca" or len(rows) < FEWEST_FOR_NEIGHBOURS or not np.ptp(rows, axis=0).any():
        points = flat
    elif method == "tsne":
        points = _tsne(rows, flat)
    else:
        points, edges = _umap(rows, flat)
    explained = float(pca.shares.sum()) if method == "pca" else None
    return Map(method, _framed(points), explained, preserved(rows, points), edges)


def preserved(rows: Vector, points: Points) -> float:
    """The share of each product's nearest neighbors that are neighbors on the map."""
    count = min(ACCURACY_NEIGHBOURS, len(rows) - 1)
    if count < 1:
        return 1.0
    chosen = np.arange(0, len(rows), max(1, len(rows) // SAMPLED))
    kept = 0
    for start in range(0, len(chosen), 256):
        piece = chosen[start : start + 256]
        near = rows[piece] @ rows.T
        flat = -((points[piece][:, None, :] - points[None, :, :]) ** 2).sum(axis=2)
        for scores in (near, flat):
            scores[np.arange(len(piece)), piece] = -np.inf
        true = np.argpartition(-near, count - 1, axis=1)[:, :count]
        drawn = np.argpartition(-flat, count - 1, axis=1)[:, :count]
        kept += sum(len(np.intersect1d(one, two)) for one, two in zip(true, drawn, strict=True))
    return kept / (count * len(chosen))


def placed(points: Mapping[str, Sequence[float]], ids: list[str], rows: Vector) -> Points:
    """Points for all products. Existing points stay; new products are placed between their neighbours."""
    known = [place for place, id in enumerate(ids) if id in points]
    dimensions = len(next(iter(points.values()), (0.5, 0.5)))
    result = np.full((len(ids), dimensions), 0.5, np.float32)
    for place in known:
        result[place] = points[ids[place]]
    fresh = [place for place, id in enumerate(ids) if id not in points]
    if known and fresh:
        similar = rows[fresh] @ rows[known].T
        count = min(PLACED_BY, len(known))
        near = np.argsort(-similar, axis=1, kind="stable")[:, :count]
        weight = np.maximum(np.take_along_axis(similar, near, axis=1), 1e-3) ** 8
        drawn = result[np.array(known)[near]]
        result[fresh] = (drawn * weight[..., None]).sum(axis=1) / weight.sum(axis=1)[:, None]
    return result


def _tsne(rows: Vector, flat: Points) -> Points:
    try:
        from openTSNE import TSNEEmbedding
        from openTSNE.affinity import PerplexityBasedNN
        from openTSNE.nearest_neighbors import PrecomputedNeighbors
    except ImportError as error:
        raise _missing("t-SNE", "openTSNE") from error
    perplexity = min(PERPLEXITY, max(2, (len(rows) - 1) // 3))
    places, distances = _neighbours(rows, min(3 * perplexity, len(rows) - 1))
    affinities = PerplexityBasedNN(
        perplexity=perplexity, knn_index=PrecomputedNeighbors(places, distances), n_jobs=1
    )
    start = flat / max(float(flat.std(axis=0).max()), 1e-9) * 1e-4
    # More threads would make the result differ from run to run.
    # Interpolation knows two dimensions at most.
    way = "auto" if flat.shape[1] <= 2 else "bh"
    embedding = TSNEEmbedding(
        start.astype(np.float64), affinities, n_jobs=1, random_state=0, negative_gradient_method=way
    )
    embedding = embedding.optimize(n_iter=250, exaggeration=12, momentum=0.5)
    embedding = embedding.optimize(n_iter=500, momentum=0.8)
    return np.asarray(embedding, np.float32)


def _umap(rows: Vector, flat: Points) -> tuple[Points, Places]:
    try:
        with warnings.catch_warnings():
            # It warns about TensorFlow, which is not needed here.
            warnings.simplefilter("ignore")
            from umap import UMAP
    except ImportError as error:
        raise _missing("UMAP", "umap-learn") from error
    count = min(NEIGHBOURS, len(rows) - 1)
    places, distances = _neighbours(rows, count - 1)
    own = np.arange(len(rows))[:, None]
    places = np.concatenate([own, places], axis=1)
    distances = np.concatenate([np.zeros((len(rows), 1)), distances], axis=1).astype(np.float32)
    start = flat / max(float(np.abs(flat).max()), 1e-9) * 10
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model: Any = UMAP(
            n_neighbors=count,
            n_components=flat.shape[1],
            random_state=0,
            precomputed_knn=(places, distances, None),
            n_epochs=200,
        )
        model.init = start.astype(np.float32)
        points = np.asarray(model.fit_transform(rows), np.float32)
    graph = model.graph_.tocoo()
    # Each edge is stored in both directions.
    once = np.flatnonzero(graph.row < graph.col)
    strongest = once[np.argsort(-graph.data[once], kind="stable")[:MOST_EDGES]]
    return points, np.stack([graph.row[strongest], graph.col[strongest]], axis=1).astype(np.int64)


def _neighbours(rows: Vector, count: int) -> tuple[Places, Similarities]:
    places, similar = nearest(_reduced(rows), max(1, count))
    return places, np.sqrt(np.maximum(2 - 2 * similar, 0))


def _reduced(rows: Vector) -> Vector:
    """The rows reduced by PCA, which removes noise and saves time."""
    if rows.shape[1] <= MOST_COMPONENTS or len(rows) <= MOST_COMPONENTS:
        return rows
    reduced = Pca.fit(rows, MOST_COMPONENTS).transform(rows)
    lengths = np.linalg.norm(reduced, axis=1, keepdims=True)
    return (reduced / np.maximum(lengths, 1e-9)).astype(np.float32)


def _framed(points: Points) -> Points:
    low, high = points.min(axis=0), points.max(axis=0)
    size = float((high - low).max()) or 1.0
    return (0.5 + (points - (low + high) / 2) / size * 0.96).astype(np.float32)


def _missing(method: str, package: str) -> ExtraMissing:
    return ExtraMissing(f"{method} needs {package}. Run `{install_command('explore')}`.")
