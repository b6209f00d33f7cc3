"""Dresses, skirts and jumpsuits."""

from __future__ import annotations

import numpy as np

from lookalike_sample_shop.drawing import Item, Piece, Seam
from lookalike_sample_shop.fabrics import Fabric, metal
from lookalike_sample_shop.outlines import MIDDLE, Pen, Points, box, limb, mirrored, moved
from lookalike_sample_shop.relief import Body, Fold
from lookalike_sample_shop.shapes.cut import FLAT, STRAP, Order, both, button_colour, buttons
from lookalike_sample_shop.shapes.upper import ARM, neckline

_M = MIDDLE
_NECKS: dict[str, tuple[float, float]] = {
    "round": (48, 34),
    "vee": (44, 84),
    "boat": (64, 16),
    "square": (46, 50),
}
_SOFT = Body(rim=4, rim_height=0.5, swell=30, swell_height=0.7, unrest=1.4)


def _falling(
    order: Order, top: float, hem: float, waist: float, width: float, count: int, depth: float
) -> tuple[Fold, ...]:
    """Folds that fan out from the waist to the hem."""
    dice = order.dice("skirt")
    breadth = (waist + width) / count
    folds: list[Fold] = []
    for index in range(count):
        share = (index + 0.5) / count * 2 - 1 + dice.uniform(-0.25, 0.25) / count
        start = (_M + share * waist, top - 10)
        end = (_M + share * width * 1.25, hem + (hem - top) * 0.5)
        sign = 1 if index % 2 else -1
        folds.append(
            Fold(
                start,
                end,
                max(3.4, breadth * 0.28),
                sign * depth * dice.uniform(0.7, 1.2),
                dice.uniform(-5, 5),
            )
        )
    return tuple(folds)


def _skirt_half(waist_y: float, waist: float, hem: float, width: float, hip: float = 0.0) -> Pen:
    pen = Pen(_M, waist_y).line((_M + waist, waist_y))
    if hip:
        pen.cubic(_M + hip, waist_y + 26, _M + hip + 2, waist_y + 60, _M + hip, waist_y + 96)
        pen.quad(_M + (hip + width) / 2, (waist_y + hem) / 2 + 50, _M + width, hem - 6)
    else:
        pen.cubic(_M + waist + 10, waist_y + 50, _M + width - 16, hem - 120, _M + width, hem - 14)
    return pen.quad(_M + width * 0.5, hem + 8, _M, hem + 8)


def _bodice(order: Order, neck: str, waist_y: float, waist: float) -> Points:
    breadth, drop = _NECKS[neck]
    pen = Pen(_M, 66 + drop)
    if neck == "vee":
        pen.quad(_M + breadth * 0.6, 66 + drop * 0.5, _M + breadth, 64)
    elif neck == "square":
        pen.line((_M + breadth, 66 + drop), (_M + breadth + 2, 64))
    else:
        pen.cubic(_M + breadth * 0.6, 66 + drop, _M + breadth * 0.92, 66 + drop * 0.55, _M + breadth, 64)
    pen.line((_M + 78, 74)).cubic(_M + 70, 100, _M + 74, 124, _M + 84, 136)
    pen.cubic(_M + 84, 160, _M + waist + 4, waist_y - 24, _M + waist, waist_y + 2).line((_M, waist_y + 2))
    return pen.mirrored()


def _back(order: Order, breadth: float, drop: float) -> Piece:
    hollow = (
        Pen(_M - breadth, 64)
        .quad(_M, 82, _M + breadth, 64)
        .line((_M + breadth, 70 + drop), (_M - breadth, 70 + drop))
        .points
    )
    return Piece(hollow, order.main.plain().darker(0.3), body=FLAT, lift=0, brightness=0.85)


