"""For each item, the items it points to and how strongly: one sparse row per item."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Sparse rows in compressed form: the neighbors of item `i` lie in `starts[i]:starts[i + 1]`.

    `targets` are item numbers and `weights` their strength. An item beyond the last row has no neighbors.
    """

    starts: Ints
    targets: NDArray[np.int32]
    weights: NDArray[np.float32]

    @classmethod
    def none(cls) -> Neighbours:
        """No item has a neighbor."""
        return cls(np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32))

    @classmethod
    def strongest(cls, sources: Ints, targets: Ints, weights: Floats, kept: int) -> Neighbours:
        """Build rows from (source, target, weight) triples, keeping the strongest `kept` of each row.

        Equal weights are ordered by target, so that the result does not depend on the order of the triples.
        """
        if not len(sources):
            return cls.none()
        order = np.lexsort((targets, -np.abs(weights), sources))
        sources, targets, weights = sources[order], targets[order], weights[order]
        counts = np.bincount(sources)
        begins = np.concatenate((np.zeros(1, np.int64), np.cumsum(counts)))
        rank = np.arange(len(sources)) - begins[sources]
        some = rank < kept
        starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(np.minimum(counts, kept))))
        return cls(starts, targets[some].astype(np.int32), weights[some].astype(np.float32))

    def scaled(self, factors: Floats) -> Neighbours:
        """The same rows, each weight times the factor of its target."""
        return Neighbours(
            self.starts, self.targets, (self.weights * factors[self.targets]).astype(np.float32)
        )

    def __len__(self) -> int:
        """How many neighbors there are in all rows."""
        return len(self.targets)

    def row(self, item: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """The neighbors of one item and their weights, the strongest first."""
        if item >= len(self.starts) - 1:
            return self.targets[:0], self.weights[:0]
        span = slice(int(self.starts[item]), int(self.starts[item + 1]))
        return self.targets[span], self.weights[span]

    def scores(self, items: Ints, strength: Floats, size: int) -> Floats:
        """Add up the rows of some items, each times its strength, into a vector of `size` item scores."""
        known = items < len(self.starts) - 1
        items, strength = items[known], strength[known]
        begins, counts = self.starts[items], self.starts[items + 1] - self.starts[items]
        owner = np.repeat(np.arange(len(items)), counts)
        spots = np.arange(len(owner)) + (begins - np.cumsum(counts) + counts)[owner]
        scores = np.bincount(self.targets[spots], self.weights[spots] * strength[owner], size)
        return scores[:size].astype(np.float64, copy=False)
