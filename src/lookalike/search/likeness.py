"""Describes a part of a score to a shopper, as a similarity or a distance."""

from __future__ import annotations

import math

from lookalike.types import Metric, Vector
from lookalike.vectors.sparse import SparseRow

UNIT_TOLERANCE = 1e-3


def distance(part: float | None, metric: Metric) -> float | None:
    """Return the Euclidean distance of a part of a score; None for other metrics."""
    return math.sqrt(max(-part, 0.0)) if part is not None and metric == "euclidean" else None


def likeness(part: float | None, metric: Metric, query: Vector | SparseRow | None) -> float | None:
    """Return 1 - d^2 / 2, the cosine of two unit vectors at Euclidean distance d; None for other metrics."""
    if part is None or query is None or metric != "euclidean":
        return None
    values = query.values if isinstance(query, SparseRow) else query
    unit = abs(float(values @ values) - 1) < UNIT_TOLERANCE
    return max(0.0, 1 + min(part, 0.0) / 2) if unit else None


def likeness_words(part: float, metric: Metric, query: Vector | SparseRow) -> str:
    """Return the likeness in words."""
    if metric == "cosine":
        return f"{part:.0%} alike"
    if metric == "dot":
        return f"{part:.2f} alike"
    away = f"distance {math.sqrt(max(-part, 0.0)):.2f}"
    alike = likeness(part, metric, query)
    return away if alike is None else f"{alike:.0%} alike, {away}"
