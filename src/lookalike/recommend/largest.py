"""The largest values of a long array, without partitioning all of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# So many stretches for each value wanted: nearly all of them hold none of the largest values.
STRETCHES = 8


def largest(values: NDArray[Any], count: int) -> NDArray[np.intp]:
    """The places of the `count` largest values, in no order; all places where there are no more than that.

    Which of several equal values are taken at the boundary is not defined, as with `np.argpartition`.
    """
    if len(values) <= count:
        return np.arange(len(values))
    depth = len(values) // (STRETCHES * count)
    if depth < 2:
        return _partitioned(values, count)
    # The maxima of stretches are values themselves: at least `count` values reach their `count`-th largest.
    even = len(values) // depth * depth
    tops = values[:even].reshape(depth, -1).max(axis=0)
    bound = np.partition(tops, len(tops) - count)[len(tops) - count]
    candidates = np.flatnonzero(values >= bound)
    return candidates[_partitioned(values[candidates], count)]


def _partitioned(values: NDArray[Any], count: int) -> NDArray[np.intp]:
    if len(values) <= count:
        return np.arange(len(values))
    return np.argpartition(values, len(values) - count)[len(values) - count :]
