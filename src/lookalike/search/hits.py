"""Turns matches into hits: their reasons, likeness and clusters."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from lookalike.catalog.pipeline import EncodingPipeline
from lookalike.database import Database
from lookalike.index import Match
from lookalike.lexical.search import CODE_SCORE
from lookalike.search.query import QueryVectors
from lookalike.search.word_search import WordHalf
from lookalike.types import Hit, Metric, Product, Vector
from lookalike.vectors.codec import unpack_vectors
from lookalike.vectors.sparse import SparseRow

UNIT_TOLERANCE = 1e-3


def hit_of(
    match: Match, product: Product, vectors: QueryVectors, metric: Metric, half: WordHalf | None
) -> Hit:
    """Return a match as a hit: its product, the parts of its score, and the reasons in words."""
    parts = {"image": match.image or 0.0, "text": match.text or 0.0}
    why: list[str] = []
    if match.words:
        parts["words"] = match.words
        if match.words >= CODE_SCORE:
            why.append("has exactly this code")
        else:
            why.append("contains all words" if match.refers else "contains some of the words")
    if vectors.image is not None and match.photo:
        position = (
            [photo.id for photo in product.photos].index(match.photo) + 1 if len(product.photos) > 1 else 1
        )
        why.append(f"looks {_likeness_words(parts['image'], metric, vectors.image)} (photo {position})")
    if vectors.text is not None and parts["text"]:
        why.append(f"reads {_likeness_words(parts['text'], metric, vectors.text)}")
    # A sum of cosines is at most 1, except for float32 rounding.
    score = min(match.score, 1.0) if metric == "cosine" and not match.words else match.score
    return Hit(
        product,
        score,
        parts,
        match.photo,
        why=tuple(why),
        distance=_distance(match.image, metric),
        likeness=_likeness(match.image, metric, vectors.image),
        named=match.refers and half is not None and not half.found.reading.unknown,
        explain=half.evidence if half else None,
    )


def with_clusters(hits: tuple[Hit, ...], pipeline: EncodingPipeline, database: Database) -> tuple[Hit, ...]:
    """Return the hits with the cluster of the matching photo; unchanged if the recipe has no clusters."""
    learned = pipeline.learned()
    if learned is None or learned.clusters is None:
        return hits
    photos = [hit.photo for hit in hits if hit.photo]
    rows = database.image_vectors(pipeline.encoding.image_space, photos)
    if not rows:
        return hits
    reduced = learned.reduced(np.stack([unpack_vectors(row) for row in rows.values()]))
    cluster = dict(zip(rows, map(str, learned.clusters.assign(reduced).tolist()), strict=True))
    return tuple(replace(hit, cluster=cluster.get(hit.photo or "")) for hit in hits)


def _distance(part: float | None, metric: Metric) -> float | None:
    """Return the Euclidean distance of a part of a score; None for other metrics."""
    return math.sqrt(max(-part, 0.0)) if part is not None and metric == "euclidean" else None


def _likeness(part: float | None, metric: Metric, query: Vector | SparseRow | None) -> float | None:
    """Return 1 - d^2 / 2, the cosine of two unit vectors at Euclidean distance d; None for other metrics."""
    if part is None or query is None or metric != "euclidean":
        return None
    values = query.values if isinstance(query, SparseRow) else query
    unit = abs(float(values @ values) - 1) < UNIT_TOLERANCE
    return max(0.0, 1 + min(part, 0.0) / 2) if unit else None


def _likeness_words(part: float, metric: Metric, query: Vector | SparseRow) -> str:
    """Return the likeness in words."""
    if metric == "cosine":
        return f"{part:.0%} alike"
    if metric == "dot":
        return f"{part:.2f} alike"
    away = f"distance {math.sqrt(max(-part, 0.0)):.2f}"
    alike = _likeness(part, metric, query)
    return away if alike is None else f"{alike:.0%} alike, {away}"