def _arms(order: Order, sleeve: str) -> Item:
    if sleeve == "none":
        return []
    if sleeve == "long":
        arm = (
            Pen(_M + 66, 70)
            .cubic(_M + 96, 76, _M + 104, 110, _M + 118, 170)
            .cubic(_M + 128, 220, _M + 132, 250, _M + 134, 284)
        )
        arm.line((_M + 110, 288)).cubic(_M + 104, 240, _M + 94, 190, _M + 78, 140).line((_M + 62, 110))
        folds = (
            Fold((_M + 86, 190), (_M + 126, 200), 5, -1.8, 4),
            Fold((_M + 92, 96), (_M + 112, 180), 6, 2, 5),
        )
    elif sleeve == "puff":
        arm = (
            Pen(_M + 64, 70)
            .cubic(_M + 96, 54, _M + 126, 90, _M + 118, 138)
            .line((_M + 86, 152))
            .quad(_M + 70, 130, _M + 62, 110)
        )
        folds = tuple(
            Fold((_M + 72 + 9 * i, 72), (_M + 88 + 8 * i, 150), 4, 2.4 if i % 2 else -2.4, 5)
            for i in range(4)
        )
    else:
        arm = (
            Pen(_M + 64, 70)
            .cubic(_M + 90, 74, _M + 104, 100, _M + 116, 132)
            .line((_M + 84, 148))
            .quad(_M + 72, 130, _M + 62, 110)
        )
        folds = (Fold((_M + 84, 88), (_M + 104, 138), 6, 2, 4),)
    item: Item = []
    for side, outline in zip((1, -1), both(arm.points), strict=True):
        item.append(
            Piece(
                outline,
                order.main,
                body=ARM,
                lift=0.2,
                folds=folds if side > 0 else (),
                grain=-16 * side,
                seed=order.seed,
            )
        )
    return item


def dress(
    order: Order, length: str = "knee", neck: str = "round", sleeve: str = "short", belt: bool = False
) -> Item:
    """A dress with a fitted bodice and a full skirt, from mini to maxi."""
    hem, width = {"mini": (384, 106), "knee": (440, 122), "maxi": (556, 138)}[length]
    waist_y, waist = 202, 66
    item: Item = [_back(order, *_NECKS[neck])]
    item += _arms(order, sleeve)
    pleats = _falling(order, waist_y, hem, waist, width, 9, 5.0)
    item.append(
        Piece(
            _skirt_half(waist_y, waist, hem, width).mirrored(),
            order.main,
            body=_SOFT,
            lift=0.2,
            folds=pleats,
            bow=8,
            seed=order.seed,
        )
    )
    bust = (
        Fold((_M + 80, 146), (_M + 34, 160), 6, -1.4, 4),
        Fold((_M - 80, 146), (_M - 34, 160), 6, -1.4, -4),
    )
    item.append(
        Piece(
            _bodice(order, neck, waist_y, waist),
            order.main,
            body=_SOFT,
            lift=0.15,
            folds=bust,
            bow=6,
            seed=order.seed,
        )
    )
    item.append(
        Seam((np.array([(_M - waist, waist_y + 1), (_M + waist, waist_y + 1)]),), width=1.4, strength=0.35)
    )
    if belt:
        band = Pen(_M - waist - 2, waist_y).quad(_M, waist_y + 8, _M + waist + 2, waist_y).points
        item.append(Piece(band, order.trim.plain("leather"), width=12, body=STRAP, lift=0.35))
        item.append(
            Piece(
                box(_M - 9, waist_y - 5, _M + 9, waist_y + 13, 3), metal(order.hardware), body=STRAP, lift=0.4
            )
        )
        item.append(
            Piece(
                box(_M - 5, waist_y - 1, _M + 5, waist_y + 9, 1),
                order.trim.plain("leather"),
                body=FLAT,
                lift=0,
            )
        )
    return item


def shift(order: Order, neck: str = "boat", sleeve: str = "none") -> Item:
    """A straight dress that skims the body."""
    breadth, drop = _NECKS[neck]
    hem = 436
    half = Pen(_M, 66 + drop).cubic(
        _M + breadth * 0.6, 66 + drop, _M + breadth * 0.92, 66 + drop * 0.55, _M + breadth, 64
    )
    half.line((_M + 78, 74)).cubic(_M + 70, 100, _M + 74, 124, _M + 84, 136)
    half.cubic(_M + 76, 190, _M + 80, 230, _M + 92, 280).quad(_M + 96, 330, _M + 94, hem - 4).quad(
        _M + 48, hem + 6, _M, hem + 6
    )
    folds = _falling(order, 210, hem, 50, 84, 5, 1.8)
    darts = both(np.array([(_M + 82, 150), (_M + 44, 158)]))
    return [
        _back(order, breadth, drop),
        *_arms(order, sleeve),
        Piece(half.mirrored(), order.main, body=_SOFT, lift=0.2, folds=folds, bow=8, seed=order.seed),
        Seam(darts, width=1, strength=0.3),
        Seam(
            (Pen(_M, hem - 8).quad(_M + 48, hem - 8, _M + 93, hem - 16).symmetric(),),
            width=0.9,
            strength=0.25,
        ),
    ]


