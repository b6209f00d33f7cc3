"""Prints for the chest of a T-shirt."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, pi, sin

import numpy as np

from lookalike_sample_shop.colours import RGB, luminance, mixed, paler
from lookalike_sample_shop.drawing import Print
from lookalike_sample_shop.outlines import MIDDLE, Pen, Points, box, ellipse, spline, turned
from lookalike_sample_shop.shapes.cut import Order

_M = MIDDLE


def _inks(order: Order) -> tuple[RGB, RGB]:
    pale: RGB = (244, 240, 230)
    return order.trim.ground, pale if luminance(order.main.ground) < 150 else mixed(
        order.main.ground, (30, 34, 50), 0.85
    )


def sun(order: Order) -> tuple[Print, ...]:
    """A sun that sets in bars behind waves."""
    ink, line = _inks(order)
    disc = Print(ellipse(_M, 226, 50, 50), ink)
    ground = order.main.ground
    bars = [Print(box(_M - 56, y, _M + 56, y + h), ground) for y, h in ((232, 3), (243, 4.5), (255, 6))]
    wave = [
        Print(spline([(_M - 60 + 20 * i, y + (4 if i % 2 else -4)) for i in range(7)]), line, 3)
        for y in (272, 284)
    ]
    return (disc, *bars, *wave)


def peaks(order: Order) -> tuple[Print, ...]:
    """Mountains with snow, and a moon."""
    ink, line = _inks(order)
    back = np.array([(_M - 66, 274), (_M - 24, 206), (_M - 2, 240), (_M + 22, 214), (_M + 66, 274)])
    front = np.array([(_M - 40, 274), (_M + 6, 222), (_M + 48, 274)])
    snow = np.array([(_M - 24, 206), (_M - 37, 227), (_M - 28, 223), (_M - 22, 230), (_M - 14, 222)])
    return (
        Print(ellipse(_M + 30, 190, 13, 13), line),
        Print(back, ink),
        Print(front, mixed(ink, order.main.ground, 0.45)),
        Print(snow, line),
        Print(box(_M - 66, 282, _M + 66, 285), line),
    )


def star(order: Order) -> tuple[Print, ...]:
    """One star in a ring."""
    ink, line = _inks(order)
    tips = [
        (
            _M + (44 if i % 2 == 0 else 18) * sin(pi * i / 5),
            228 - (44 if i % 2 == 0 else 18) * cos(pi * i / 5),
        )
        for i in range(10)
    ]
    return Print(ellipse(_M, 228, 56, 56), line, 4), Print(np.array(tips), ink)


def heart(order: Order) -> tuple[Print, ...]:
    """A heart."""
    ink = order.trim.ground
    half = (
        Pen(_M, 268)
        .cubic(_M + 10, 250, _M + 52, 234, _M + 46, 206)
        .cubic(_M + 42, 186, _M + 10, 184, _M, 206)
    )
    return Print(half.mirrored(), ink), Print(
        Pen(_M + 16, 200).quad(_M + 32, 198, _M + 34, 214).points, paler(ink, 0.6), 4
    )


def lotus(order: Order) -> tuple[Print, ...]:
    """A flower seen from the side."""
    ink, line = _inks(order)
    petal = (
        Pen(_M, 262)
        .cubic(_M + 22, 240, _M + 16, 208, _M, 190)
        .cubic(_M - 16, 208, _M - 22, 240, _M, 262)
        .points
    )
    petals = [
        Print(turned(petal, angle, _M, 264), mixed(ink, line, abs(angle) / 120))
        for angle in (-70, 70, -44, 44, -20, 20, 0)
    ]
    return (*petals, Print(spline([(_M - 50, 276), (_M, 270), (_M + 50, 276)]), line, 3))


def bands(order: Order) -> tuple[Print, ...]:
    """Three broad bars across the chest."""
    ink, line = _inks(order)
    colours = (ink, line, mixed(ink, line, 0.5))
    return tuple(
        Print(box(_M - 150, 176 + 20 * i, _M + 150, 192 + 20 * i), colour) for i, colour in enumerate(colours)
    )


def badge(order: Order) -> tuple[Print, ...]:
    """A small badge over the heart."""
    ink, line = _inks(order)
    shield = (
        Pen(_M + 44, 160)
        .line((_M + 64, 160))
        .quad(_M + 64, 180, _M + 54, 188)
        .quad(_M + 44, 180, _M + 44, 160)
        .points
    )
    return Print(shield, ink), Print(box(_M + 47, 166, _M + 61, 169), line)


def scribble(order: Order) -> tuple[Print, ...]:
    """A loose abstract drawing of arcs and dots."""
    ink, line = _inks(order)
    dice = order.dice("scribble")
    prints: list[Print] = []
    for index in range(5):
        x, y, r = _M + dice.uniform(-36, 36), 230 + dice.uniform(-34, 34), dice.uniform(14, 34)
        start = dice.uniform(0, 360)
        arc: Points = ellipse(x, y, r, r, start, start + dice.uniform(140, 250))
        prints.append(Print(arc, ink if index % 2 else line, dice.uniform(3, 8)))
    prints += [
        Print(ellipse(_M + dice.uniform(-44, 44), 230 + dice.uniform(-40, 40), 4, 4), ink) for _ in range(5)
    ]
    return tuple(prints)


MOTIFS: dict[str, Callable[[Order], tuple[Print, ...]]] = {
    "sun": sun,
    "peaks": peaks,
    "star": star,
    "heart": heart,
    "lotus": lotus,
    "bands": bands,
    "badge": badge,
    "scribble": scribble,
}
