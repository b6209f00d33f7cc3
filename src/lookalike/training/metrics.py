"""Retrieval metrics with confidence intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]


@dataclass(frozen=True)
class Figure:
    """A value with its 95% interval over groups."""

    value: float
    low: float
    high: float
    queries: int

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


def figure(values: NDArray[np.generic], groups: Sequence[str] | NDArray[np.str_]) -> Figure:
    """Return the mean of per-query values with its interval, by resampling whole groups."""
    numbers = np.asarray(values, dtype=np.float64)
    if not len(numbers):
        return Figure(float("nan"), float("nan"), float("nan"), 0)
    _, place = np.unique(np.asarray(groups), return_inverse=True)
    sums, sizes = np.bincount(place, numbers), np.bincount(place)
    picks = np.random.default_rng(0).integers(0, len(sums), (1000, len(sums)))
    means = sums[picks].sum(1) / sizes[picks].sum(1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Figure(float(numbers.mean()), float(low), float(high), len(numbers))


def neighbours(
    queries: Rows, gallery: Rows, k: int, barred: NDArray[np.bool_] | None = None
) -> NDArray[np.intp]:
    """Return the k nearest gallery rows of each query, without excluded ones."""
    similar = queries @ gallery.T
    if barred is not None:
        similar = np.where(barred, -np.inf, similar)
    return np.argsort(-similar, axis=1, kind="stable")[:, :k]
