"""Means with confidence intervals."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

RESAMPLES = 1000
CONFIDENCE = 0.95

Values: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean over queries, with its 95% interval."""

    value: float
    low: float
    high: float
    queries: int

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]" if self.queries else "-"


@dataclass(frozen=True, slots=True)
class Difference:
    """How much one recipe is better than another on the same queries, and whether by more than chance."""

    value: float
    low: float
    high: float
    queries: int
    chance: float
    real: bool = False


def figure(values: Mapping[str, float], units: Mapping[str, str]) -> Figure:
    """The mean over queries; variants are resampled together so that the interval is not too narrow."""
    if not values:
        return Figure(0.0, 0.0, 0.0, 0)
    numbers, means = _resampled(values, units)
    edge = 50 * (1 - CONFIDENCE)
    low, high = np.percentile(means, [edge, 100 - edge])
    return Figure(float(numbers.mean()), float(low), float(high), len(numbers))


def difference(one: Mapping[str, float], other: Mapping[str, float], units: Mapping[str, str]) -> Difference:
    """How much the first is better than the second on the queries that both answered."""
    shared = {query: one[query] - other[query] for query in one if query in other}
    if not shared:
        return Difference(0.0, 0.0, 0.0, 0, 1.0)
    numbers, means = _resampled(shared, units)
    edge = 50 * (1 - CONFIDENCE)
    low, high = np.percentile(means, [edge, 100 - edge])
    spread = float(means.std())
    value = float(numbers.mean())
    chance = math.erfc(abs(value) / spread / math.sqrt(2)) if spread > 0 else float(value == 0)
    return Difference(value, float(low), float(high), len(numbers), chance)


def holm_corrected(differences: Sequence[Difference]) -> list[Difference]:
    """The differences marked as significant or not, corrected for multiple comparisons (Holm)."""
    order = sorted(range(len(differences)), key=lambda place: differences[place].chance)
    real: set[int] = set()
    for rank, place in enumerate(order):
        if differences[place].chance >= (1 - CONFIDENCE) / (len(order) - rank):
            break
        real.add(place)
    return [
        Difference(each.value, each.low, each.high, each.queries, each.chance, place in real)
        for place, each in enumerate(differences)
    ]


def seed_of(*names: str) -> int:
    """A seed derived from names alone, so that every run draws the same."""
    return zlib.crc32("\0".join(names).encode())


def sample(ids: Sequence[str], count: int, purpose: str) -> list[str]:
    """A reproducible sample of ids, independent of their order."""
    chosen = sorted(ids, key=lambda id: (seed_of(purpose, id), id))[:count]
    return sorted(chosen)


def _resampled(values: Mapping[str, float], units: Mapping[str, str]) -> tuple[Values, Values]:
    numbers = np.array(list(values.values()), np.float64)
    drawn = [units.get(query, query) for query in values]
    _, place = np.unique(np.array(drawn), return_inverse=True)
    sums, sizes = np.bincount(place, numbers), np.bincount(place)
    picks = np.random.default_rng(len(sums)).integers(0, len(sums), (RESAMPLES, len(sums)))
    return numbers, sums[picks].sum(axis=1) / sizes[picks].sum(axis=1)
