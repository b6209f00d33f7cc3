"""Jeans, trousers, leggings and shorts."""

from __future__ import annotations

import numpy as np

from lookalike_sample_shop.colours import RGB, mixed
from lookalike_sample_shop.drawing import Item, Piece, Seam
from lookalike_sample_shop.fabrics import Fabric, metal
from lookalike_sample_shop.outlines import MIDDLE, Pen, Points, box, ellipse, mirrored, moved, spline
from lookalike_sample_shop.relief import Body, Fold
from lookalike_sample_shop.shapes.cut import BEAD, FLAT, STRAP, Order, both, buttons, stitching

_M = MIDDLE
_LEG = Body(rim=5, rim_height=0.6, swell=22, swell_height=0.9, unrest=1.6)
_TOP = 44
_CROTCH = 168
_ANKLE = 488


def _leg(order: Order, cut: str, hem: float, hip: float) -> Points:
    """The right leg from waist to hem."""
    waist = 66 if order.woman else 74
    knee_out, knee_in, foot_out, foot_in = {
        "skinny": (74, 26, 60, 28),
        "slim": (82, 22, 72, 26),
        "straight": (88, 16, 86, 18),
        "wide": (100, 8, 114, 6),
        "flared": (78, 22, 108, 6),
        "jogger": (88, 18, 62, 30),
    }[cut]
    share = (hem - _CROTCH) / (_ANKLE - _CROTCH)
    knee = _CROTCH + (hem - _CROTCH) * 0.48
    out = hip + (foot_out - hip) * min(1, share + 0.12)
    inner = foot_in * share
    middle_out = hip + (knee_out - hip) * min(1, share + 0.12)
    pen = (
        Pen(_M, _TOP)
        .line((_M + waist, _TOP - 2))
        .cubic(_M + waist + 8, _TOP + 30, _M + hip, _TOP + 60, _M + hip, _TOP + 96)
    )
    pen.cubic(_M + hip, _TOP + 130, _M + middle_out, knee - 50, _M + middle_out, knee)
    pen.quad(_M + middle_out * 0.5 + out * 0.5 - 1, (knee + hem) / 2, _M + out, hem - 2)
    pen.quad(_M + (out + inner) / 2, hem + 5, _M + inner + 1, hem + 3)
    pen.quad(_M + knee_in * share * 0.7, (knee + hem) / 2, _M + knee_in * share * 0.8, knee)
    return pen.quad(_M + 5, _CROTCH + 40, _M, _CROTCH).points


def _creases(order: Order, hem: float, hip: float) -> tuple[Fold, ...]:
    dice = order.dice("legs")
    folds = [
        Fold(
            (_M + 4 + 3 * i, _CROTCH - 4 + 5 * i),
            (_M + hip - 14, _CROTCH - 26 + 20 * i),
            5,
            -2.0 + 0.3 * i,
            5,
        )
        for i in range(3)
    ]
    if hem > 380:
        knee = _CROTCH + (hem - _CROTCH) * 0.46
        folds += [
            Fold(
                (_M + 18, knee + 12 * i),
                (_M + 84, knee - 6 + 13 * i),
                5,
                dice.uniform(-2.2, -1.2),
                dice.uniform(-6, 6),
            )
            for i in range(3)
        ]
        folds += [
            Fold(
                (_M + 22, hem - 40 + 13 * i),
                (_M + 80, hem - 36 + 12 * i),
                4.5,
                dice.uniform(-2.2, -1.2),
                dice.uniform(-4, 4),
            )
            for i in range(3)
        ]
    folds.append(Fold((_M + 46, _TOP + 60), (_M + 52, hem + 80), 13, 2.4, 3))
    return tuple(folds)


def _legs(order: Order, cut: str, hem: float) -> Item:
    hip = 90 if order.woman else 94
    outline, folds = _leg(order, cut, hem, hip), _creases(order, hem, hip)
    inside = (
        Pen(_M, _TOP - 12)
        .quad(_M + 40, _TOP - 10, _M + 64, _TOP - 4)
        .line((_M + 60, _TOP + 12), (_M, _TOP + 12))
        .mirrored()
    )
    return [
        Piece(inside, order.main.plain().darker(0.4), body=FLAT, lift=0),
        Piece(
            mirrored(outline),
            order.main,
            body=_LEG,
            lift=0.2,
            folds=tuple(fold.mirrored(_M) for fold in folds),
            bow=3,
            seed=order.seed,
        ),
        Piece(outline, order.main, body=_LEG, lift=0.2, folds=folds, bow=3, seed=order.seed),
    ]


def _waistband(order: Order, height: float = 18) -> tuple[Item, Points]:
    waist = 66 if order.woman else 74
    half = Pen(_M, _TOP - 2).quad(_M + waist * 0.6, _TOP - 4, _M + waist + 1, _TOP - 10)
    half.line((_M + waist + 4, _TOP + height - 10)).quad(
        _M + waist * 0.6, _TOP + height - 3, _M, _TOP + height
    )
    outline = half.mirrored()
    return [Piece(outline, order.main, body=STRAP, lift=0.3, bow=3)], outline


