"""Jackets, blazers and coats."""

from __future__ import annotations

import numpy as np

from lookalike_sample_shop.colours import deeper, mixed
from lookalike_sample_shop.drawing import Item, Piece, Seam
from lookalike_sample_shop.fabrics import Fabric, metal
from lookalike_sample_shop.outlines import MIDDLE, Pen, Points, box, moved, turned
from lookalike_sample_shop.relief import Body, Fold
from lookalike_sample_shop.shapes.cut import FLAT, STRAP, Order, both, buttons, hanging, pulled, stitching
from lookalike_sample_shop.shapes.upper import ARM, TORSO, back_of_neck, ribbed_cuff, sleeves

_M = MIDDLE
_PADDED = Body(rim=7, rim_height=0.9, swell=30, swell_height=0.9, unrest=2.4)


def _side(order: Order, hem: float, flare: float, neck_y: float = 150, over: float = 0) -> Points:
    """The right front, from the middle line (or a little over it) to the side seam."""
    chest, waist, hip = (96, 84, 94) if order.woman else (110, 104, 108)
    shoulder = 96 if order.woman else 110
    half = Pen(_M - over, neck_y).line((_M + 36, 80)).quad(_M + shoulder * 0.7, 90, _M + shoulder, 106)
    half.cubic(_M + shoulder + 3, 130, _M + chest - 3, 150, _M + chest, 188)
    half.cubic(_M + waist + 4, 228, _M + waist, 260, _M + hip + flare, hem - 4)
    return half.quad(_M + 50, hem + 5, _M - over, hem + 5).points


def _fronts(
    order: Order, hem: float, flare: float, body: Body = TORSO, neck_y: float = 150, over: float = 0
) -> Item:
    right, left = both(_side(order, hem, flare, neck_y, over))
    dice = order.dice("jacket")
    folds = tuple(hanging(dice, 150, 330, 230, hem, 6, 2.0) + pulled(dice, _M + 104, 176, 2, 44, 1.8))
    return [
        Piece(left, order.main, body=body, lift=0.25, folds=folds, bow=6, seed=order.seed),
        Piece(right, order.main, body=body, lift=0.35, folds=folds, bow=6, seed=order.seed),
    ]


def _inside(order: Order, depth: float) -> Item:
    lining = Fabric((deeper(order.trim.ground, 0.2),), texture="satin")
    hollow = (
        Pen(_M - 38, 72)
        .quad(_M, 82, _M + 38, 72)
        .line((_M + 40, 84), (_M + 3, 100 + depth), (_M - 3, 100 + depth), (_M - 40, 84))
        .points
    )
    label = box(_M - 12, 96, _M + 12, 110, 1)
    return [
        Piece(hollow, lining, body=FLAT, lift=0, brightness=0.8),
        Piece(
            label,
            Fabric((mixed(lining.ground, (250, 250, 250), 0.8),), texture="smooth"),
            body=FLAT,
            lift=0.15,
        ),
    ]


def _lapels(order: Order, low: float, notch: float, broad: float) -> Item:
    item: Item = []
    leaf = (
        Pen(_M + 34, 78)
        .quad(_M + 40, 92, _M + 40, 104)
        .line((_M + broad, notch), (_M + broad - 4, notch + 18))
    )
    leaf.quad(_M + broad * 0.6, low * 0.7 + notch * 0.3, _M - 1, low).quad(_M + 22, 140, _M + 34, 78)
    collar = (
        Pen(_M + 30, 72)
        .quad(_M + 42, 72, _M + 48, 84)
        .line((_M + broad - 2, notch - 6), (_M + 41, notch + 3))
    )
    collar.quad(_M + 36, 96, _M + 30, 72)
    for side, outline in zip((1, -1), both(leaf.points), strict=True):
        item.append(Piece(outline, order.main, body=STRAP, lift=0.42, grain=side * 24))
    for outline in both(collar.points):
        item.append(Piece(outline, order.main.darker(0.06), body=STRAP, lift=0.4, grain=40))
    return item


def _flap_pockets(order: Order, y: float, inner: float, width: float = 46) -> Item:
    item: Item = []
    flap = turned(box(_M + inner, y, _M + inner + width, y + 15, 2), -4, _M + inner, y)
    for outline in both(flap):
        item.append(Piece(outline, order.main, body=FLAT, lift=0.4))
    return item


