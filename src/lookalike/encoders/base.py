"""What every encoder is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from PIL.Image import Image

from lookalike.types import Vector


@dataclass(frozen=True, slots=True)
class SparseRow:
    """One unit row that is mostly zeros."""

    columns: np.ndarray[tuple[int], np.dtype[np.int32]]
    values: np.ndarray[tuple[int], np.dtype[np.float32]]
    dim: int


@dataclass(frozen=True, slots=True)
class SparseRows:
    """Unit rows that are mostly zeros: row r holds values[starts[r]:starts[r+1]] at those columns."""

    starts: np.ndarray[tuple[int], np.dtype[np.int64]]
    columns: np.ndarray[tuple[int], np.dtype[np.int32]]
    values: np.ndarray[tuple[int], np.dtype[np.float32]]
    dim: int

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, row: int) -> SparseRow:
        part = slice(int(self.starts[row]), int(self.starts[row + 1]))
        return SparseRow(self.columns[part], self.values[part], self.dim)


@runtime_checkable
class ImageEncoder(Protocol):
    """Turns decoded pictures into unit rows; the same `space` always means comparable vectors."""

    @property
    def name(self) -> str: ...
    @property
    def space(self) -> str:
        """Identity of the vectors: it changes whenever the same picture would give another vector."""
        ...

    @property
    def dim(self) -> int: ...
    @property
    def input_side(self) -> int:
        """Pixels the shorter side needs at least; a decoder may reduce a larger picture to it."""
        ...

    def encode_images(self, images: Sequence[Image]) -> Vector:
        """One unit row for each RGB picture, the same whatever stands beside it in the batch."""
        ...


@runtime_checkable
class TextEncoder(Protocol):
    """Turns texts into unit rows; an empty text gives zeros."""

    @property
    def name(self) -> str: ...
    @property
    def space(self) -> str: ...
    @property
    def dim(self) -> int: ...
    def encode_texts(self, texts: Sequence[str]) -> Vector | SparseRows:
        """One unit row for each text."""
        ...
