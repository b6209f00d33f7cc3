"""Both towers of an encoder, for use without a catalog."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lookalike.encoders.base import ImageEncoder, TextEncoder
from lookalike.errors import UsageError
from lookalike.media.images import read_image
from lookalike.types import ImageInput, Vector


class Encoder:
    """Turns images and texts into unit vectors."""

    def __init__(self, name: str, image: ImageEncoder | None, text: TextEncoder | None) -> None:
        self.name = name
        self._image = image
        self._text = text

    @property
    def dim(self) -> int:
        """The length of a vector."""
        tower = self._image or self._text
        return tower.dim if tower else 0

    def images(self, images: Sequence[ImageInput]) -> Vector:
        """Return one vector per image, given as a path, bytes or a PIL image."""
        if self._image is None:
            raise UsageError(f"The encoder {self.name} embeds text, not images.")
        side = self._image.input_side
        return self._image.encode_images([read_image(image, side) for image in images])

    def texts(self, texts: Sequence[str]) -> Vector:
        """Return one vector per text."""
        if self._text is None:
            raise UsageError(f"The encoder {self.name} embeds images, not text.")
        rows = self._text.encode_texts(texts)
        if not isinstance(rows, np.ndarray):
            raise UsageError(
                f"The encoder {self.name} is fitted to the texts of a catalog. Open a catalog to use it."
            )
        return rows
