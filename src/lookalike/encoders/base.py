"""What every encoder is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from PIL.Image import Image

from lookalike.types import Vector
from lookalike.vectors.sparse import SparseRows


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
