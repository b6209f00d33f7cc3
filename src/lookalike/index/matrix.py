"""Dense rows that only grow, in blocks, so that growing copies nothing and readers see whole rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lookalike.records import Vector

BLOCK_ROWS = 32768


class BlockMatrix:
    """A matrix of float32 rows; rows below a length that was read once never change."""

    def __init__(self, dim: int) -> None:
        self.dim = dim
        self.length = 0
        self._blocks: list[NDArray[np.float32]] = []

    def append(self, rows: Vector) -> None:
        """Add rows at the end."""
        done = 0
        while done < len(rows):
            offset = self.length % BLOCK_ROWS
            if offset == 0 and self.length == len(self._blocks) * BLOCK_ROWS:
                self._blocks.append(np.empty((BLOCK_ROWS, self.dim), np.float32))
            take = min(BLOCK_ROWS - offset, len(rows) - done)
            self._blocks[-1][offset : offset + take] = rows[done : done + take]
            self.length += take
            done += take

    def dot(self, vector: Vector, length: int) -> NDArray[np.float32]:
        """The inner product of the first `length` rows with a vector."""
        products = np.empty(length, np.float32)
        for start in range(0, length, BLOCK_ROWS):
            stop = min(start + BLOCK_ROWS, length)
            np.dot(self._blocks[start // BLOCK_ROWS][: stop - start], vector, out=products[start:stop])
        return products

    def dot_some(self, vector: Vector, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """The inner product of chosen rows, given in ascending order, with a vector."""
        if not len(rows):
            return np.empty(0, np.float32)
        first, last = int(rows[0]) // BLOCK_ROWS, int(rows[-1]) // BLOCK_ROWS
        bounds = np.searchsorted(rows, np.arange(first, last + 2) * BLOCK_ROWS)
        products = np.empty(len(rows), np.float32)
        for block in range(first, last + 1):
            part = slice(bounds[block - first], bounds[block - first + 1])
            products[part] = self._blocks[block][rows[part] - block * BLOCK_ROWS] @ vector
        return products

    def row(self, number: int) -> Vector:
        """One row, not a copy."""
        return self._blocks[number // BLOCK_ROWS][number % BLOCK_ROWS]
