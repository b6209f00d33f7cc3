"""Bodies, necks and sleeves, which garments for the upper body share."""

from __future__ import annotations

import numpy as np

from lookalike_sample_shop.colours import paler
from lookalike_sample_shop.drawing import Item, Piece, Print, Seam
from lookalike_sample_shop.fabrics import Fabric
from lookalike_sample_shop.outlines import MIDDLE, Pen, Points, box, mirrored, moved
from lookalike_sample_shop.relief import Body, Fold
from lookalike_sample_shop.shapes.cut import FLAT, Order, both, hanging, pulled

_M = MIDDLE
TORSO = Body(rim=5, rim_height=0.5, swell=34, swell_height=0.8, unrest=1.7)
ARM = Body(rim=5, rim_height=0.55, swell=15, swell_height=0.85, unrest=1.2)


def _neck_half(neck: float, drop: float, vee: bool) -> Pen:
    pen = Pen(_M, 84 + drop)
    if vee:
        return pen.quad(_M + neck * 0.62, 84 + drop * 0.5, _M + neck, 82)
    return pen.cubic(_M + neck * 0.6, 84 + drop, _M + neck * 0.92, 84 + drop * 0.55, _M + neck, 82)


def torso(
    order: Order, neck: float, drop: float, hem: float, roomy: float = 0.0, vee: bool = False
) -> Points:
    """Front of a body: neck half-width and depth, hem line, and extra room."""
    chest, waist, hip = (88, 76, 88) if order.woman else (98, 94, 97)
    shoulder = (90 if order.woman else 102) + roomy * 0.5
    pen = _neck_half(neck, drop, vee)
    pen.quad(_M + shoulder * 0.7, 90, _M + shoulder, 108)
    pen.cubic(_M + shoulder + 2, 130, _M + chest + roomy - 4, 150, _M + chest + roomy, 186)
    pen.cubic(_M + waist + roomy + 4, 226, _M + waist + roomy - 2, 262, _M + hip + roomy, hem - 6)
    pen.quad(_M + hip * 0.5, hem + 5, _M, hem + 5)
    return pen.mirrored()


def back_of_neck(order: Order, neck: float, drop: float) -> Item:
    """The inside of the back, seen through the neck, with its label."""
    cloth = order.main.plain().darker(0.3)
    inside = (
        Pen(_M - neck - 2, 82)
        .quad(_M, 94, _M + neck + 2, 82)
        .line((_M + neck * 0.8, 92 + drop), (_M - neck * 0.8, 92 + drop))
        .points
    )
    label = box(_M - 9, 93, _M + 9, 104, 1)
    tag = Fabric((paler(order.main.ground, 0.75),), texture="smooth")
    return [Piece(inside, cloth, body=FLAT, lift=0, brightness=0.86), Piece(label, tag, body=FLAT, lift=0.15)]


def neckline(neck: float, drop: float, vee: bool = False) -> Points:
    """The line of the front neck from side to side."""
    return _neck_half(neck, drop, vee).symmetric()


def sleeves(order: Order, length: str, roomy: float = 0.0, cloth: Fabric | None = None) -> Item:
    """A pair of sleeves; `length` is cap, short, half or long."""
    fabric = cloth or order.main
    x = _M + (90 if order.woman else 102) + roomy * 0.5
    wide = roomy * 0.8 + (0 if order.woman else 6)
    arm = Pen(x - 18, 100)
    if length == "long":
        arm.cubic(x + 10, 102, x + 22, 124, x + 36 + wide, 190).cubic(
            x + 48 + wide, 240, x + 56 + wide, 300, x + 60 + wide * 0.7, 356
        )
        arm.line((x + 33 - wide * 0.2, 361)).cubic(x + 26, 300, x + 12, 240, x - 8, 180)
        folds = [
            Fold((x - 2, 236), (x + 50 + wide, 250), 5, -2.2, 5),
            Fold((x + 4, 258), (x + 50 + wide, 262), 4, -2.0, -5),
            Fold((x + 16, 310), (x + 60 + wide, 326), 4, -2.0, 4),
            Fold((x + 6, 130), (x + 28, 214), 6, 2.0, 6),
        ]
    elif length == "half":
        arm.cubic(x + 10, 102, x + 24, 124, x + 44 + wide, 180).quad(x + 54 + wide, 214, x + 58 + wide, 234)
        arm.line((x + 8, 246)).quad(x + 2, 214, x - 8, 180)
        folds = [Fold((x + 4, 126), (x + 32, 226), 7, 2.2, 6), Fold((x - 8, 196), (x + 50, 206), 5, -1.8, 5)]
    elif length == "cap":
        arm.cubic(x + 6, 102, x + 16, 114, x + 24 + wide, 138).line((x - 12, 156))
        folds = [Fold((x - 6, 112), (x + 8, 148), 4, 1.4, 3)]
    else:
        arm.cubic(x + 10, 102, x + 22, 122, x + 46 + wide, 174).line((x + 4, 192)).quad(
            x - 4, 184, x - 8, 176
        )
        folds = [Fold((x + 4, 122), (x + 26, 182), 7, 2.2, 6), Fold((x - 12, 164), (x + 36, 166), 5, -1.6, 6)]
    outline = arm.line((x - 24, 150)).points
    item: Item = []
    for side, half in enumerate(both(outline)):
        turned = tuple(folds if side == 0 else [fold.mirrored(_M) for fold in folds])
        grain = -16 if side == 0 else 16
        item.append(
            Piece(half, fabric, body=ARM, lift=0.2, folds=turned, grain=grain, seed=order.seed + side)
        )
    return item


def ribbed_cuff(order: Order, roomy: float) -> Points:
    """The knitted end of the right long sleeve."""
    x = _M + (90 if order.woman else 102) + roomy * 0.5
    wide = roomy * 0.8 + (0 if order.woman else 6)
    right, left = x + 58 + wide * 0.7, x + 36 - wide * 0.1
    return Pen(left, 354).line((right, 350), (right, 374), (left + 3, 378)).points


def front(
    order: Order, outline: Points, hem: float, folds: float = 1.0, prints: tuple[Print, ...] = ()
) -> Piece:
    dice = order.dice("front")
    creases = hanging(dice, 168, 312, 210, hem, 5, 2.2 * folds) + pulled(
        dice, _M + 88, 158, 2, 52, 2.6 * folds
    )
    return Piece(
        outline,
        order.main,
        body=TORSO,
        lift=0.25,
        folds=tuple(creases),
        bow=9,
        prints=prints,
        seed=order.seed,
    )


def hem_seam(order: Order, hem: float, width: float = 92) -> Seam:
    line = Pen(_M - width, hem - 14).quad(_M, hem - 4, _M + width, hem - 14).points
    return Seam((line, moved(line, 0, 2.5)), width=0.8, strength=0.28)


def sleeve_hems(length: str, order: Order) -> Seam:
    """The stitched edge of short sleeves."""
    shoulder = 90 if order.woman else 102
    x = _M + shoulder
    ends = {
        "short": ((x, 186), (x + 44, 169)),
        "half": ((x + 6, 240), (x + 58, 228)),
        "cap": ((x - 14, 150), (x + 22, 134)),
    }
    start, end = ends[length]
    line = np.array([start, end])
    return Seam((line, mirrored(line)), width=0.9, strength=0.26)
