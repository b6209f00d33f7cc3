"""Sweaters, cardigans, sweatshirts and hoodies."""

from __future__ import annotations

import numpy as np

from lookalike_sample_shop.colours import deeper, luminance, mixed, paler
from lookalike_sample_shop.drawing import Item, Piece, Seam
from lookalike_sample_shop.fabrics import Fabric
from lookalike_sample_shop.outlines import MIDDLE, Pen, box, moved, spline
from lookalike_sample_shop.relief import Body, Fold
from lookalike_sample_shop.shapes.cut import FLAT, STRAP, Order, both, buttons
from lookalike_sample_shop.shapes.motifs import MOTIFS
from lookalike_sample_shop.shapes.upper import (
    ARM,
    back_of_neck,
    front,
    neckline,
    ribbed_cuff,
    sleeves,
    torso,
)

_M = MIDDLE


def sweater(order: Order, neck: str = "crew") -> Item:
    """A knitted sweater with ribbed edges; `neck` is crew, vee, roll, or open for a cardigan."""
    hem = 392
    breadth, drop = {"crew": (42, 30), "vee": (38, 78), "roll": (38, 16), "open": (38, 150)}[neck]
    ribbed = Fabric((order.trim.ground,), texture="rib")
    item = back_of_neck(order, breadth, drop + 40 if neck == "open" else drop)
    item += sleeves(order, "long", 12)
    for outline in both(ribbed_cuff(order, 12)):
        item.append(Piece(outline, ribbed, body=STRAP, lift=0.25, seed=1))
    outline = torso(order, breadth, drop, hem, 12, vee=neck in {"vee", "open"})
    item.append(front(order, outline, hem, 1.2))
    half = (88 if order.woman else 97) + 12
    band = (
        Pen(_M, hem - 16)
        .quad(_M + half * 0.5, hem - 16, _M + half, hem - 26)
        .line((_M + half - 4, hem + 4))
        .quad(_M + half * 0.5, hem + 14, _M, hem + 14)
    )
    item.append(Piece(band.mirrored(), ribbed, body=ARM, lift=0.25))
    if neck == "roll":
        for dy, lift in ((0, 0.2), (-16, 0.25)):
            collar = (
                Pen(_M - 44, 84 + dy)
                .quad(_M, 100 + dy, _M + 44, 84 + dy)
                .line((_M + 40, 62 + dy))
                .quad(_M, 72 + dy, _M - 40, 62 + dy)
                .points
            )
            item.append(Piece(moved(collar, 0, 18), ribbed, body=ARM, lift=lift))
        return item
    item.append(
        Piece(
            neckline(breadth - 2, drop + 4, neck in {"vee", "open"}), ribbed, width=13, body=STRAP, lift=0.3
        )
    )
    if neck == "open":
        strip = box(_M - 9, 228, _M + 9, hem + 10, 2)
        item.append(Piece(strip, ribbed, body=STRAP, lift=0.3))
        item += buttons(
            [(_M, y) for y in range(246, hem, 32)], mixed(order.main.ground, (70, 48, 36), 0.7), 5
        )
    return item


def hoodie(order: Order, zipped: bool = False, hooded: bool = True, motif: str = "") -> Item:
    """A sweatshirt, with or without hood and zip."""
    hem = 396
    ribbed = Fabric((order.trim.ground,), texture="rib")
    inside = order.main.plain().darker(0.35)
    item: Item = []
    if hooded:
        hood = Pen(_M, 36).cubic(_M + 48, 34, _M + 70, 70, _M + 60, 112).line((_M, 132))
        item.append(
            Piece(
                hood.mirrored(),
                order.main,
                body=ARM,
                lift=0.2,
                folds=(Fold((190, 80), (200, 120), 5, 2), Fold((290, 80), (280, 120), 5, 2)),
            )
        )
        hole = Pen(_M, 56).cubic(_M + 32, 54, _M + 44, 84, _M + 34, 118).line((_M, 138))
        item.append(Piece(hole.mirrored(), inside, body=Body(6, -0.6, 12, -0.5, 0, 0.2), lift=0))
    else:
        item += back_of_neck(order, 42, 30)
    item += sleeves(order, "long", 16)
    for outline in both(ribbed_cuff(order, 16)):
        item.append(Piece(outline, ribbed, body=STRAP, lift=0.25))
    prints = MOTIFS[motif](order) if motif else ()
    item.append(front(order, torso(order, 42, 34 if hooded else 30, hem, 16), hem, 1.3, prints))
    half = (88 if order.woman else 97) + 16
    band = (
        Pen(_M, hem - 14)
        .line((_M + half - 1, hem - 22), (_M + half - 6, hem + 6))
        .quad(_M + half * 0.5, hem + 14, _M, hem + 14)
    )
    item.append(Piece(band.mirrored(), ribbed, body=ARM, lift=0.25))
    pocket = Pen(_M, 286).line((_M + 46, 286), (_M + 74, 338), (_M + 74, 372), (_M, 376)).mirrored()
    item.append(Piece(pocket, order.main, body=FLAT, lift=0.3))
    item.append(
        Seam(
            (np.array([(_M + 42, 290), (_M + 70, 340)]), np.array([(_M - 42, 290), (_M - 70, 340)])),
            width=1,
            strength=0.3,
        )
    )
    if zipped:
        item.append(
            Piece(
                np.array([(_M, 122), (_M, hem + 8)]),
                Fabric((mixed(order.main.ground, (120, 122, 126), 0.6),), texture="rib"),
                width=5,
                body=STRAP,
                lift=0.4,
            )
        )
        item.append(
            Piece(
                box(_M - 2.5, 124, _M + 2.5, 142, 2),
                Fabric((order.hardware,), texture="smooth", gloss=1),
                body=STRAP,
                lift=0.5,
            )
        )
    if not hooded:
        item.append(Piece(neckline(41, 34), ribbed, width=13, body=STRAP, lift=0.3))
        return item
    collar = neckline(42, 40)
    item.append(Piece(collar, order.main.plain(), width=15, body=STRAP, lift=0.35))
    cord = Fabric(
        (
            paler(order.main.ground, 0.6)
            if luminance(order.main.ground) < 150
            else deeper(order.main.ground, 0.4),
        ),
        texture="rib",
    )
    for side, length in ((-1, 62), (1, 70)):
        lace = spline([(_M + side * 14, 124), (_M + side * 19, 150), (_M + side * 17, 128 + length)])
        item.append(Piece(lace, cord, width=3.4, body=STRAP, lift=0.5))
    return item