def slip(order: Order, length: str = "midi") -> Item:
    """A satin dress on thin straps."""
    hem = 540 if length == "midi" else 420
    half = Pen(_M, 136).quad(_M + 26, 112, _M + 52, 102).line((_M + 58, 102)).quad(_M + 70, 124, _M + 76, 142)
    half.cubic(_M + 64, 190, _M + 64, 214, _M + 76, 262).quad(_M + 88, 350, _M + 98, hem - 8).quad(
        _M + 48, hem + 8, _M, hem + 8
    )
    folds = _falling(order, 200, hem, 40, 92, 6, 3.0)
    straps = both(Pen(_M + 52, 104).quad(_M + 50, 70, _M + 40, 40).points)
    back = Pen(_M, 124).line((_M + 66, 118)).line((_M + 76, 142), (_M, 150)).mirrored()
    item: Item = [Piece(back, order.main.plain().darker(0.3), body=FLAT, lift=0)]
    item += [Piece(line, order.main.plain(), width=4, body=STRAP, lift=0.2) for line in straps]
    drape = tuple(
        Fold((_M - 50 + 6 * i, 112 + 8 * i), (_M + 50 - 6 * i, 112 + 8 * i), 5, 1.6, 16) for i in range(3)
    )
    item.append(
        Piece(half.mirrored(), order.main, body=_SOFT, lift=0.2, folds=folds + drape, bow=8, seed=order.seed)
    )
    return item


def wrap(order: Order, sleeve: str = "long") -> Item:
    """A dress that crosses over and ties at the waist."""
    hem, width, waist_y, waist = 462, 122, 206, 66
    item: Item = [_back(order, 44, 100)]
    item += _arms(order, sleeve)
    pleats = _falling(order, waist_y, hem, waist, width, 8, 4.6)
    item.append(
        Piece(
            _skirt_half(waist_y, waist, hem, width).mirrored(),
            order.main,
            body=_SOFT,
            lift=0.2,
            folds=pleats,
            bow=8,
            seed=order.seed,
        )
    )
    under = Pen(_M + 44, 64).line((_M + 78, 74)).cubic(_M + 70, 100, _M + 74, 124, _M + 84, 136)
    under.cubic(_M + 84, 160, _M + 70, 180, _M + waist, waist_y + 2).line((_M - 20, waist_y + 2)).quad(
        _M + 4, 150, _M + 44, 64
    )
    cross = tuple(Fold((_M + 60 - 16 * i, 80 + 10 * i), (_M - 30 - 6 * i, 200), 5, 1.6, -5) for i in range(3))
    item.append(Piece(under.points, order.main, body=_SOFT, lift=0.2, seed=order.seed))
    over = mirrored(under.line((_M + 44, 64)).points)
    over[over[:, 0] > _M + 10] += (26, 0)
    item.append(Piece(over, order.main, body=_SOFT, lift=0.4, folds=cross, seed=order.seed))
    edge = Pen(_M - waist, waist_y + 6).quad(_M + 30, waist_y + 30, _M + 46, hem + 2).points
    item.append(Seam((edge, moved(edge, 2, 0)), width=1.6, strength=0.3))
    item.append(
        Piece(
            Pen(_M - waist - 2, waist_y).quad(_M, waist_y + 8, _M + waist + 2, waist_y).points,
            order.main.plain(),
            width=14,
            body=STRAP,
            lift=0.35,
        )
    )
    for tail in (
        limb((_M + 46, waist_y + 6, 10), (_M + 52, waist_y + 50, 14), (_M + 48, waist_y + 92, 14)),
        limb((_M + 50, waist_y + 6, 10), (_M + 66, waist_y + 40, 13), (_M + 72, waist_y + 74, 13)),
    ):
        item.append(Piece(tail, order.main.plain(), body=STRAP, lift=0.4))
    return item


