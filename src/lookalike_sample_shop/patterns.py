"""Dyed, woven or printed patterns: a color for every point of a fabric."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from math import cos, pi, sin
from random import Random
from typing import Any, TypeAlias

import numpy as np
from PIL import Image, ImageDraw

from lookalike_sample_shop.colours import RGB, deeper, mixed, paler
from lookalike_sample_shop.fabrics import Fabric
from lookalike_sample_shop.outlines import SHEET, Points, ellipse, loop, moved, turned
from lookalike_sample_shop.relief import Field, clouds

Dye: TypeAlias = "np.ndarray[Any, np.dtype[np.floating[Any]]]"

_TILE = 160
_DENSITY = 2
_FINE = 2


def dyed(fabric: Fabric, u: Field, v: Field) -> Dye:
    """The color of the fabric at the points (u, v)."""
    if fabric.pattern == "solid":
        return np.array(fabric.ground, dtype=np.float32)[None, None, :]
    if fabric.pattern in _MOTIFS:
        return _tiled(fabric, u / fabric.scale, v / fabric.scale)
    return _WOVEN[fabric.pattern](fabric, u / fabric.scale, v / fabric.scale)


def _ink(ground: RGB | Dye, colour: RGB, amount: Field) -> Dye:
    under = np.asarray(ground, dtype=np.float32)
    share = amount[:, :, None]
    return (under * (1 - share) + np.array(colour, dtype=np.float32) * share).astype(np.float32)


def _chance(u: Field, v: Field, cell_x: float, cell_y: float, seed: int) -> Field:
    """Smooth noise that is fixed to the cloth."""
    field = _chances(cell_x, cell_y, seed)
    return field[v.astype(np.int32) % SHEET, u.astype(np.int32) % SHEET]


@cache
def _chances(cell_x: float, cell_y: float, seed: int) -> Field:
    return clouds(SHEET, SHEET, cell_x, cell_y, seed)


def _bars(at: Field, period: float, breadth: float) -> Field:
    return np.clip(0.5 + breadth / 2 - np.abs((at % period) - period / 2), 0, 1)


def _breton(f: Fabric, u: Field, v: Field) -> Dye:
    return _ink(f.ground, f.accent, _bars(v, 22, 8))


def _striped(f: Fabric, u: Field, v: Field) -> Dye:
    return _ink(f.ground, f.accent, _bars(v, 40, 20))


def _multistriped(f: Fabric, u: Field, v: Field) -> Dye:
    wide = _ink(f.ground, f.accent, _bars(v, 72, 26))
    return _ink(wide, f.colours[-1], _bars(v + 28, 72, 7))


def _pinstriped(f: Fabric, u: Field, v: Field) -> Dye:
    return _ink(f.ground, f.accent, _bars(u, 13, 1.3) * 0.85)


def _vertical(f: Fabric, u: Field, v: Field) -> Dye:
    return _ink(f.ground, f.accent, _bars(u, 20, 9))


def _diagonal(f: Fabric, u: Field, v: Field) -> Dye:
    return _ink(f.ground, f.accent, _bars((u + v) * 0.7071, 26, 10))


def _gingham(f: Fabric, u: Field, v: Field) -> Dye:
    return _ink(f.ground, f.accent, 0.5 * _bars(u, 20, 10) + 0.5 * _bars(v, 20, 10))


def _checked(f: Fabric, u: Field, v: Field) -> Dye:
    wide = _ink(f.ground, f.accent, 0.62 * np.maximum(_bars(u, 46, 20), _bars(v, 46, 20)))
    deep = _ink(wide, deeper(f.accent, 0.3), 0.75 * _bars(u, 46, 20) * _bars(v, 46, 20))
    line = f.colours[2] if len(f.colours) > 2 else paler(f.ground, 0.5)
    return _ink(deep, line, 0.7 * np.maximum(_bars(u + 23, 46, 2), _bars(v + 23, 46, 2)))


def _windowpane(f: Fabric, u: Field, v: Field) -> Dye:
    return _ink(f.ground, f.accent, 0.8 * np.maximum(_bars(u, 34, 1.8), _bars(v, 34, 1.8)))


def _dotted(f: Fabric, u: Field, v: Field) -> Dye:
    row = np.floor(v / 13)
    x, y = (u + 7.5 * (row % 2)) % 15 - 7.5, v % 13 - 6.5
    return _ink(f.ground, f.accent, np.clip(3.6 - np.hypot(x, y), 0, 1))


def _chevron(f: Fabric, u: Field, v: Field) -> Dye:
    return _ink(f.ground, f.accent, _bars(v + np.abs(u % 28 - 14), 24, 10))


def _herringbone(f: Fabric, u: Field, v: Field) -> Dye:
    lean = np.where(np.floor(u / 10) % 2 > 0, v + u, v - u)
    return _ink(f.ground, f.accent, 0.75 * _bars(lean, 5, 2.4))


def _houndstooth(f: Fabric, u: Field, v: Field) -> Dye:
    x, y = (u / 2.6).astype(np.int32) % 8, (v / 2.6).astype(np.int32) % 8
    across, along = x < 4, y < 4
    tooth = np.where(across & along, True, np.where(across | along, (x - y) % 4 < 2, False))
    return _ink(f.ground, f.accent, tooth.astype(np.float32))


def _gradient(f: Fabric, u: Field, v: Field) -> Dye:
    rise = np.clip((v - 130) / 250, 0, 1)
    return _ink(f.ground, f.accent, (rise * rise * (3 - 2 * rise)).astype(np.float32))


def _blocked(f: Fabric, u: Field, v: Field) -> Dye:
    top = _ink(f.colours[-1], f.accent, np.clip(v - 176, 0, 1))
    return _ink(top, f.ground, np.clip(v - 226, 0, 1))


def _melange(f: Fabric, u: Field, v: Field) -> Dye:
    fibres = _chance(u, v, 2.2, 1.0, 31) + 0.7 * _chance(u, v, 1.0, 2.6, 32)
    return _ink(f.ground, f.accent, np.clip(0.18 + 0.45 * fibres, 0, 0.75).astype(np.float32))


def _washed(f: Fabric, u: Field, v: Field) -> Dye:
    worn = 0.0
    for side in (-1, 1):
        worn = worn + np.exp(-(((u - 240 - side * 44) / 22) ** 2) - ((v - 190) / 85) ** 2)
    patchy = 0.5 + 0.2 * _chance(u, v, 30, 46, 35)
    return _ink(f.ground, f.accent, np.clip(worn * patchy, 0, 0.8).astype(np.float32))


def _camouflage(f: Fabric, u: Field, v: Field) -> Dye:
    colour = np.broadcast_to(np.array(f.ground, dtype=np.float32), (*u.shape, 3))
    for layer, ink in enumerate(f.colours[1:]):
        blots = _chance(u, v, 24, 17, 40 + layer) + 0.4 * _chance(u, v, 8, 6, 50 + layer)
        colour = _ink(colour, ink, np.clip((blots - 0.16) * 9, 0, 1).astype(np.float32))
    return colour


def _tie_dyed(f: Fabric, u: Field, v: Field) -> Dye:
    x, y = u - 240, v - 215
    rings = np.hypot(x, y) / 24 + 1.3 * _chance(u, v, 30, 30, 61) + 0.5 * np.sin(5 * np.arctan2(y, x))
    return _ink(f.ground, f.accent, (0.5 + 0.5 * np.sin(rings * 2)).astype(np.float32) * 0.9)


def _snake(f: Fabric, u: Field, v: Field) -> Dye:
    x, y = np.abs((u + v) % 14 - 7) / 7, np.abs((u - v) % 14 - 7) / 7
    scales = np.clip((np.maximum(x, y) - 0.62) * 4, 0, 1)
    blots = np.clip(0.5 + _chance(u, v, 26, 20, 71), 0, 1)
    return _ink(
        _ink(f.ground, f.accent, (0.6 * blots).astype(np.float32)),
        deeper(f.accent, 0.4),
        (0.6 * scales).astype(np.float32),
    )


_WOVEN: dict[str, Callable[[Fabric, Field, Field], Dye]] = {
    "breton": _breton,
    "striped": _striped,
    "multistriped": _multistriped,
    "pinstriped": _pinstriped,
    "vertical": _vertical,
    "diagonal": _diagonal,
    "gingham": _gingham,
    "checked": _checked,
    "windowpane": _windowpane,
    "dotted": _dotted,
    "chevron": _chevron,
    "herringbone": _herringbone,
    "houndstooth": _houndstooth,
    "gradient": _gradient,
    "blocked": _blocked,
    "melange": _melange,
    "washed": _washed,
    "camouflage": _camouflage,
    "tie-dyed": _tie_dyed,
    "snake": _snake,
}


def _tiled(fabric: Fabric, u: Field, v: Field) -> Dye:
    tile = _motif_tile(fabric.pattern, fabric.colours)
    side = _TILE * _DENSITY
    return tile[(v * _DENSITY).astype(np.int32) % side, (u * _DENSITY).astype(np.int32) % side]


@lru_cache(maxsize=32)
def _motif_tile(pattern: str, colours: tuple[RGB, ...]) -> Dye:
    side = _TILE * _DENSITY * _FINE
    sheet = Image.new("RGB", (side, side), colours[0])
    stamp = _Stamp(ImageDraw.Draw(sheet), _DENSITY * _FINE)
    _MOTIFS[pattern](stamp, colours, Random(pattern))
    return np.asarray(sheet.reduce(_FINE), dtype=np.float32)


class _Stamp:
    """Prints shapes on a tile so that they run on over its edges."""

    def __init__(self, pencil: ImageDraw.ImageDraw, density: int) -> None:
        self._pencil, self._density = pencil, density

    def fill(self, outline: Points, colour: RGB) -> None:
        """A shape, and its copies wherever it crosses an edge of the tile."""
        for dx in (-_TILE, 0, _TILE):
            for dy in (-_TILE, 0, _TILE):
                copy = moved(outline, dx, dy) * self._density
                if copy.max() > 0 and copy.min() < _TILE * self._density:
                    self._pencil.polygon([tuple(xy) for xy in copy.tolist()], fill=colour)


def _scattered(dice: Random, count: int, apart: float) -> list[tuple[float, float]]:
    """Places on the tile that keep their distance, also across its edges."""
    places: list[tuple[float, float]] = []
    for _ in range(count * 40):
        x, y = dice.uniform(0, _TILE), dice.uniform(0, _TILE)
        gaps = ((abs(x - a), abs(y - b)) for a, b in places)
        if all(min(gx, _TILE - gx) ** 2 + min(gy, _TILE - gy) ** 2 > apart**2 for gx, gy in gaps):
            places.append((x, y))
        if len(places) == count:
            break
    return places


def _leaf(x: float, y: float, length: float, breadth: float, angle: float) -> Points:
    half = [(x + length * t, y + breadth * sin(pi * t) ** 0.9) for t in np.linspace(0, 1, 9)]
    back = [(px, 2 * y - py) for px, py in reversed(half)]
    return turned(np.array(half + back), angle, x, y)


def _flower(
    stamp: _Stamp, x: float, y: float, size: float, colours: tuple[RGB, RGB, RGB], dice: Random
) -> None:
    petal, heart, leaf = colours
    first = dice.uniform(0, 360)
    for side in (40, 200):
        stamp.fill(_leaf(x, y, size * 2.1, size * 0.42, first + side + dice.uniform(-25, 25)), leaf)
    for count, reach, tone in ((5, 1.0, deeper(petal, 0.16)), (5, 0.86, petal)):
        for step in range(count):
            angle = first + 360 * step / count
            cx, cy = x + cos(angle * pi / 180) * size * 0.55, y + sin(angle * pi / 180) * size * 0.55
            stamp.fill(turned(ellipse(cx, cy, size * 0.62 * reach, size * 0.45 * reach), angle, cx, cy), tone)
    stamp.fill(ellipse(x, y, size * 0.28, size * 0.28), heart)


def _floral(stamp: _Stamp, colours: tuple[RGB, ...], dice: Random) -> None:
    ground, petal, leaf = colours[0], colours[1], colours[2]
    for x, y in _scattered(dice, 11, 34):
        _flower(
            stamp,
            x,
            y,
            dice.uniform(9, 14),
            (petal, paler(mixed(petal, (250, 200, 60), 0.7), 0.2), leaf),
            dice,
        )
    for x, y in _scattered(dice, 22, 20):
        stamp.fill(ellipse(x, y, 2.2, 2.2), mixed(petal, ground, 0.35))


def _ditsy(stamp: _Stamp, colours: tuple[RGB, ...], dice: Random) -> None:
    for x, y in _scattered(dice, 40, 19):
        for step in range(5):
            angle = 2 * pi * step / 5
            stamp.fill(ellipse(x + 2.9 * cos(angle), y + 2.9 * sin(angle), 2.3, 2.3), colours[1])
        stamp.fill(ellipse(x, y, 1.6, 1.6), colours[-1])


def _tropical(stamp: _Stamp, colours: tuple[RGB, ...], dice: Random) -> None:
    for x, y in _scattered(dice, 12, 40):
        lean, tone = dice.uniform(0, 360), dice.choice(colours[1:])
        length = dice.uniform(40, 52)
        stamp.fill(turned(_leaf(x, y, length, 1.1, 0), lean, x, y), tone)
        for step in range(1, 8):
            along, reach = length * step / 8, 22 * sin(pi * (step + 1) / 10)
            for side in (-1, 1):
                leaflet = _leaf(x + along, y, reach, 1.9, side * 42)
                stamp.fill(turned(leaflet, lean, x, y), tone)


def _leopard(stamp: _Stamp, colours: tuple[RGB, ...], dice: Random) -> None:
    for x, y in _scattered(dice, 90, 14):
        size = dice.uniform(4, 6.4)
        wobble = [dice.uniform(0.8, 1.2) for _ in range(7)]
        rim = [
            (x + size * w * cos(2 * pi * i / 7), y + size * w * sin(2 * pi * i / 7))
            for i, w in enumerate(wobble)
        ]
        stamp.fill(loop(rim), colours[1])
        lean = dice.uniform(0, 2 * pi)
        gap = [(x + (a - x) * 0.55 + 1.6 * cos(lean), y + (b - y) * 0.55 + 1.6 * sin(lean)) for a, b in rim]
        stamp.fill(loop(gap), mixed(colours[0], colours[1], 0.3))


def _paisley(stamp: _Stamp, colours: tuple[RGB, ...], dice: Random) -> None:
    for x, y in _scattered(dice, 14, 32):
        lean = dice.uniform(0, 360)
        for size, tone in ((13, colours[1]), (9.5, colours[0]), (6.5, colours[-1])):
            drop = loop(
                [
                    (x, y + size),
                    (x - size * 0.8, y),
                    (x - size * 0.2, y - size * 0.9),
                    (x + size * 0.7, y - size * 1.3),
                    (x + size * 0.4, y - size * 0.5),
                    (x + size * 0.75, y + size * 0.3),
                ]
            )
            stamp.fill(turned(drop, lean, x, y), tone)
    for x, y in _scattered(dice, 30, 16):
        stamp.fill(ellipse(x, y, 1.5, 1.5), colours[1])


def _geometric(stamp: _Stamp, colours: tuple[RGB, ...], dice: Random) -> None:
    cell = _TILE / 5
    for row in range(5):
        for column in range(5):
            x, y = (column + 0.5) * cell, (row + 0.5) * cell
            for size, tone in (
                (cell * 0.62, colours[1]),
                (cell * 0.36, colours[0]),
                (cell * 0.2, colours[-1]),
            ):
                stamp.fill(
                    np.array([(x, y - size), (x + size * 0.72, y), (x, y + size), (x - size * 0.72, y)]), tone
                )


_MOTIFS: dict[str, Callable[[_Stamp, tuple[RGB, ...], Random], None]] = {
    "floral": _floral,
    "ditsy": _ditsy,
    "tropical": _tropical,
    "leopard": _leopard,
    "paisley": _paisley,
    "geometric": _geometric,
}