def _fly(order: Order, thread: RGB | None) -> Item:
    curve = Pen(_M + 20, _TOP + 18).line((_M + 20, 118)).quad(_M + 18, 142, _M, 150).points
    middle = np.array([(_M, _TOP + 16), (_M, _CROTCH)])
    item: Item = [Seam((middle,), width=1.6, strength=0.45)]
    if thread:
        item.append(
            Seam(
                (curve, moved(curve, -3.5, 0), moved(middle, 2, 0)),
                width=1,
                strength=0.85,
                thread=thread,
                stitch=2.8,
            )
        )
    else:
        item.append(Seam((curve,), width=0.9, strength=0.28))
    return item


def jeans(order: Order, cut: str = "straight", torn: bool = False) -> Item:
    """Jeans with five pockets, rivets and colored stitching."""
    thread: RGB = (206, 152, 88)
    hem = _ANKLE
    item = _legs(order, cut, hem)
    item += _fly(order, thread)
    pockets = both(
        Pen(_M + 34, _TOP + 15).cubic(_M + 40, _TOP + 46, _M + 60, _TOP + 54, _M + 83, _TOP + 53).points
    )
    item.append(Seam(pockets, width=1.8, strength=0.45))
    item.append(
        Seam(
            tuple(moved(line, -1, 3.5) for line in pockets), width=1, strength=0.85, thread=thread, stitch=2.8
        )
    )
    coin = Pen(_M + 56, _TOP + 30).line((_M + 80, _TOP + 28)).points
    item.append(Seam((coin,), width=1, strength=0.7, thread=thread, stitch=2.6))
    band, outline = _waistband(order)
    item += band
    inner = outline * 0.97 + outline.mean(axis=0) * 0.03
    item.append(Seam((inner,), width=0.9, strength=0.75, thread=thread, stitch=2.8))
    for x in (-50, -26, 26, 50):
        item.append(
            Piece(box(_M + x - 3, _TOP - 9, _M + x + 3, _TOP + 20, 1), order.main, body=STRAP, lift=0.35)
        )
    item += buttons([(_M + 2, _TOP + 8)], order.hardware, 5)
    for line in pockets:
        for x, y in (line[0], line[-1]):
            item.append(
                Piece(
                    ellipse(x + (3 if x < _M else -3), y + 2, 2, 2),
                    metal((196, 140, 90)),
                    body=BEAD,
                    lift=0.4,
                )
            )
    if torn:
        item += _tears(order)
    ends = Pen(_M + 26, hem - 9).line((_M + 84, hem - 11)).points
    item.append(Seam(both(ends), width=1, strength=0.7, thread=thread, stitch=2.8))
    return item


def _tears(order: Order) -> Item:
    dice = order.dice("tears")
    pale = Fabric((mixed(order.main.accent, (250, 250, 250), 0.7),), texture="denim")
    item: Item = []
    for x, y, broad in ((_M + 54, 292, 24), (_M - 50, 262, 18), (_M - 54, 300, 22)):
        rim = [
            (x + broad * a + dice.uniform(-2, 2), y + 9 * b + dice.uniform(-2, 2))
            for a, b in ((-1, 0), (-0.4, -0.8), (0.4, -0.9), (1, -0.1), (0.5, 0.8), (-0.4, 0.9))
        ]
        item.append(Piece(spline([*rim, rim[0]]), pale, body=FLAT, lift=0))
        threads = tuple(
            np.array([(x - broad * 0.9, y + dy), (x + broad * 0.9, y + dy + dice.uniform(-2, 2))])
            for dy in (-5, -1, 3, 6)
        )
        item.append(Seam(threads, width=1, strength=0.4))
    return item


def trousers(order: Order, cut: str = "slim") -> Item:
    """Trousers with a pressed crease and slanted pockets."""
    hem = _ANKLE
    item = _legs(order, cut, hem)
    item += _fly(order, None)
    item.append(Seam(both(np.array([(_M + 46, _TOP + 16), (_M + 88, _TOP + 74)])), width=1.4, strength=0.4))
    if cut in {"slim", "straight", "wide"}:
        x = {"slim": 49, "straight": 52, "wide": 58}[cut]
        press = Pen(_M + 46, _TOP + 50).quad(_M + 48, 260, _M + x, hem).points
        item.append(Seam(both(press), width=1.4, strength=0.2))
    band, _ = _waistband(order)
    item += band
    for x in (-50, -26, 26, 50):
        item.append(
            Piece(box(_M + x - 2.5, _TOP - 9, _M + x + 2.5, _TOP + 20, 1), order.main, body=STRAP, lift=0.3)
        )
    return item + buttons([(_M + 3, _TOP + 8)], mixed(order.main.ground, (60, 50, 44), 0.6), 4)


