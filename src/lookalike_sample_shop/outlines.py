"""Outlines as arrays of points on a sheet of 480 x 480 units: pens, bands, and moving them about."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, radians, sin
from typing import Any, TypeAlias

import numpy as np

Points: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"
XY: TypeAlias = "tuple[float, float]"

SHEET = 480
MIDDLE = SHEET / 2
_STEPS = 14


class Pen:
    """Draws an outline stroke by stroke from where it was set down."""

    def __init__(self, x: float, y: float) -> None:
        self._points: list[XY] = [(x, y)]

    def line(self, *corners: XY) -> Pen:
        """Straight on to each corner."""
        self._points.extend(corners)
        return self

    def quad(self, cx: float, cy: float, x: float, y: float) -> Pen:
        """A curve with one handle."""
        x0, y0 = self._points[-1]
        for step in range(1, _STEPS + 1):
            t = step / _STEPS
            a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t * t
            self._points.append((a * x0 + b * cx + c * x, a * y0 + b * cy + c * y))
        return self

    def cubic(self, ax: float, ay: float, bx: float, by: float, x: float, y: float) -> Pen:
        """A curve with two handles."""
        x0, y0 = self._points[-1]
        for step in range(1, _STEPS + 1):
            t = step / _STEPS
            a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
            self._points.append((a * x0 + b * ax + c * bx + d * x, a * y0 + b * ay + c * by + d * y))
        return self

    def through(self, *stops: XY) -> Pen:
        """A smooth curve that passes through each stop."""
        self._points.extend(map(tuple, spline([self._points[-1], *stops])[1:].tolist()))
        return self

    @property
    def points(self) -> Points:
        """What was drawn so far."""
        return np.array(self._points)

    def mirrored(self, axis: float = MIDDLE) -> Points:
        """The outline closed by its own mirror image."""
        half = self.points
        return np.concatenate([half, mirrored(half, axis)[::-1]])

    def symmetric(self, axis: float = MIDDLE) -> Points:
        """An open line that runs to where the pen was set down on the axis, and on as its mirror image."""
        half = self.points
        return np.concatenate([mirrored(half, axis)[::-1], half[1:]])


def spline(stops: Sequence[XY]) -> Points:
    """A smooth open curve through the stops (Catmull-Rom)."""
    knots = np.array([stops[0], *stops, stops[-1]], dtype=np.float64)
    t = np.linspace(0, 1, _STEPS, endpoint=False)[:, None]
    curves = [
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(knots, knots[1:], knots[2:], knots[3:], strict=False)
    ]
    return np.concatenate([*curves, knots[-1:]])


def loop(stops: Sequence[XY]) -> Points:
    """A smooth closed curve through the stops."""
    around = [*stops[-2:], *stops, *stops[:2]]
    return spline(around)[2 * _STEPS : (2 + len(stops)) * _STEPS]


def limb(*stations: tuple[float, float, float]) -> Points:
    """A sleeve, leg or strap: a smooth middle line with a breadth at each station (x, y, breadth)."""
    line = spline([(x, y) for x, y, _ in stations])
    breadths = np.interp(
        np.linspace(0, len(stations) - 1, len(line)), range(len(stations)), [s[2] for s in stations]
    )
    along = np.gradient(line, axis=0)
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-6)[:, None]
    across = np.stack([-along[:, 1], along[:, 0]], axis=1) * breadths[:, None] / 2
    return np.concatenate([line + across, (line - across)[::-1]])


def ellipse(cx: float, cy: float, rx: float, ry: float, start: float = 0, end: float = 360) -> Points:
    """An ellipse, or the part of it between two angles (clockwise from the right)."""
    angles = np.radians(np.linspace(start, end, 56))
    return np.stack([cx + rx * np.cos(angles), cy + ry * np.sin(angles)], axis=1)


def box(left: float, top: float, right: float, bottom: float, corner: float = 0) -> Points:
    """A rectangle with rounded corners."""
    r = max(corner, 0.01)
    corners = [
        (right - r, top + r, 270),
        (right - r, bottom - r, 0),
        (left + r, bottom - r, 90),
        (left + r, top + r, 180),
    ]
    arcs: list[XY] = []
    for cx, cy, start in corners:
        arcs += [
            (cx + r * cos(radians(start + a)), cy + r * sin(radians(start + a))) for a in (0, 22, 45, 68, 90)
        ]
    return np.array(arcs)


def mirrored(points: Points, axis: float = MIDDLE) -> Points:
    """The same outline seen in a mirror that stands at `axis`."""
    return np.stack([2 * axis - points[:, 0], points[:, 1]], axis=1)


def moved(points: Points, dx: float, dy: float) -> Points:
    """The outline somewhere else."""
    return points + np.array([dx, dy])


def turned(points: Points, degrees: float, cx: float, cy: float) -> Points:
    """The outline turned clockwise about a point."""
    c, s = cos(radians(degrees)), sin(radians(degrees))
    x, y = points[:, 0] - cx, points[:, 1] - cy
    return np.stack([cx + c * x - s * y, cy + s * x + c * y], axis=1)


def dashes(points: Points, on: float, off: float) -> list[Points]:
    """The line cut into stitches."""
    lengths = np.hypot(*np.diff(points, axis=0).T)
    travelled = np.concatenate([[0.0], np.cumsum(lengths)])
    starts = np.arange(0, travelled[-1], on + off)
    ends = np.minimum(starts + on, travelled[-1])

    def at(distance: Points) -> Points:
        return np.stack([np.interp(distance, travelled, points[:, axis]) for axis in (0, 1)], axis=1)

    return [np.stack(pair) for pair in zip(at(starts), at(ends), strict=True)]
