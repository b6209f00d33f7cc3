"""Both towers of an encoder, for pictures and words outside any catalog."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lookalike.encoders.base import ImageEncoder, TextEncoder
from lookalike.errors import UsageError
from lookalike.media.images import read_image
from lookalike.types import ImageInput, Vector


class Encoder:
    """Turns pictures and words into unit rows."""

    def __init__(self, name: str, image: ImageEncoder | None, text: TextEncoder | None) -> None:
        self.name = name
        self._image = image
        self._text = text

    @property
    def dim(self) -> int:
        """Length of a row."""
        tower = self._image or self._text
        return tower.dim if tower else 0

    def images(self, images: Sequence[ImageInput]) -> Vector:
        """One row for each picture, given as a path, bytes or a PIL image."""
        if self._image is None:
            raise UsageError(f"The encoder {self.name} reads words, not pictures.")
        side = self._image.input_side
        return self._image.encode_images([read_image(image, side) for image in images])

    def texts(self, texts: Sequence[str]) -> Vector:
        """One row for each text."""
        if self._text is None:
            raise UsageError(f"The encoder {self.name} reads pictures, not words.")
        rows = self._text.encode_texts(texts)
        if not isinstance(rows, np.ndarray):
            raise UsageError(f"The encoder {self.name} counts words of a catalog; open one to use it.")
        return rows