def blazer(order: Order, rows: int = 1) -> Item:
    """A tailored jacket, single- or double-breasted."""
    hem = 400
    low = 246 if rows == 1 else 226
    item = _inside(order, low - 96)
    item += sleeves(order, "long", 10)
    item += _fronts(order, hem, 2, neck_y=low, over=0 if rows == 1 else 12)
    item += _lapels(order, low, 146, 70)
    item += _flap_pockets(order, 306, 34)
    welt = turned(box(_M + 42, 182, _M + 74, 190, 1), -6, _M + 42, 186)
    item.append(Piece(welt, order.main, body=FLAT, lift=0.35))
    dark = mixed(order.main.ground, (40, 30, 24), 0.6)
    places = [(_M + 5.0, low + 8.0), (_M + 5.0, low + 52.0)]
    if rows == 2:
        places = [(_M + x, low + y) for x in (-16.0, 26.0) for y in (12.0, 52.0, 92.0)]
    return item + buttons(places, dark, 4.6)


def coat(order: Order, collar: str = "lapel", belted: bool = False) -> Item:
    """A coat to the knee; `collar` is lapel or stand."""
    hem = 462
    low = 212
    item = _inside(order, low - 96)
    item += sleeves(order, "long", 16)
    item += _fronts(order, hem, 18, neck_y=low if collar == "lapel" else 122, over=14)
    if collar == "lapel":
        item += _lapels(order, low, 148, 78)
    else:
        item += _stand(order, order.main)
    item += _flap_pockets(order, 320, 38, 50)
    dark = mixed(order.main.ground, (44, 34, 28), 0.65)
    first = low + 14 if collar == "lapel" else 146
    item += buttons([(_M + x, y) for y in range(int(first), 372, 46) for x in (-12, 22)], dark, 5)
    if belted:
        waist = 84 if order.woman else 104
        belt = Pen(_M - waist - 6, 262).quad(_M, 274, _M + waist + 6, 262).points
        item.append(Piece(belt, order.main.plain(), width=17, body=STRAP, lift=0.45))
        item.append(
            Piece(
                box(_M - 13, 256, _M + 15, 282, 3),
                metal(mixed(dark, (120, 90, 60), 0.3)),
                body=STRAP,
                lift=0.5,
            )
        )
        item.append(Piece(box(_M - 8, 261, _M + 10, 277, 2), order.main.plain(), body=FLAT, lift=0))
        tail = Pen(_M + 12, 266).line((_M + 34, 268), (_M + 44, 322), (_M + 28, 326)).points
        item.append(Piece(tail, order.main.plain(), body=STRAP, lift=0.4))
    return item


def _stand(order: Order, cloth: Fabric) -> Item:
    collar = (
        Pen(_M + 2, 124)
        .quad(_M + 22, 110, _M + 28, 64)
        .quad(_M + 42, 64, _M + 46, 78)
        .quad(_M + 46, 116, _M + 4, 142)
    )
    return [Piece(outline, cloth, body=ARM, lift=0.4) for outline in both(collar.points)]


def _zip(order: Order, top: float, hem: float) -> Item:
    tape = Fabric((deeper(order.main.ground, 0.35),), texture="rib")
    teeth = np.array([(_M, top), (_M, hem)])
    return [
        Piece(teeth, tape, width=8, body=STRAP, lift=0.3),
        Seam((teeth,), width=3, strength=0.9, thread=order.hardware, stitch=1.6),
        Piece(box(_M - 3, top + 4, _M + 3, top + 24, 2), metal(order.hardware), body=STRAP, lift=0.5),
    ]


def biker(order: Order) -> Item:
    """A leather jacket with an off-center zip."""
    hem = 372
    item = _inside(order, 104)
    item += sleeves(order, "long", 8)
    item += _fronts(order, hem, -4, neck_y=196, over=0)
    item += _lapels(order, 200, 150, 76)
    zipline = np.array([(_M - 2, 200), (_M + 24, hem)])
    item.append(
        Piece(
            zipline, Fabric((deeper(order.main.ground, 0.4),), texture="rib"), width=8, body=STRAP, lift=0.35
        )
    )
    item.append(Seam((zipline,), width=3, strength=0.95, thread=order.hardware, stitch=1.6))
    for line in (
        np.array([(_M + 44, 300), (_M + 84, 276)]),
        np.array([(_M - 84, 276), (_M - 40, 302)]),
        np.array([(_M - 80, 204), (_M - 46, 214)]),
    ):
        item.append(Piece(line, metal(order.hardware), width=4, body=STRAP, lift=0.3))
    band = (
        Pen(_M, hem - 12)
        .quad(_M + 50, hem - 12, _M + 92, hem - 22)
        .line((_M + 92, hem + 2))
        .quad(_M + 50, hem + 10, _M, hem + 10)
    )
    item.append(Piece(band.mirrored(), order.main, body=STRAP, lift=0.3))
    item.append(
        Piece(box(_M + 26, hem - 16, _M + 44, hem + 6, 2), metal(order.hardware), body=STRAP, lift=0.4)
    )
    item.append(Piece(box(_M + 30, hem - 12, _M + 40, hem + 2, 1), order.main, body=FLAT, lift=0))
    seams = both(Pen(_M + 104, 128).quad(_M + 72, 150, _M + 70, 176).points)
    item.append(Seam(seams, width=1.4, strength=0.4))
    return item


