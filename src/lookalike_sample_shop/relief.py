"""Lighting of soft things: a height field from outline, folds and noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from PIL import Image

from lookalike_sample_shop.outlines import XY

Field: TypeAlias = "np.ndarray[Any, np.dtype[np.floating[Any]]]"

LIGHT = (-0.5, -0.8)


@dataclass(frozen=True, slots=True)
class Fold:
    """A crease (depth below zero) or a ridge from one point to another; `bend` bows it sideways."""

    start: XY
    end: XY
    width: float = 7.0
    depth: float = 3.0
    bend: float = 0.0

    def mirrored(self, axis: float) -> Fold:
        """The same fold on the other side of the axis."""
        start, end = (2 * axis - self.start[0], self.start[1]), (2 * axis - self.end[0], self.end[1])
        return Fold(start, end, self.width, self.depth, -self.bend)


@dataclass(frozen=True, slots=True)
class Body:
    """How thick a piece is: its rounded rim, its overall swell, and how restless its surface is."""

    rim: float = 5.0
    rim_height: float = 0.9
    swell: float = 26.0
    swell_height: float = 0.8
    unrest: float = 1.0
    occlusion: float = 0.16


def softened(field: Field, radius: float) -> Field:
    """The field blurred by three box averages; beyond its edge it goes on as it ends."""
    reach = max(1, round(radius * 0.58))
    size = 2 * reach + 1
    for axis in (0, 1):
        length = field.shape[axis]
        beyond = np.clip(np.arange(-reach - 1, length + reach), 0, length - 1)
        for _ in range(3):
            sums = np.cumsum(field.take(beyond, axis=axis), axis=axis, dtype=np.float32)
            totals = sums[size:] - sums[:-size] if axis == 0 else sums[:, size:] - sums[:, :-size]
            field = totals / size
    return field


def resized(field: Field, height: int, width: int, step: float, smooth: bool = True) -> Field:
    """A coarse field at full size, where one coarse cell spans `step` pixels."""
    span = (0, 0, min(width / step, field.shape[1]), min(height / step, field.shape[0]))
    method = Image.Resampling.BICUBIC if smooth else Image.Resampling.BILINEAR
    return np.asarray(Image.fromarray(field).resize((width, height), method, box=span), dtype=np.float32)


def clouds(height: int, width: int, cell_x: float, cell_y: float, seed: int) -> Field:
    """Smooth noise between about -1 and 1 with features of the given size."""
    rows, columns = int(height / cell_y) + 4, int(width / cell_x) + 4
    grid = np.random.default_rng(seed).random((rows, columns), dtype=np.float32) * 2 - 1
    span = (1.0, 1.0, 1 + width / cell_x, 1 + height / cell_y)
    return np.asarray(
        Image.fromarray(grid).resize((width, height), Image.Resampling.BICUBIC, box=span), dtype=np.float32
    )


def fold_heights(folds: Sequence[Fold], x: Field, y: Field) -> Field:
    """The height that folds add at the points (x, y)."""
    total = np.zeros(np.broadcast_shapes(x.shape, y.shape), dtype=np.float32)
    for fold in folds:
        dx, dy = fold.end[0] - fold.start[0], fold.end[1] - fold.start[1]
        length = max((dx * dx + dy * dy) ** 0.5, 1.0)
        t = ((x - fold.start[0]) * dx + (y - fold.start[1]) * dy) / length**2
        inside = np.clip(t, 0, 1)
        arch = 4 * inside * (1 - inside)
        across = ((y - fold.start[1]) * dx - (x - fold.start[0]) * dy) / length - fold.bend * arch
        fade = np.clip(1.15 - np.abs(2 * t - 1), 0, 0.5) * 2
        total += fold.depth * fade * np.exp(-0.5 * (across / fold.width) ** 2)
    return total


def lit(heights: Field, step: float) -> Field:
    """How much more or less light a height field catches than a flat one."""
    down, right = np.gradient(heights, step)
    return np.asarray(-LIGHT[0] * right - LIGHT[1] * down, dtype=np.float32)
