"""Shirts with collars, plackets and cuffs."""

from __future__ import annotations

import numpy as np

from lookalike_sample_shop.drawing import Item, Piece, Seam
from lookalike_sample_shop.outlines import MIDDLE, Pen, Points, moved, turned
from lookalike_sample_shop.relief import Fold
from lookalike_sample_shop.shapes.cut import (
    FLAT,
    STRAP,
    Order,
    both,
    button_colour,
    buttons,
    hanging,
    pulled,
    stitching,
)
from lookalike_sample_shop.shapes.upper import TORSO, back_of_neck, sleeves

_M = MIDDLE
_HEM = 404


def shirt(order: Order, sleeve: str = "long", collar: str = "point", pockets: int = 1) -> Item:
    """A shirt; `collar` is point, button-down or band, `sleeve` is long or short."""
    cloth = order.main
    seam = stitching(cloth.ground)
    item = back_of_neck(order, 38, 34)
    item += sleeves(order, sleeve, 4)
    if sleeve == "long":
        item += _cuffs(order)
    item.append(_body(order))
    placket = Pen(_M - 10, 112).line((_M + 10, 112), (_M + 10, _HEM + 12), (_M - 10, _HEM + 12)).points
    item.append(Piece(placket, cloth, body=FLAT, lift=0.22, bow=9, seed=order.seed))
    edges = tuple(np.array([(x, 126), (x, _HEM + 10)]) for x in (_M - 7.5, _M + 7.5))
    item.append(Seam(edges, width=0.8, strength=0.5, thread=seam, stitch=2.6))
    item += buttons([(_M, 150 + 42 * i) for i in range(6)], button_colour(cloth.ground), 3.4)
    for side in (1, -1)[:pockets]:
        item += _pocket(order, side, flap=pockets == 2)
    item += _collar(order, collar)
    hem = Pen(_M, _HEM + 10).cubic(_M + 40, _HEM + 10, _M + 62, _HEM - 4, _M + 92, _HEM - 26).symmetric()
    item.append(Seam((moved(hem, 0, -3),), width=0.8, strength=0.3))
    return item


def _body(order: Order) -> Piece:
    chest, waist, hip = (90, 78, 92) if order.woman else (101, 96, 99)
    shoulder = 92 if order.woman else 104
    front = Pen(_M, 118).quad(_M + 26, 110, _M + 38, 82).quad(_M + shoulder * 0.7, 90, _M + shoulder, 108)
    front.cubic(_M + shoulder + 2, 130, _M + chest - 4, 150, _M + chest, 186)
    front.cubic(_M + waist + 4, 226, _M + waist - 2, 262, _M + hip, _HEM - 30)
    front.cubic(_M + hip - 30, _HEM - 2, _M + 40, _HEM + 13, _M, _HEM + 13)
    dice = order.dice("shirt")
    creases = hanging(dice, 160, 320, 190, _HEM, 6, 2.4) + pulled(dice, _M + chest, 172, 2, 48, 1.8)
    creases.append(Fold((_M + chest, 250), (_M + 40, 268), 5, -1.8, 4))
    creases.append(Fold((_M - chest, 256), (_M - 46, 270), 5, -1.8, -4))
    return Piece(
        front.mirrored(), order.main, body=TORSO, lift=0.25, folds=tuple(creases), bow=9, seed=order.seed
    )


def _cuffs(order: Order) -> Item:
    x = _M + (92 if order.woman else 104)
    wide = 3.2 + (0 if order.woman else 6)
    cuff = Pen(x + 32, 340).line((x + 59 + wide, 334), (x + 62 + wide, 362), (x + 35, 368)).points
    item: Item = []
    for side, outline in enumerate(both(cuff)):
        item.append(Piece(outline, order.main, body=STRAP, lift=0.3, grain=-8 if side == 0 else 8))
        x_button = outline[:, 0].mean()
        item += buttons([(x_button, 353)], button_colour(order.main.ground), 2.6)
    return item


