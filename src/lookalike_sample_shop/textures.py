"""Weaves: how a surface breaks the light, as tiles that are woven once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from lookalike_sample_shop.relief import Field, clouds

TILE = 240
_DENSITY = 2


def surface(texture: str, u: Field, v: Field) -> Field:
    """Brightness of the weave around 1 at the points (u, v)."""
    if texture == "smooth":
        return np.float32(1)  # pyright: ignore[reportReturnType]
    tile = _tile(texture)
    side = TILE * _DENSITY
    return tile[(v * _DENSITY).astype(np.int32) % side, (u * _DENSITY).astype(np.int32) % side]


@cache
def _tile(texture: str) -> Field:
    at = np.arange(TILE * _DENSITY, dtype=np.float32) / _DENSITY
    return _WEAVES[texture](at[None, :], at[:, None]).astype(np.float32)


def _speckle(amount: float, cell: float, seed: int, stretch: float = 1.0) -> Field:
    side = TILE * _DENSITY
    return amount * clouds(side, side, cell * _DENSITY, cell * stretch * _DENSITY, seed)


def _jersey(u: Field, v: Field) -> Field:
    return 1 + _speckle(0.03, 0.8, 1) + _speckle(0.012, 5, 2) + 0.012 * np.sin(2 * np.pi * u / 2.5)


def _poplin(u: Field, v: Field) -> Field:
    return 1 + _speckle(0.014, 0.7, 3) + _speckle(0.01, 12, 4, 2) + 0 * (u + v)


def _twill(u: Field, v: Field) -> Field:
    return 1 + 0.026 * np.sin(2 * np.pi * (u + v) / 3) + _speckle(0.025, 0.8, 5) + _speckle(0.012, 9, 6)


def _denim(u: Field, v: Field) -> Field:
    slubs = _speckle(0.075, 1.1, 7, 14) + _speckle(0.05, 0.7, 8) + _speckle(0.045, 16, 9)
    return 1 + slubs + 0.045 * np.sin(2 * np.pi * (u + v) / 2.5)


def _knit(u: Field, v: Field) -> Field:
    column = u / 6 % 1 - 0.5
    rows = np.cos(2 * np.pi * (v / 5 - 0.9 * np.abs(column)))
    gutter = np.exp(-((np.abs(column) - 0.5) ** 2) / 0.012) + 0.4 * np.exp(-(column**2) / 0.006)
    return 1.03 + 0.07 * rows - 0.15 * gutter + _speckle(0.03, 1, 10)


def _rib(u: Field, v: Field) -> Field:
    return 1.02 + 0.11 * np.sin(2 * np.pi * u / 5) + _speckle(0.03, 0.9, 11) + 0 * v


def _cable(u: Field, v: Field) -> Field:
    lane = u / 30 % 1 - 0.5
    phase = 2 * np.pi * v / 24
    strands = [np.exp(-((lane - 0.17 * np.sin(phase + turn)) ** 2) / 0.006) for turn in (0, 2.1, 4.2)]
    twist = np.maximum.reduce(strands)
    rails = np.exp(-((np.abs(lane) - 0.38) ** 2) / 0.0016)
    return 0.9 + 0.2 * twist + 0.12 * rails + 0.03 * np.sin(2 * np.pi * v / 4) + _speckle(0.03, 1, 12)


def _wool(u: Field, v: Field) -> Field:
    return 1 + _speckle(0.075, 1.3, 13) + _speckle(0.05, 3, 14) + _speckle(0.02, 14, 15) + 0 * (u + v)


def _fleece(u: Field, v: Field) -> Field:
    return 1 + _speckle(0.1, 2.6, 16) + _speckle(0.08, 4.5, 17) + 0 * (u + v)


def _leather(u: Field, v: Field) -> Field:
    pebbles = np.abs(_speckle(1, 2.2, 18)) + np.abs(_speckle(1, 1.4, 19))
    return 0.96 + 0.06 * np.clip(pebbles, 0, 1) + _speckle(0.03, 26, 20) + 0 * (u + v)


def _suede(u: Field, v: Field) -> Field:
    return 1 + _speckle(0.06, 1, 21) + _speckle(0.055, 10, 22, 0.6) + 0 * (u + v)


def _canvas(u: Field, v: Field) -> Field:
    weave = np.sin(2 * np.pi * u / 2.5) * np.sin(2 * np.pi * v / 2.5)
    return 1 + 0.05 * weave + _speckle(0.035, 0.8, 23) + _speckle(0.015, 14, 24)


def _satin(u: Field, v: Field) -> Field:
    return 1 + _speckle(0.01, 0.8, 25) + _speckle(0.035, 24, 26, 2.4) + 0 * (u + v)


def _quilted(u: Field, v: Field) -> Field:
    one, other = np.abs((u + v) / 40 % 1 - 0.5), np.abs((u - v) / 40 % 1 - 0.5)
    edge = np.minimum(one, other)
    return (
        0.78
        + 0.26 * np.clip(edge * 7, 0, 1) ** 0.6
        + 0.03 * np.sin(2 * np.pi * (u + v) / 80)
        + _speckle(0.012, 0.9, 27)
    )


def _straw(u: Field, v: Field) -> Field:
    under = np.sin(2 * np.pi * u / 8) * np.sin(2 * np.pi * v / 4)
    return 1 + 0.13 * under + 0.05 * np.sin(2 * np.pi * v / 2) + _speckle(0.08, 1.2, 28, 0.5)


def _mesh(u: Field, v: Field) -> Field:
    row = np.floor(v / 4)
    x, y = (u + 2 * (row % 2)) / 4 % 1 - 0.5, v / 4 % 1 - 0.5
    return 1.03 - 0.28 * np.exp(-(x**2 + y**2) / 0.03) + _speckle(0.02, 0.8, 29)


_WEAVES: dict[str, Callable[[Field, Field], Field]] = {
    "jersey": _jersey,
    "poplin": _poplin,
    "twill": _twill,
    "denim": _denim,
    "knit": _knit,
    "rib": _rib,
    "cable": _cable,
    "wool": _wool,
    "fleece": _fleece,
    "leather": _leather,
    "suede": _suede,
    "canvas": _canvas,
    "satin": _satin,
    "quilted": _quilted,
    "straw": _straw,
    "mesh": _mesh,
}
