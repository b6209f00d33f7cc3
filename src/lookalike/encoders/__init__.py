"""Encoders turn images and text into vectors."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lookalike.encoders.base import ImageEncoder, TextEncoder
    from lookalike.encoders.encoder import Encoder
    from lookalike.encoders.shared import SharedEncoders


def image_encoder(name: str, threads: int = 0) -> ImageEncoder:
    """Return the image encoder for `pixels`, `builtin`, a model of the zoo, or a path to a file."""
    if name == "pixels":
        from lookalike.encoders.pixels import Pixels

        return Pixels()
    from lookalike.encoders.registry import source

    return _shared_images().get(source(name, "image"), threads)


def text_encoder(name: str, threads: int = 0) -> TextEncoder:
    """Return the text encoder for `builtin`, a model of the zoo, or a path to a record."""
    from lookalike.encoders.registry import source

    return _shared_texts().get(source(name, "text"), threads)


def encoder(name: str, threads: int = 0) -> Encoder:
    """Return both towers of an encoder, for use without a catalog."""
    from lookalike.encoders.encoder import Encoder
    from lookalike.encoders.registry import kinds

    found = kinds(name)
    return Encoder(
        name,
        image_encoder(name, threads) if "image" in found else None,
        text_encoder(name, threads) if "text" in found else None,
    )


@cache
def _shared_images() -> SharedEncoders[ImageEncoder]:
    from lookalike.encoders.onnx.runtime import open_images
    from lookalike.encoders.shared import SharedEncoders

    return SharedEncoders(open_images)


@cache
def _shared_texts() -> SharedEncoders[TextEncoder]:
    from lookalike.encoders.onnx.runtime import open_texts
    from lookalike.encoders.shared import SharedEncoders

    return SharedEncoders(open_texts)
