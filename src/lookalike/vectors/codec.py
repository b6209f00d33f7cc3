"""Encodes vectors as bytes for the database, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lookalike.types import Vector
from lookalike.vectors.sparse import SparseRow

if TYPE_CHECKING:
    pass


def pack_vector(row: Vector | SparseRow) -> bytes:
    """Encode a vector."""
    if isinstance(row, SparseRow):
        return row.columns.astype("<i4").tobytes() + row.values.astype("<f4").tobytes()
    return row.astype("<f4").tobytes()


def unpack_sparse(data: bytes) -> SparseRow:
    """Decode a sparse vector."""
    half = len(data) // 2
    return SparseRow(np.frombuffer(data[:half], "<i4"), np.frombuffer(data[half:], "<f4"), 0)


def unpack_vectors(data: bytes) -> Vector:
    """Decode a dense vector."""
    return np.frombuffer(data, "<f4")