def denim_jacket(order: Order) -> Item:
    """A trucker jacket with chest pockets and metal buttons."""
    hem = 368
    thread = stitching(order.main.ground) if order.main.texture != "denim" else (206, 152, 88)
    item = back_of_neck(order, 40, 44)
    item += sleeves(order, "long", 6)
    item += _fronts(order, hem, -4, neck_y=130, over=4)
    yoke = both(Pen(_M + 4, 168).line((_M + 102, 164)).points)
    darts = both(np.array([(_M + 40, 196), (_M + 26, hem - 20)])) + both(
        np.array([(_M + 62, 196), (_M + 66, hem - 20)])
    )
    item.append(Seam(tuple(yoke + darts), width=1.6, strength=0.4))
    item.append(
        Seam(
            tuple(moved(line, 0, 3) for line in yoke + darts),
            width=0.9,
            strength=0.8,
            thread=thread,
            stitch=2.6,
        )
    )
    for side in (1, -1):
        cx = _M + side * 52
        flap = np.array([(cx - 22, 170), (cx + 22, 170), (cx + 22, 186), (cx, 196), (cx - 22, 186)])
        item.append(Piece(flap, order.main, body=FLAT, lift=0.4))
        item.append(
            Seam(
                (flap[[0, 4, 3, 2, 1]] * 0.94 + flap.mean(axis=0) * 0.06,),
                width=0.9,
                strength=0.8,
                thread=thread,
                stitch=2.4,
            )
        )
        item += buttons([(cx, 188)], order.hardware, 3)
    placket = box(_M - 9, 132, _M + 9, hem + 2, 1)
    item.append(Piece(placket, order.main, body=FLAT, lift=0.3))
    item += buttons([(_M, y) for y in (150, 190, 230, 270, 310, 346)], order.hardware, 4)
    band = Pen(_M, hem - 18).line((_M + 98, hem - 24), (_M + 98, hem)).quad(_M + 50, hem + 8, _M, hem + 8)
    item.append(Piece(band.mirrored(), order.main, body=STRAP, lift=0.3))
    return item + _shirt_collar(order, thread)


def _shirt_collar(order: Order, thread: tuple[int, int, int]) -> Item:
    leaf = (
        Pen(_M + 2, 132)
        .quad(_M + 26, 112, _M + 34, 70)
        .quad(_M + 46, 70, _M + 54, 82)
        .quad(_M + 62, 116, _M + 52, 150)
    )
    item: Item = []
    for side, outline in zip((1, -1), both(leaf.line((_M + 2, 132)).points), strict=True):
        item.append(Piece(outline, order.main, body=STRAP, lift=0.42, grain=side * 38))
        inner = outline * 0.9 + outline.mean(axis=0) * 0.1
        item.append(Seam((inner,), width=0.8, strength=0.7, thread=thread, stitch=2.4))
    return item


def bomber(order: Order) -> Item:
    """A short jacket with knitted collar, cuffs and hem."""
    hem = 374
    ribbed = Fabric((order.trim.ground,), texture="rib")
    item = _inside(order, 40)
    item += sleeves(order, "long", 22)
    for outline in both(ribbed_cuff(order, 22)):
        item.append(Piece(outline, ribbed, body=STRAP, lift=0.25))
    item += _fronts(order, hem, 0, _PADDED, neck_y=126)
    band = (
        Pen(_M, hem - 14).line((_M + 100, hem - 22), (_M + 94, hem + 8)).quad(_M + 50, hem + 14, _M, hem + 14)
    )
    item.append(Piece(band.mirrored(), ribbed, body=ARM, lift=0.3))
    item += _zip(order, 112, hem + 8)
    item += _stand(order, ribbed)
    for line in both(np.array([(_M + 44, 300), (_M + 74, 262)])):
        item.append(Piece(line, order.main.darker(0.2), width=7, body=STRAP, lift=0.35))
    return item