def shirt_dress(order: Order) -> Item:
    """A dress that buttons like a shirt."""
    item = dress(order, "knee", "vee", "short", belt=True)
    item.insert(-3, Piece(box(_M - 8, 140, _M + 8, 444, 1), order.main, body=FLAT, lift=0.25))
    item += buttons(
        [(_M, y) for y in (158, 182, 234, 272, 310, 348, 386, 424)], button_colour(order.main.ground), 3
    )
    item.append(
        Piece(moved(neckline(42, 82, True), 0, -18), order.main.plain(), width=12, body=STRAP, lift=0.35)
    )
    return item


def skirt(order: Order, cut: str = "flared", length: str = "knee") -> Item:
    """A skirt: flared, pencil, pleated or tiered."""
    hem = {"mini": 286, "knee": 360, "midi": 452}[length]
    top, waist = 96, 70
    band = (
        Pen(_M, top - 6)
        .quad(_M + waist * 0.6, top - 8, _M + waist, top - 14)
        .line((_M + waist + 2, top + 8))
        .quad(_M + waist * 0.6, top + 14, _M, top + 15)
    )
    width = {"pencil": 78, "pleated": 92 + (hem - top) * 0.2}.get(cut, 88 + (hem - top) * 0.16)
    body = _skirt_half(top, waist, hem, width, hip=87 if cut == "pencil" else 0).mirrored()
    count, depth = {"pencil": (4, 1.4), "pleated": (19, 4.2)}.get(cut, (9, 5.4))
    folds = _falling(order, top, hem, waist, width, count, depth)
    item: Item = [Piece(body, order.main, body=_SOFT, lift=0.1, folds=folds, bow=8, seed=order.seed)]
    if cut == "tiered":
        for share in (0.36, 0.68):
            y = top + (hem - top) * share
            half = waist + (width - waist) * share**0.8 + 2
            line = Pen(_M, y + 8).quad(_M + half * 0.6, y + 7, _M + half, y - 4).symmetric()
            item.append(Seam((line, moved(line, 0, 2)), width=2, strength=0.32))
    if cut == "pencil":
        item.append(Seam((np.array([(_M, hem + 6), (_M, hem - 44)]),), width=1.8, strength=0.4))
    item.append(Piece(band.mirrored(), order.main.plain(), body=STRAP, lift=0.3))
    return item


def denim_skirt(order: Order) -> Item:
    """A short skirt of denim with pockets and a button fly."""
    item = skirt(order, "pencil", "mini")
    thread: tuple[int, int, int] = (206, 152, 88)
    pockets = both(Pen(_M + 34, 112).quad(_M + 44, 140, _M + 84, 144).points)
    lines = (*pockets, np.array([(_M, 112), (_M, 292)]))
    item.append(Seam(tuple(lines), width=1.6, strength=0.4))
    item.append(
        Seam(tuple(moved(line, 0, 3) for line in lines), width=1, strength=0.85, thread=thread, stitch=2.8)
    )
    return item + buttons([(_M, 98), (_M, 140), (_M, 180), (_M, 220), (_M, 256)], order.hardware, 4)


def jumpsuit(order: Order) -> Item:
    """Bodice and wide trousers in one."""
    waist_y, waist, hem = 196, 64, 556
    leg = Pen(_M, waist_y).line((_M + waist, waist_y)).cubic(_M + 84, 230, _M + 88, 270, _M + 90, 320)
    leg.quad(_M + 98, 440, _M + 102, hem).line((_M + 18, hem + 6)).quad(_M + 8, 380, _M, 316)
    folds = _falling(order, waist_y + 20, hem, 50, 84, 6, 2.6)
    item: Item = [_back(order, *_NECKS["vee"])]
    for outline in both(leg.points):
        item.append(Piece(outline, order.main, body=_SOFT, lift=0.3, folds=folds, bow=5, seed=order.seed))
    item.append(
        Piece(
            _bodice(order, "vee", waist_y, waist), order.main, body=_SOFT, lift=0.15, bow=6, seed=order.seed
        )
    )
    sash = Fabric((order.main.darker(0.12).ground,), texture=order.main.texture, gloss=order.main.gloss)
    item.append(
        Piece(
            Pen(_M - waist - 1, waist_y).quad(_M, waist_y + 8, _M + waist + 1, waist_y).points,
            sash,
            width=14,
            body=STRAP,
            lift=0.3,
        )
    )
    return item