def _pocket(order: Order, side: int, flap: bool) -> Item:
    seam = stitching(order.main.ground)
    left, right = (_M + 28, _M + 78) if side > 0 else (_M - 78, _M - 28)
    middle = (left + right) / 2
    pocket = np.array([(left, 168), (right, 168), (right, 220), (middle, 230), (left, 220)])
    item: Item = [Piece(pocket, order.main, body=FLAT, lift=0.2, bow=3)]
    item.append(Seam((pocket[[0, 4, 3, 2, 1]],), width=0.8, strength=0.5, thread=seam, stitch=2.4))
    if flap:
        cover = np.array(
            [(left - 2, 160), (right + 2, 160), (right + 2, 176), (middle, 186), (left - 2, 176)]
        )
        item.append(Piece(cover, order.main, body=FLAT, lift=0.35))
        item += buttons([(middle, 178)], button_colour(order.main.ground), 2.8)
    else:
        item.append(Seam((np.array([(left, 174), (right, 174)]),), width=0.8, strength=0.3))
    return item


def _collar(order: Order, collar: str) -> Item:
    cloth = order.main if collar != "contrast" else order.trim
    seam = stitching(cloth.ground)
    stand = Pen(_M - 37, 84).quad(_M - 30, 112, _M, 124).quad(_M + 30, 112, _M + 37, 84).line((_M + 40, 72))
    stand.quad(_M + 30, 96, _M, 108).quad(_M - 30, 96, _M - 40, 72)
    if collar == "band":
        return [
            Piece(stand.points, cloth, body=STRAP, lift=0.3),
            *buttons([(_M, 116)], button_colour(cloth.ground), 3),
        ]
    item: Item = [Piece(_neck_hollow(), cloth.plain().darker(0.3), body=FLAT, lift=0)]
    leaf = Pen(_M + 1, 120).quad(_M + 26, 104, _M + 34, 70).quad(_M + 44, 70, _M + 50, 80)
    leaf.quad(_M + 56, 112, _M + 46, 150).quad(_M + 24, 138, _M + 1, 120)
    for side, outline in zip((1, -1), both(leaf.points), strict=True):
        inner = outline * 0.9 + outline.mean(axis=0) * 0.1
        item.append(Piece(outline, cloth, body=STRAP, lift=0.42, grain=side * 38))
        item.append(Seam((inner,), width=0.7, strength=0.4, thread=seam, stitch=2.4))
    if collar == "button-down":
        item += buttons([(_M + 43, 142), (_M - 43, 142)], button_colour(cloth.ground), 2.4)
    item += buttons([(_M, 124)], button_colour(cloth.ground), 3)
    return item


def _neck_hollow() -> Points:
    return (
        Pen(_M - 34, 76)
        .quad(_M, 90, _M + 34, 76)
        .quad(_M + 26, 108, _M, 120)
        .quad(_M - 26, 108, _M - 34, 76)
        .points
    )


def tie(order: Order) -> Item:
    """A necktie."""
    blade = Pen(_M, 110).line((_M + 13, 112), (_M + 30, 392), (_M, 428)).mirrored()
    tail = turned(Pen(_M, 110).line((_M + 9, 112), (_M + 18, 350), (_M, 372)).mirrored(), -5, _M, 110)
    knot = Pen(_M, 66).line((_M + 22, 70), (_M + 13, 114), (_M, 118)).mirrored()
    band = Pen(_M - 20, 72).cubic(_M - 66, 30, _M + 66, 30, _M + 20, 72).points
    silk = order.main
    return [
        Piece(band, silk.darker(0.15), width=15, body=STRAP, lift=0.2, grain=30),
        Piece(tail, silk.darker(0.2), body=STRAP, lift=0.3, grain=35),
        Piece(
            blade, silk, body=STRAP, lift=0.4, grain=40, folds=(Fold((_M - 4, 120), (_M - 8, 260), 5, 2, 3),)
        ),
        Piece(knot, silk, body=STRAP, lift=0.5, grain=-40),
    ]
