"""Sparse rows by column: a query reads only the rows that share a word with it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lookalike.vectors.sparse import SparseRow


class Postings:
    """The rows and values of each column, as of the moment it was built."""

    def __init__(self, rows: dict[int, SparseRow]) -> None:
        counts = [len(row.columns) for row in rows.values()]
        owners = np.repeat(np.fromiter(rows, np.int64, len(rows)), counts)
        columns = np.concatenate([r.columns for r in rows.values()]) if rows else np.empty(0, np.int32)
        values = np.concatenate([r.values for r in rows.values()]) if rows else np.empty(0, np.float32)
        order = np.argsort(columns, kind="stable")
        self._owners = owners[order]
        self._values = values[order]
        width = int(columns.max()) + 1 if len(columns) else 0
        self._starts = np.searchsorted(columns[order], np.arange(width + 1))

    def dot(self, query: SparseRow, length: int) -> NDArray[np.float32]:
        """The inner products of the first `length` rows with a sparse query."""
        products = np.zeros(length, np.float32)
        for column, weight in zip(query.columns, query.values, strict=True):
            if column + 1 < len(self._starts):
                part = slice(self._starts[column], self._starts[column + 1])
                products[self._owners[part]] += weight * self._values[part]
        return products