def puffer(order: Order, long: bool = False) -> Item:
    """A down jacket quilted in rolls."""
    hem = 448 if long else 384
    rolls = tuple(Fold((90, y), (390, y), 5.5, -7, 3) for y in range(128, hem + 40, 36))
    item = _inside(order, 40)
    for piece in sleeves(order, "long", 26):
        if isinstance(piece, Piece):
            arm = tuple(
                Fold((piece.outline[:, 0].min() - 20, y), (piece.outline[:, 0].max() + 20, y + 4), 5, -6, 2)
                for y in range(140, 360, 32)
            )
            item.append(Piece(piece.outline, order.main, body=_PADDED, lift=0.2, folds=arm, seed=piece.seed))
    for side in both(_side(order, hem, 4, 118)):
        item.append(Piece(side, order.main, body=_PADDED, lift=0.3, folds=rolls, seed=order.seed))
    item += _zip(order, 104, hem + 2)
    hood = (
        Pen(_M + 2, 124)
        .cubic(_M + 26, 116, _M + 32, 86, _M + 30, 58)
        .cubic(_M + 62, 54, _M + 68, 110, _M + 4, 148)
    )
    for outline in both(hood.points):
        item.append(Piece(outline, order.main, body=_PADDED, lift=0.4))
    return item


def parka(order: Order) -> Item:
    """A long jacket with a furry hood, flap pockets and a drawn waist."""
    hem = 446
    fur = Fabric((mixed(order.trim.ground, (196, 170, 136), 0.8),), texture="fleece")
    back = Pen(_M, 30).cubic(_M + 60, 28, _M + 84, 84, _M + 60, 128).line((_M, 142)).mirrored()
    hole = Pen(_M, 62).cubic(_M + 30, 60, _M + 42, 92, _M + 30, 122).line((_M, 140)).mirrored()
    item: Item = [Piece(back, order.main, body=ARM, lift=0.2)]
    rim = Pen(_M, 50).cubic(_M + 42, 48, _M + 58, 96, _M + 30, 138).mirrored()
    item += sleeves(order, "long", 18)
    item += _fronts(order, hem, 10, neck_y=132)
    item.append(Piece(hole, order.trim.plain("satin").darker(0.3), body=FLAT, lift=0))
    item.append(Piece(rim, fur, width=24, body=ARM, lift=0.35))
    placket = box(_M - 12, 140, _M + 12, hem + 2, 2)
    item.append(Piece(placket, order.main, body=FLAT, lift=0.35))
    item += buttons([(_M, y) for y in range(166, hem - 10, 50)], order.hardware, 4)
    item += _flap_pockets(order, 318, 36, 56) + _flap_pockets(order, 196, 36, 42)
    waist = Pen(_M - 102, 268).quad(_M, 280, _M + 102, 268).points
    item.append(Seam((waist, moved(waist, 0, 5)), width=1.3, strength=0.35))
    return item


def raincoat(order: Order) -> Item:
    """A hooded raincoat with press studs."""
    hem = 440
    hood = Pen(_M, 34).cubic(_M + 52, 32, _M + 72, 76, _M + 58, 122).line((_M, 136)).mirrored()
    hole = Pen(_M, 54).cubic(_M + 34, 52, _M + 46, 88, _M + 32, 124).line((_M, 142)).mirrored()
    item: Item = [
        Piece(hood, order.main, body=ARM, lift=0.2),
        Piece(hole, order.main.darker(0.45), body=FLAT, lift=0),
    ]
    item += sleeves(order, "long", 18)
    item += _fronts(order, hem, 20, neck_y=134, over=10)
    item += buttons([(_M + 2, y) for y in range(158, hem - 20, 48)], order.hardware, 4)
    item += _flap_pockets(order, 310, 34, 54)
    item.append(Seam((_fold_line(hem),), width=1, strength=0.3))
    return item


def _fold_line(hem: float) -> Points:
    return Pen(_M - 122, hem - 12).quad(_M, hem - 2, _M + 122, hem - 12).points


def gilet(order: Order) -> Item:
    """A quilted waistcoat without sleeves."""
    hem = 384
    rolls = tuple(Fold((90, y), (390, y), 5, -6, 3) for y in range(128, hem + 30, 32))
    item = _inside(order, 40)
    half = (
        Pen(_M, 120)
        .line((_M + 36, 80))
        .quad(_M + 66, 88, _M + 88, 100)
        .cubic(_M + 74, 150, _M + 80, 182, _M + 104, 202)
    )
    half.cubic(_M + 98, 250, _M + 98, 300, _M + 102, hem - 4).quad(_M + 50, hem + 5, _M, hem + 5)
    for side in both(half.points):
        item.append(Piece(side, order.main, body=_PADDED, lift=0.3, folds=rolls, seed=order.seed))
    edge = Pen(_M + 88, 100).cubic(_M + 74, 150, _M + 80, 182, _M + 104, 202).points
    for line in both(edge):
        item.append(Piece(line, order.trim.plain("rib"), width=6, body=STRAP, lift=0.2))
    item += _zip(order, 104, hem + 2)
    return item + _stand(order, order.main)
