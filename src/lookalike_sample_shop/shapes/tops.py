"""T-shirts, polo shirts, tank tops and blouses."""

from __future__ import annotations

import numpy as np

from lookalike_sample_shop.drawing import Item, Piece, Seam
from lookalike_sample_shop.fabrics import Fabric
from lookalike_sample_shop.outlines import MIDDLE, Pen, box, ellipse, limb
from lookalike_sample_shop.relief import Fold
from lookalike_sample_shop.shapes.cut import FLAT, STRAP, Order, both, button_colour, buttons
from lookalike_sample_shop.shapes.motifs import MOTIFS
from lookalike_sample_shop.shapes.upper import (
    ARM,
    back_of_neck,
    front,
    hem_seam,
    neckline,
    sleeve_hems,
    sleeves,
    torso,
)

_M = MIDDLE


def tee(
    order: Order, neck: str = "crew", sleeve: str = "short", motif: str = "", raglan: bool = False
) -> Item:
    """A T-shirt."""
    breadth, drop = {"crew": (40, 30), "vee": (38, 66), "scoop": (52, 54)}[neck]
    hem = 398 if order.woman else 412
    outline = torso(order, breadth, drop, hem, vee=neck == "vee")
    prints = MOTIFS[motif](order) if motif else ()
    band = Fabric((order.trim.ground,), texture="rib")
    item = back_of_neck(order, breadth, drop)
    item += sleeves(order, sleeve, cloth=order.trim if raglan else None)
    item.append(front(order, outline, hem, prints=prints))
    item.append(Piece(neckline(breadth - 1, drop + 3, neck == "vee"), band, width=9, body=STRAP, lift=0.2))
    item.append(hem_seam(order, hem))
    if sleeve != "long":
        item.append(sleeve_hems(sleeve, order))
    return item


def polo(order: Order, sleeve: str = "short") -> Item:
    """A polo shirt: knitted collar, a placket with buttons."""
    hem = 398 if order.woman else 412
    outline = torso(order, 38, 40, hem)
    ribbed = Fabric(order.trim.colours, texture="rib")
    item = back_of_neck(order, 38, 36)
    item += sleeves(order, sleeve)
    item.append(front(order, outline, hem))
    placket = box(_M - 11, 116, _M + 11, 196, 2)
    item.append(Piece(placket, order.main.plain(colour=order.main.ground), body=FLAT, lift=0.25))
    item += buttons([(_M, 142), (_M, 166), (_M, 187)], button_colour(order.main.ground), 3.2)
    leaf = (
        Pen(_M + 2, 120)
        .quad(_M + 26, 108, _M + 36, 76)
        .quad(_M + 44, 78, _M + 50, 86)
        .quad(_M + 52, 112, _M + 36, 142)
    )
    for outline in both(leaf.line((_M + 2, 120)).points):
        item.append(Piece(outline, ribbed, body=STRAP, lift=0.4, grain=60))
    item.append(hem_seam(order, hem))
    return item


def tank(order: Order) -> Item:
    """A sleeveless top on thin straps."""
    hem = 392
    half = Pen(_M, 164).quad(_M + 36, 158, _M + 50, 128).line((_M + 60, 84), (_M + 70, 86))
    half.cubic(_M + 66, 140, _M + 74, 166, _M + 90, 180).cubic(
        _M + 82, 230, _M + 80, 260, _M + 92, hem - 6
    ).quad(_M + 44, hem + 5, _M, hem + 5)
    back = (
        Pen(_M, 142)
        .quad(_M + 40, 140, _M + 58, 92)
        .line((_M + 66, 92))
        .quad(_M + 66, 150, _M + 78, 178)
        .line((_M, 178))
    )
    return [
        Piece(back.mirrored(), order.main.plain().darker(0.3), body=FLAT, lift=0),
        front(order, half.mirrored(), hem, 1.1),
        Seam((Pen(_M, 167).quad(_M + 37, 161, _M + 52, 130).symmetric(),), width=0.9, strength=0.25),
        hem_seam(order, hem),
    ]


def blouse(order: Order, sleeve: str = "long", bow: bool = False) -> Item:
    """A flowing blouse with a small collar or a bow at the neck."""
    hem = 390
    item = back_of_neck(order, 36, 50)
    if sleeve == "long":
        full = (
            Pen(_M + 78, 100)
            .cubic(_M + 112, 104, _M + 128, 150, _M + 152, 214)
            .cubic(_M + 168, 262, _M + 172, 300, _M + 160, 322)
        )
        full.line((_M + 128, 324)).cubic(_M + 112, 300, _M + 100, 240, _M + 84, 180).line((_M + 70, 150))
        for side, outline in zip((1, -1), both(full.points), strict=True):
            gathers = tuple(_gathers(order, side))
            item.append(
                Piece(
                    outline, order.main, body=ARM, lift=0.2, folds=gathers, grain=-16 * side, seed=order.seed
                )
            )
        for outline in both(
            Pen(_M + 128, 320).line((_M + 160, 318), (_M + 158, 342), (_M + 130, 344)).points
        ):
            item.append(Piece(outline, order.main.plain(), body=STRAP, lift=0.25))
    else:
        item += sleeves(order, sleeve, 6)
    item.append(front(order, torso(order, 36, 56, hem, 8, vee=True), hem, 1.7))
    if bow:
        silk = order.trim
        for loop_side in both(
            limb(
                (_M + 4, 142, 10),
                (_M + 30, 126, 30),
                (_M + 54, 136, 26),
                (_M + 40, 156, 14),
                (_M + 6, 146, 8),
            )
        ):
            item.append(Piece(loop_side, silk, body=ARM, lift=0.35))
        for tail in (
            limb((_M - 2, 144, 10), (_M - 14, 190, 20), (_M - 18, 240, 24)),
            limb((_M + 2, 144, 10), (_M + 16, 186, 20), (_M + 22, 228, 24)),
        ):
            item.append(Piece(tail, silk, body=ARM, lift=0.35))
        item.append(Piece(ellipse(_M, 144, 9, 10), silk, body=STRAP, lift=0.4))
    else:
        item.append(Seam((np.array([(_M, 142), (_M, hem)]),), width=1.4, strength=0.3))
        item += buttons(
            [(_M + 5, y) for y in range(158, hem - 10, 34)], button_colour(order.main.ground), 2.8
        )
        item.append(Piece(neckline(36, 57, True), order.main.plain(), width=8, body=STRAP, lift=0.25))
    return item


def _gathers(order: Order, side: int) -> list[Fold]:
    """Where a full sleeve is drawn together above its cuff."""
    dice = order.dice("gathers")
    return [
        Fold(
            (_M + side * (126 + dx), 240),
            (_M + side * (140 + dx * 0.6), 330),
            5,
            dice.uniform(1.5, 3) * sign,
            side * 4,
        )
        for dx, sign in ((-16, 1), (-4, -1), (8, 1), (20, -1))
    ] + [Fold((_M + side * 104, 120), (_M + side * 132, 230), 8, 2, side * 6)]
