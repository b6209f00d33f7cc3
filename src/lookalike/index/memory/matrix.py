"""Dense rows that only grow, in blocks, so that growing copies nothing and readers see whole rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lookalike.types import Vector

BLOCK_ROWS = 32768


class BlockMatrix:
    """A matrix of float32 rows; rows below a length that was read once never change.

    Rows are numbered from `first`: those before are kept elsewhere.
    """

    def __init__(self, dim: int, first: int = 0) -> None:
        self.dim = dim
        self.first = first
        self.length = first
        self._blocks: list[NDArray[np.float32]] = []

    def append(self, rows: Vector) -> None:
        """Add rows at the end."""
        done = 0
        while done < len(rows):
            held = self.length - self.first
            offset = held % BLOCK_ROWS
            if offset == 0 and held == len(self._blocks) * BLOCK_ROWS:
                self._blocks.append(np.empty((BLOCK_ROWS, self.dim), np.float32))
            take = min(BLOCK_ROWS - offset, len(rows) - done)
            self._blocks[-1][offset : offset + take] = rows[done : done + take]
            self.length += take
            done += take

    def dot(self, vector: Vector, length: int) -> NDArray[np.float32]:
        """The inner product of the rows held here, up to row `length`, with a vector."""
        held = length - self.first
        products = np.empty(held, np.float32)
        for start in range(0, held, BLOCK_ROWS):
            stop = min(start + BLOCK_ROWS, held)
            np.dot(self._blocks[start // BLOCK_ROWS][: stop - start], vector, out=products[start:stop])
        return products

    def dot_some(self, vector: Vector, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """The inner product of chosen rows, given in ascending order, with a vector."""
        products = np.empty(len(rows), np.float32)
        for block, part, held in self._in_blocks(rows):
            products[part] = block[held] @ vector
        return products

    def some(self, rows: NDArray[np.intp]) -> Vector:
        """Copies of chosen rows, given in ascending order."""
        copies = np.empty((len(rows), self.dim), np.float32)
        for block, part, held in self._in_blocks(rows):
            copies[part] = block[held]
        return copies

    def _in_blocks(self, rows: NDArray[np.intp]) -> Iterator[tuple[Vector, slice, NDArray[np.intp]]]:
        if not len(rows):
            return
        held = rows - self.first
        begin, end = int(held[0]) // BLOCK_ROWS, int(held[-1]) // BLOCK_ROWS
        bounds = np.searchsorted(held, np.arange(begin, end + 2) * BLOCK_ROWS)
        for block in range(begin, end + 1):
            part = slice(int(bounds[block - begin]), int(bounds[block - begin + 1]))
            yield self._blocks[block], part, held[part] - block * BLOCK_ROWS

    def row(self, number: int) -> Vector:
        """One row, not a copy."""
        held = number - self.first
        return self._blocks[held // BLOCK_ROWS][held % BLOCK_ROWS]
