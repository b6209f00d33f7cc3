"""The contract of every encoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from PIL.Image import Image

from lookalike.types import Vector
from lookalike.vectors.sparse import SparseRows


@runtime_checkable
class ImageEncoder(Protocol):
    """Turns decoded images into unit vectors. Encoders with the same `space` give comparable vectors."""

    @property
    def name(self) -> str: ...
    @property
    def space(self) -> str:
        """The identity of the vectors; it changes whenever an image would get another vector."""
        ...

    @property
    def dim(self) -> int: ...
    @property
    def input_side(self) -> int:
        """The minimum length of the shorter side; a decoder may shrink larger images to it."""
        ...

    def encode_images(self, images: Sequence[Image]) -> Vector:
        """Return one unit vector per RGB image, independent of the rest of the batch."""
        ...


@runtime_checkable
class TextEncoder(Protocol):
    """Turns texts into unit vectors; an empty text gives zeros."""

    @property
    def name(self) -> str: ...
    @property
    def space(self) -> str: ...
    @property
    def dim(self) -> int: ...
    def encode_texts(self, texts: Sequence[str]) -> Vector | SparseRows:
        """Return one unit vector per text."""
        ...