def joggers(order: Order, striped: bool = False) -> Item:
    """Soft trousers with a drawstring, ribbed ends and perhaps stripes down the side."""
    item = _legs(order, "jogger", 466)
    ribbed = order.main.plain("rib")
    for outline in both(Pen(_M + 30, 462).line((_M + 64, 460), (_M + 60, 488), (_M + 32, 490)).points):
        item.append(Piece(outline, ribbed, body=STRAP, lift=0.3))
    if striped:
        line = Pen(_M + 87, _TOP + 50).cubic(_M + 92, 180, _M + 86, 280, _M + 62, 458).points
        for dx in (-3, -9):
            item.append(
                Seam(
                    tuple(moved(side, s * dx, 0) for s, side in zip((1, -1), both(line), strict=True)),
                    width=3.4,
                    strength=0.95,
                    thread=order.trim.ground,
                )
            )
    item.append(Seam(both(np.array([(_M + 60, _TOP + 30), (_M + 84, _TOP + 92)])), width=2, strength=0.4))
    band, _ = _waistband(order, 24)
    item += [Piece(part.outline, ribbed, body=STRAP, lift=0.3) for part in band if isinstance(part, Piece)]
    cord = Fabric((order.trim.ground,), texture="rib")
    for dx, dy in ((-8, 52), (10, 60)):
        item.append(
            Piece(
                spline([(_M, _TOP + 10), (_M + dx, _TOP + 30), (_M + dx * 1.3, _TOP + dy)]),
                cord,
                width=3.4,
                body=STRAP,
                lift=0.45,
            )
        )
    return item


def leggings(order: Order) -> Item:
    """Close-fitting leggings with a broad waistband."""
    item = _legs(order, "skinny", 484)
    band, _ = _waistband(order, 34)
    item += band
    panel = Pen(_M + 88, 130).quad(_M + 70, 260, _M + 66, 480).points
    item.append(Seam(both(panel), width=1.2, strength=0.35))
    return item


def cargo(order: Order) -> Item:
    """Roomy trousers with pockets on the thighs."""
    item = trousers(order, "straight")
    seam = stitching(order.main.ground)
    for side in (1, -1):
        left, right = sorted((_M + side * 50, _M + side * 96))
        item.append(Piece(box(left, 226, right, 290, 3), order.main, body=FLAT, lift=0.35))
        item.append(Piece(box(left - 2, 218, right + 2, 240, 3), order.main, body=FLAT, lift=0.4))
        item.append(
            Seam((box(left + 3, 242, right - 3, 286, 2),), width=0.8, strength=0.6, thread=seam, stitch=2.6)
        )
        item += buttons([((left + right) / 2, 234)], order.hardware, 3)
    return item


def shorts(order: Order, cut: str = "chino") -> Item:
    """Shorts: chino, denim or sport."""
    hem = {"chino": 286, "denim": 244, "sport": 270}[cut]
    item = _legs(order, "wide" if cut == "sport" else "straight", hem)
    thread: RGB = (206, 152, 88) if cut == "denim" else stitching(order.main.ground)
    if cut == "sport":
        line = Pen(_M + 92, _TOP + 60).quad(_M + 98, 200, _M + 100, hem - 4).points
        item.append(Seam(both(line), width=7, strength=0.95, thread=order.trim.ground))
        band, _ = _waistband(order, 24)
        item += [
            Piece(part.outline, order.main.plain("rib"), body=STRAP, lift=0.3)
            for part in band
            if isinstance(part, Piece)
        ]
        for dx in (-8, 10):
            item.append(
                Piece(
                    spline([(_M, _TOP + 10), (_M + dx, _TOP + 32), (_M + dx * 1.3, _TOP + 54)]),
                    order.trim.plain("rib"),
                    width=3.4,
                    body=STRAP,
                    lift=0.45,
                )
            )
        return item
    item += _fly(order, thread if cut == "denim" else None)
    item.append(Seam(both(np.array([(_M + 44, _TOP + 16), (_M + 88, _TOP + 66)])), width=1.5, strength=0.4))
    hemline = np.array([(_M + 8, hem - 8), (_M + 92, hem - 12)])
    item.append(Seam(both(hemline), width=0.9, strength=0.7, thread=thread, stitch=2.8))
    band, _ = _waistband(order)
    item += band
    for x in (-50, -26, 26, 50):
        item.append(
            Piece(box(_M + x - 3, _TOP - 9, _M + x + 3, _TOP + 20, 1), order.main, body=STRAP, lift=0.3)
        )
    return item + buttons(
        [(_M + 2, _TOP + 8)],
        order.hardware if cut == "denim" else mixed(order.main.ground, (60, 50, 44), 0.6),
        4.4,
    )
