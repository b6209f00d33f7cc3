"""Photographs items in a pale studio or at home, and returns the JPEG."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache
from math import cos, radians, sin

import numpy as np
from PIL import Image

from lookalike_sample_shop.colours import RGB
from lookalike_sample_shop.drawing import Layer
from lookalike_sample_shop.outlines import SHEET
from lookalike_sample_shop.patterns import Dye
from lookalike_sample_shop.relief import Field, clouds, resized, softened

_QUALITY = 88
_COARSE = 4


def studio_photo(layer: Layer, standing: bool = False) -> bytes:
    """The item in front of the studio's paper, hanging or standing, with a soft shadow."""
    shadow = 1 - _haze(layer.cover, 13, 4, 9, 0.26)
    if standing:
        shadow = shadow * (1 - _footing(layer.cover))
    return _jpeg(_over(layer.colour, layer.cover, _paper() * shadow[:, :, None]))


def home_photo(layer: Layer, place: str, turn: float, zoom: float) -> bytes:
    """The item as photographed at home: slightly rotated, in warm light, on a surface."""
    colour, cover = (_turned(field, turn, zoom) for field in (layer.colour, layer.cover * 255))
    cover = cover / 255
    shadow = (1 - _haze(cover, 5, 5, 7, 0.45)) * (1 - _haze(cover, 20, 12, 16, 0.3))
    picture = _over(colour, cover, _PLACES[place]() * shadow[:, :, None])
    across, down = np.meshgrid(np.linspace(-1, 1, SHEET), np.linspace(-1, 1, SHEET))
    daylight = 1.03 - 0.1 * across - 0.07 * down - 0.08 * (across**2 + down**2)
    warmth = np.array([1.02, 0.985, 0.93])
    film = np.random.default_rng(5).normal(0, 2.2, (SHEET, SHEET, 1))
    return _jpeg(picture * daylight[:, :, None] * warmth + film)


def _over(colour: Dye, cover: Field, backdrop: Dye) -> Dye:
    return colour + backdrop * (1 - cover)[:, :, None]


def _jpeg(picture: Dye) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.clip(picture + 0.5, 0, 255).astype(np.uint8)).save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _haze(cover: Field, radius: float, right: int, down: int, darkness: float) -> Field:
    coarse = cover.reshape(SHEET // _COARSE, _COARSE, SHEET // _COARSE, _COARSE).mean(axis=(1, 3))
    soft = np.pad(softened(coarse, radius / _COARSE), ((down // _COARSE, 0), (right // _COARSE, 0)))
    return darkness * resized(soft[: SHEET // _COARSE, : SHEET // _COARSE], SHEET, SHEET, _COARSE)


def _footing(cover: Field) -> Field:
    """The dark line where an item touches the ground, fading forwards."""
    ground = int(np.flatnonzero(cover.max(axis=1) > 0.5).max())
    touch = cover[max(0, ground - 26) : ground].mean(axis=0)
    soft = softened(touch[None, :].repeat(3, axis=0), 16)[1]
    rows = np.arange(SHEET, dtype=np.float32)
    wide = np.exp(-(((rows - ground - 1) / 11) ** 2)) * 0.4
    narrow = np.exp(-(((rows - ground) / 4) ** 2)) * 0.42
    return (np.clip(soft * 1.5, 0, 1)[None, :] * (wide + narrow)[:, None]).astype(np.float32)


def _turned(field: Dye | Field, degrees: float, zoom: float) -> Dye:
    picture = Image.fromarray(np.clip(field, 0, 255).astype(np.uint8))
    c, s = cos(radians(degrees)) / zoom, sin(radians(degrees)) / zoom
    middle = SHEET / 2
    inverse = (c, s, middle - c * middle - s * middle, -s, c, middle + s * middle - c * middle)
    turned = picture.transform((SHEET, SHEET), Image.Transform.AFFINE, inverse, Image.Resampling.BICUBIC)
    return np.asarray(turned, dtype=np.float32)


@cache
def _paper() -> Dye:
    across, down = np.meshgrid(np.linspace(-1, 1, SHEET), np.linspace(-1, 1, SHEET))
    tone = 251 - 9 * np.clip(across**2 + (down + 0.15) ** 2, 0, 2)
    return np.stack([tone, tone, tone + 1], axis=2).astype(np.float32)


@cache
def _wood() -> Dye:
    plank = 96
    rows = np.arange(SHEET)
    board = rows // plank
    grain = clouds(SHEET, SHEET, 90, 2.2, 101) * 0.5 + clouds(SHEET, SHEET, 150, 9, 102) * 0.5
    tone = 1 + 0.11 * grain + np.array([0.04, -0.06, 0.02, -0.03, 0.05])[board][:, None]
    gap = np.abs(rows % plank - 1) < 1.6
    tone = np.where(gap[:, None], tone * 0.55, tone)
    joints = [150, 330, 60, 400, 220]
    for index, x in enumerate(joints):
        tone[index * plank : (index + 1) * plank, x : x + 2] *= 0.6
    return (tone[:, :, None] * np.array([186, 140, 96])).astype(np.float32)


def _textile(colour: RGB, seed: int) -> Dye:
    heaps = clouds(SHEET, SHEET, 130, 60, seed) + 0.5 * clouds(SHEET, SHEET, 50, 90, seed + 1)
    slope = np.gradient(heaps)[0] * 9 + np.gradient(heaps)[1] * 7
    weave = clouds(SHEET, SHEET, 1.6, 1.6, seed + 2)
    tone = 1 + 0.34 * np.clip(slope, -0.7, 0.7) + 0.035 * weave
    return (tone[:, :, None] * np.array(colour)).astype(np.float32)


@cache
def _sheet() -> Dye:
    return _textile((226, 224, 220), 111)


@cache
def _rug() -> Dye:
    loops = clouds(SHEET, SHEET, 5, 5, 121) + 0.6 * clouds(SHEET, SHEET, 2, 2, 122)
    tone = 1 + 0.13 * loops + 0.05 * clouds(SHEET, SHEET, 80, 80, 123)
    return (tone[:, :, None] * np.array([150, 152, 150])).astype(np.float32)


@cache
def _concrete() -> Dye:
    tone = 1 + 0.05 * clouds(SHEET, SHEET, 60, 60, 131) + 0.035 * clouds(SHEET, SHEET, 9, 9, 132)
    tone += 0.03 * clouds(SHEET, SHEET, 1.4, 1.4, 133)
    return (tone[:, :, None] * np.array([186, 184, 180])).astype(np.float32)


_PLACES: dict[str, Callable[[], Dye]] = {
    "wood": _wood,
    "sheet": _sheet,
    "rug": _rug,
    "concrete": _concrete,
}
