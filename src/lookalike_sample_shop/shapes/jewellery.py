"""Necklaces, earrings and bangles."""

from __future__ import annotations

from math import cos, pi, sin

import numpy as np

from lookalike_sample_shop.colours import deeper
from lookalike_sample_shop.drawing import Item, Piece, Seam
from lookalike_sample_shop.fabrics import Fabric, metal
from lookalike_sample_shop.outlines import MIDDLE, Pen, ellipse, moved, spline
from lookalike_sample_shop.relief import Body
from lookalike_sample_shop.shapes.cut import BEAD, Order

_M = MIDDLE
_CASE = Body(rim=4, rim_height=1.0, swell=10, swell_height=0.6, unrest=0, occlusion=0.12)


def necklace(order: Order, cut: str = "pendant") -> Item:
    """A necklace: pendant or beads."""
    line = Pen(_M, 330).cubic(_M + 70, 290, _M + 122, 190, _M + 104, 60).symmetric()
    if cut == "beads":
        item: Item = []
        spots = line[::1]
        travelled = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(spots, axis=0).T))])
        for distance in np.arange(8, travelled[-1], 21.5):
            x, y = np.interp(distance, travelled, spots[:, 0]), np.interp(distance, travelled, spots[:, 1])
            size = 9 + 3.4 * (y - 60) / 270
            item.append(Piece(ellipse(x, y, size, size), order.main, body=BEAD, lift=0.3))
        return item
    chain = metal(order.hardware)
    item = [Piece(line, chain, width=3.4, body=BEAD, lift=0.1)]
    item.append(Seam((line,), width=2.4, strength=0.5, thread=deeper(order.hardware, 0.5), stitch=3))
    item.append(Piece(ellipse(_M, 336, 7, 7), chain, width=3, body=BEAD, lift=0.2))
    drop = (
        Pen(_M, 342)
        .cubic(_M + 10, 362, _M + 32, 380, _M + 30, 402)
        .cubic(_M + 28, 424, _M + 12, 432, _M, 432)
        .mirrored()
    )
    item.append(Piece(drop, chain, body=_CASE, lift=0.3))
    stone = drop * 0.74 + np.array([_M, 402]) * 0.26
    item.append(Piece(stone, Fabric((order.main.ground,), texture="smooth", gloss=1.4), body=_CASE, lift=0.3))
    return item


def earrings(order: Order, cut: str = "hoops") -> Item:
    """A pair of earrings: hoops or drops."""
    item: Item = []
    wire = metal(order.main.ground if cut == "hoops" else order.hardware)
    for x in (_M - 94, _M + 94):
        if cut == "hoops":
            item.append(
                Piece(
                    ellipse(x, 260, 74, 84),
                    wire,
                    width=13,
                    body=Body(4, 1.0, 8, 0.8, 0),
                    lift=0.2,
                )
            )
            item.append(
                Piece(
                    spline([(x - 4, 178), (x + 10, 160), (x + 20, 182)]),
                    wire,
                    width=4,
                    body=BEAD,
                    lift=0.2,
                )
            )
            continue
        item.append(
            Piece(
                spline([(x, 176), (x - 4, 132), (x + 18, 120), (x + 24, 150)]),
                wire,
                width=4,
                body=BEAD,
                lift=0.1,
            )
        )
        item.append(
            Piece(
                ellipse(x, 192, 17, 17),
                Fabric((order.main.ground,), texture="smooth", gloss=1.3),
                body=_CASE,
                lift=0.2,
            )
        )
        item.append(Piece(ellipse(x, 192, 19, 19), wire, width=4, body=BEAD, lift=0.2))
        drop = moved(
            Pen(_M, 214)
            .cubic(_M + 12, 250, _M + 34, 280, _M + 32, 312)
            .cubic(_M + 30, 340, _M + 12, 348, _M, 348)
            .mirrored(),
            x - _M,
            0,
        )
        item.append(
            Piece(drop, Fabric((order.main.ground,), texture="smooth", gloss=1.3), body=_CASE, lift=0.25)
        )
        item.append(Piece(np.concatenate([drop, drop[:2]]), wire, width=4, body=BEAD, lift=0.2))
    return item


def bangle(order: Order) -> Item:
    """A bracelet seen from above, a little to the side."""
    stone = Fabric((order.trim.ground,), texture="smooth", gloss=1.2)
    item: Item = [
        Piece(
            ellipse(_M, 222, 140, 92),
            metal(deeper(order.main.ground, 0.3)),
            width=20,
            body=Body(5, 1.0, 9, 0.8, 0),
            lift=0,
        ),
        Piece(
            ellipse(_M, 240, 146, 98, 0, 180),
            metal(order.main.ground),
            width=26,
            body=Body(6, 1.0, 11, 0.9, 0),
            lift=0.2,
        ),
    ]
    for angle in range(30, 151, 20):
        x, y = _M + 146 * cos(angle * pi / 180), 240 + 98 * sin(angle * pi / 180)
        item.append(Piece(ellipse(x, y, 9, 9), stone, body=BEAD, lift=0.3))
    return item
