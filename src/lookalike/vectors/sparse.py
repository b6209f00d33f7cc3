"""Sparse rows, which store only nonzero columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class SparseRow:
    """A sparse unit row."""

    columns: np.ndarray[tuple[int], np.dtype[np.int32]]
    values: np.ndarray[tuple[int], np.dtype[np.float32]]
    dim: int


@dataclass(frozen=True, slots=True)
class SparseRows:
    """Sparse unit rows: row r holds values[starts[r]:starts[r+1]] at those columns."""

    starts: np.ndarray[tuple[int], np.dtype[np.int64]]
    columns: np.ndarray[tuple[int], np.dtype[np.int32]]
    values: np.ndarray[tuple[int], np.dtype[np.float32]]
    dim: int

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, row: int) -> SparseRow:
        part = slice(int(self.starts[row]), int(self.starts[row + 1]))
        return SparseRow(self.columns[part], self.values[part], self.dim)
