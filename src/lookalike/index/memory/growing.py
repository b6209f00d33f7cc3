"""Append-only arrays, strings and matrices: readers keep a consistent view without locks."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from lookalike.types import Vector
from lookalike.vectors.packed import Packed

BLOCK_ROWS = 32768


class GrowingArray:
    """One value per slot; values below a length once read never change."""

    def __init__(self, dtype: DTypeLike, fill: float = 0, frozen: NDArray[Any] | None = None) -> None:
        self._fill = fill
        # A frozen array from a file is copied only when something is added.
        self._data: NDArray[Any] = np.full(1024, fill, dtype) if frozen is None else frozen

    def set(self, at: int, value: float) -> None:
        """Write one value, growing as far as needed."""
        if at >= len(self._data):
            grown = np.full(max(at + 1, len(self._data) * 3 // 2), self._fill, self._data.dtype)
            grown[: len(self._data)] = self._data
            self._data = grown
        self._data[at] = value

    def view(self, length: int) -> NDArray[Any]:
        """The first `length` values; unwritten ones are the fill value."""
        data = self._data
        if length > len(data):
            padded = np.full(length, self._fill, data.dtype)
            padded[: len(data)] = data
            return padded
        return data[:length]


class Strings:
    """An append-only list of strings."""

    def __init__(self, frozen: Packed | None = None) -> None:
        self._front = frozen
        self._first = len(frozen) if frozen else 0
        self._added: list[str] = []

    def __len__(self) -> int:
        return self._first + len(self._added)

    def __getitem__(self, number: int) -> str:
        if self._front is not None and number < self._first:
            return self._front[number]
        return self._added[number - self._first]

    def append(self, value: str) -> None:
        """Add one."""
        self._added.append(value)

    def extend(self, values: Iterable[str]) -> None:
        """Add several."""
        self._added.extend(values)

    def place_in_front(self, value: str) -> int | None:
        """The position of a string among the sorted strings of the file."""
        if self._front is None:
            return None
        found = bisect_left(self._front, value)
        return found if found < self._first and self._front[found] == value else None


class BlockMatrix:
    """A matrix of float32 rows; rows below a length once read never change.

    Rows are numbered from `first`; earlier rows are stored elsewhere.
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
            number, offset = divmod(self.length - self.first, BLOCK_ROWS)
            take = min(BLOCK_ROWS - offset, len(rows) - done)
            self._make_room(number, offset + take)
            self._blocks[number][offset : offset + take] = rows[done : done + take]
            self.length += take
            done += take

    def _make_room(self, number: int, rows: int) -> None:
        """Reserve room for rows. The first block grows, so that a small matrix takes little memory."""
        if number == len(self._blocks):
            self._blocks.append(np.empty((BLOCK_ROWS if number else rows, self.dim), np.float32))
        block = self._blocks[number]
        if len(block) < rows:
            grown = np.empty((min(BLOCK_ROWS, max(rows, 2 * len(block))), self.dim), np.float32)
            grown[: len(block)] = block
            # Readers of the smaller block keep the same rows.
            self._blocks[number] = grown

    def dot(self, vector: Vector, length: int) -> NDArray[np.float32]:
        """The inner products of the stored rows, up to row `length`, with a vector."""
        held = length - self.first
        products = np.empty(held, np.float32)
        for start in range(0, held, BLOCK_ROWS):
            stop = min(start + BLOCK_ROWS, held)
            np.dot(self._blocks[start // BLOCK_ROWS][: stop - start], vector, out=products[start:stop])
        return products

    def dot_some(self, vector: Vector, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """The inner products of selected rows, in ascending order, with a vector."""
        products = np.empty(len(rows), np.float32)
        for block, part, held in self._in_blocks(rows):
            products[part] = block[held] @ vector
        return products

    def some(self, rows: NDArray[np.intp]) -> Vector:
        """Copies of selected rows, in ascending order."""
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
        """One row, as a view."""
        held = number - self.first
        return self._blocks[held // BLOCK_ROWS][held % BLOCK_ROWS]
