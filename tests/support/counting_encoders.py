"""Encoders that count what they are given; what they answer is what the real ones answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from PIL.Image import Image

from lookalike.encoders import image_encoder, text_encoder
from lookalike.encoders.base import ImageEncoder, TextEncoder


@dataclass(slots=True)
class Counts:
    """How many photos and texts were embedded since the last `reset`."""

    photos: int = 0
    texts: int = 0

    def reset(self) -> None:
        self.photos = self.texts = 0


@dataclass(slots=True)
class CountingEncoders:
    """Opens encoders as the catalog asks for them, and counts in `counts` for all of them."""

    counts: Counts = field(default_factory=Counts)

    def image_encoder(self, name: str, threads: int = 0) -> ImageEncoder:
        return CountingImages(image_encoder(name, threads), self.counts)

    def text_encoder(self, name: str, threads: int = 0) -> TextEncoder:
        return CountingTexts(text_encoder(name, threads), self.counts)


class CountingImages:
    """An image encoder behind a counter."""

    def __init__(self, inner: ImageEncoder, counts: Counts) -> None:
        self._inner, self._counts = inner, counts
        self.name, self.space, self.dim, self.input_side = (
            inner.name,
            inner.space,
            inner.dim,
            inner.input_side,
        )

    def encode_images(self, images: Sequence[Image]) -> Any:
        self._counts.photos += len(images)
        return self._inner.encode_images(images)


class CountingTexts:
    """A text encoder behind a counter."""

    def __init__(self, inner: TextEncoder, counts: Counts) -> None:
        self._inner, self._counts = inner, counts
        self.name, self.space, self.dim = inner.name, inner.space, inner.dim

    def encode_texts(self, texts: Sequence[str]) -> Any:
        self._counts.texts += len(texts)
        return self._inner.encode_texts(texts)
