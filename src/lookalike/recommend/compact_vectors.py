"""Shortens vectors by random projection and SVD."""

from __future__ import annotations

from typing import Self

import numpy as np

from lookalike.types import Vector
from lookalike.vectors.sparse import SparseRow

PART_DIM = 32
SPARE = 16
FEW = 16
# Each term of a sparse vector has a random, but fixed direction.
WORD_DIM = 256
WORD_BLOCK = 1024


class Reduction:
    """Shortens the photo or text vectors of products.

    The mean is subtracted, so that what distinguishes products remains.
    """

    def __init__(self, mean: Vector, directions: Vector | None) -> None:
        self._mean = mean
        self._directions = directions

    @classmethod
    def fitted(cls, sample: Vector) -> Self:
        """Learn what distinguishes the products of a sample."""
        sample = sample[sample.any(axis=1)]
        mean = sample.mean(axis=0) if len(sample) >= FEW else np.zeros(sample.shape[1], np.float32)
        short = sample.shape[1] <= PART_DIM or len(sample) <= 2 * PART_DIM
        return cls(mean, None if short else _strongest_directions(sample - mean))

    def arrays(self) -> dict[str, Vector]:
        """What a file keeps of it."""
        kept = {"mean": self._mean}
        return kept if self._directions is None else {**kept, "directions": self._directions}

    @property
    def dim(self) -> int:
        """Length of a short row."""
        return len(self._mean) if self._directions is None else PART_DIM

    def short(self, rows: Vector) -> Vector:
        """Short unit vectors. A zero row stands for a missing part, and stays zero."""
        present = rows.any(axis=1, keepdims=True)
        short = rows - self._mean
        if self._directions is not None:
            short = short @ self._directions
        lengths = np.linalg.norm(short, axis=1, keepdims=True)
        return np.asarray(np.where(present, short / np.maximum(lengths, 1e-9), 0.0), np.float32)


def _strongest_directions(rows: Vector) -> Vector:
    """The main components of the rows, by randomized SVD: a full one would take seconds."""
    chance = np.random.default_rng(0).standard_normal((rows.shape[1], PART_DIM + SPARE), np.float32)
    span, _ = np.linalg.qr(rows @ (rows.T @ (rows @ chance)))
    _, _, directions = np.linalg.svd(span.T @ rows, full_matrices=False)
    return np.asarray(directions[:PART_DIM].T, np.float32)


class Directions:
    """A direction for each word of a counted text."""

    def __init__(self) -> None:
        self._rows = np.zeros((0, WORD_DIM), np.float32)

    def dense(self, row: SparseRow) -> Vector:
        """The sum of the directions of a row's words."""
        while len(row.columns) and row.columns.max() >= len(self._rows):
            block = np.random.default_rng(len(self._rows)).standard_normal((WORD_BLOCK, WORD_DIM), np.float32)
            self._rows = np.concatenate((self._rows, block / np.sqrt(np.float32(WORD_DIM))))
        return row.values @ self._rows[row.columns]
