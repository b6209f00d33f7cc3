"""Photos of the shop's own products as a shopper might send them."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

from lookalike.analysis.evaluate.intervals import seed_of
from lookalike.media.images import read_image

Alteration: TypeAlias = "Callable[[Image.Image, np.random.Generator], Image.Image]"

NEAR_WHITE = 235
WORN_QUALITY = 12
SMALL_SIDE = 56


def altered(picture: Image.Image, how: str, id: str) -> Image.Image:
    """The picture altered in one way, deterministically for each product."""
    return ALTERATIONS[how](picture.convert("RGB"), np.random.default_rng(seed_of(how, id)))


def _crop(picture: Image.Image, dice: np.random.Generator) -> Image.Image:
    width, height = picture.size
    share = dice.uniform(0.6, 0.75)
    wide, high = max(1, int(width * share)), max(1, int(height * share))
    left, top = int(dice.integers(0, width - wide + 1)), int(dice.integers(0, height - high + 1))
    return picture.crop((left, top, left + wide, top + high))


def _blur(picture: Image.Image, dice: np.random.Generator) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(min(picture.size) * dice.uniform(0.012, 0.02)))


def _light(picture: Image.Image, dice: np.random.Generator) -> Image.Image:
    dim = ImageEnhance.Brightness(picture).enhance(dice.uniform(0.45, 0.65))
    warm = np.array([dice.uniform(1.05, 1.2), 1.0, dice.uniform(0.7, 0.9)])
    return Image.fromarray(np.clip(np.asarray(dim) * warm, 0, 255).astype(np.uint8))


def _background(picture: Image.Image, dice: np.random.Generator) -> Image.Image:
    """The white around a studio photo becomes a coarse pattern of room colors."""
    pixels = np.asarray(picture)
    patches = dice.integers(40, 200, (5, 5, 3)).astype(np.uint8)
    room = np.asarray(Image.fromarray(patches).resize(picture.size, Image.Resampling.BICUBIC))
    white = Image.fromarray(((pixels.min(axis=2) >= NEAR_WHITE) * 255).astype(np.uint8))
    soft = np.asarray(white.filter(ImageFilter.GaussianBlur(1)), np.float32)[..., None] / 255
    return Image.fromarray((pixels * (1 - soft) + room * soft).astype(np.uint8))


def _jpeg(picture: Image.Image, dice: np.random.Generator) -> Image.Image:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=WORN_QUALITY)
    return read_image(buffer.getvalue())


def _small(picture: Image.Image, dice: np.random.Generator) -> Image.Image:
    small = picture.copy()
    small.thumbnail((SMALL_SIDE, SMALL_SIDE))
    return small


def _rotated(picture: Image.Image, dice: np.random.Generator) -> Image.Image:
    angle = float(dice.choice([-1, 1]) * dice.uniform(12, 25))
    return picture.rotate(angle, Image.Resampling.BILINEAR, fillcolor=(128, 124, 118))


def _hidden(picture: Image.Image, dice: np.random.Generator) -> Image.Image:
    width, height = picture.size
    wide, high = max(1, int(width * 0.4)), max(1, int(height * 0.4))
    left = int(dice.integers(int(width * 0.1), max(int(width * 0.1) + 1, width - wide)))
    top = int(dice.integers(int(height * 0.1), max(int(height * 0.1) + 1, height - high)))
    covered = picture.copy()
    covered.paste((120, 120, 120), (left, top, left + wide, top + high))
    return covered


ALTERATIONS: Mapping[str, Alteration] = {
    "crop": _crop,
    "blur": _blur,
    "light": _light,
    "background": _background,
    "jpeg": _jpeg,
    "small": _small,
    "rotated": _rotated,
    "hidden": _hidden,
}
