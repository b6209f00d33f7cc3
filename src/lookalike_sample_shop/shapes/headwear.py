"""Caps, hats, beanies and scarves."""

from __future__ import annotations

import numpy as np

from lookalike_sample_shop.colours import deeper
from lookalike_sample_shop.drawing import Item, Piece, Seam
from lookalike_sample_shop.fabrics import Fabric
from lookalike_sample_shop.outlines import MIDDLE, Pen, box, ellipse, limb, moved, turned
from lookalike_sample_shop.relief import Body, Fold
from lookalike_sample_shop.shapes.cut import BEAD, FLAT, STRAP, Order, stitching

_M = MIDDLE
_DOME = Body(rim=9, rim_height=0.9, swell=46, swell_height=1.0, unrest=0.5)
_WOOLLY = Body(rim=8, rim_height=0.9, swell=30, swell_height=1.0, unrest=0.8)


def cap(order: Order, mesh: bool = False) -> Item:
    """A baseball cap, seen from the front and the side."""
    crown = Pen(96, 276).cubic(86, 150, 150, 96, 226, 94).cubic(306, 94, 356, 160, 360, 258)
    outline = crown.quad(240, 246, 96, 276).points
    peak = (
        Pen(172, 262)
        .cubic(240, 238, 320, 236, 362, 254)
        .cubic(412, 270, 440, 300, 436, 316)
        .cubic(380, 292, 280, 292, 206, 306)
        .quad(176, 296, 172, 262)
        .points
    )
    under = (
        Pen(206, 304)
        .cubic(280, 290, 380, 290, 436, 314)
        .quad(440, 324, 430, 324)
        .cubic(370, 304, 280, 304, 214, 316)
        .points
    )
    back = (
        Pen(96, 276)
        .cubic(86, 150, 150, 96, 226, 94)
        .cubic(200, 130, 178, 190, 176, 264)
        .line((96, 276))
        .points
    )
    seams = (
        Pen(226, 94).cubic(200, 130, 180, 190, 176, 264).points,
        Pen(226, 94).cubic(270, 130, 300, 180, 304, 246).points,
    )
    item: Item = [Piece(outline, order.main, body=_DOME, lift=0.2, seed=order.seed)]
    if mesh:
        item.append(
            Piece(back, Fabric((order.trim.ground,), texture="mesh"), body=FLAT, lift=0.15, within=outline)
        )
    thread = stitching(order.main.ground)
    item.append(Seam(seams, width=1.3, strength=0.4))
    item.append(
        Seam(tuple(moved(line, 3, 0) for line in seams), width=0.9, strength=0.5, thread=thread, stitch=2.6)
    )
    item.append(Piece(under, order.main.plain().darker(0.5), body=FLAT, lift=0))
    item.append(
        Piece(
            peak,
            order.trim if mesh else order.main,
            body=Body(6, 0.8, 22, 0.8, 0.2),
            lift=0.4,
            seed=order.seed + 1,
        )
    )
    for inset in (4, 10, 16):
        line = (
            Pen(188 + inset, 284)
            .cubic(270, 270 - inset * 0.4, 372, 272 - inset * 0.5, 424 - inset * 1.4, 302 - inset * 0.8)
            .points
        )
        item.append(Seam((line,), width=0.8, strength=0.35, thread=thread, stitch=2.6))
    item.append(Piece(ellipse(227, 95, 11, 7), order.trim.plain("canvas"), body=BEAD, lift=0.35))
    for x, y in ((150, 160), (252, 150)):
        item.append(Piece(ellipse(x, y, 4, 4), order.main.plain("rib").darker(0.3), body=FLAT, lift=0.1))
    emblem = ellipse(250, 200, 24, 21)
    item.append(Piece(emblem, order.trim.plain("canvas"), body=STRAP, lift=0.3))
    item.append(
        Piece(np.array([(250, 186), (262, 210), (238, 210)]), order.main.plain("canvas"), body=FLAT, lift=0)
    )
    return item


def brimmed(order: Order, cut: str = "fedora") -> Item:
    """A hat with a brim: fedora, sun hat or bucket hat."""
    if cut == "bucket":
        brim = (
            Pen(_M, 232)
            .cubic(_M + 70, 232, _M + 110, 240, _M + 122, 250)
            .cubic(_M + 150, 290, _M + 168, 320, _M + 172, 346)
            .quad(_M + 80, 374, _M, 374)
            .mirrored()
        )
        crown = (
            Pen(_M, 124)
            .cubic(_M + 60, 122, _M + 92, 132, _M + 100, 150)
            .line((_M + 122, 252))
            .quad(_M + 60, 268, _M, 268)
            .mirrored()
        )
        rings = tuple(
            Pen(_M - 128 - 9 * i, 276 + 19 * i).quad(_M, 300 + 21 * i, _M + 128 + 9 * i, 276 + 19 * i).points
            for i in range(4)
        )
        return [
            Piece(
                brim,
                order.main,
                body=_WOOLLY,
                lift=0.2,
                seed=order.seed,
                folds=(
                    Fold((_M - 60, 270), (_M - 90, 370), 12, 3, 6),
                    Fold((_M + 40, 270), (_M + 70, 370), 12, -3, -6),
                ),
            ),
            Seam(rings, width=0.9, strength=0.45, thread=stitching(order.main.ground), stitch=3),
            Piece(crown, order.main, body=_DOME, lift=0.3, seed=order.seed + 1),
            Seam((Pen(_M - 100, 150).quad(_M, 172, _M + 100, 150).points,), width=1.3, strength=0.35),
        ]
    wide = 218 if cut == "sun" else 186
    back = ellipse(_M, 290, wide, 58 if cut == "sun" else 42)
    crown = (
        Pen(_M, 128)
        .quad(_M + 20, 118, _M + 54, 122)
        .cubic(_M + 96, 126, _M + 104, 200, _M + 112, 282)
        .quad(_M + 60, 312, _M, 312)
        .mirrored()
    )
    dent = (
        Fold((_M, 120), (_M, 220), 15, -7, 0),
        Fold((_M + 66, 130), (_M + 44, 190), 10, -4, 4),
        Fold((_M - 66, 130), (_M - 44, 190), 10, -4, -4),
    )
    if cut == "sun":
        crown = (
            Pen(_M, 136)
            .cubic(_M + 70, 136, _M + 98, 200, _M + 108, 282)
            .quad(_M + 60, 310, _M, 310)
            .mirrored()
        )
        dent = ()
    band = (
        Pen(_M, 272)
        .quad(_M + 70, 270, _M + 108, 250)
        .line((_M + 112, 282))
        .quad(_M + 60, 312, _M, 312)
        .mirrored()
    )
    front = (
        Pen(_M - wide, 288)
        .quad(_M - 110, 306, _M - 112, 284)
        .quad(_M, 336, _M + 112, 284)
        .quad(_M + 110, 306, _M + wide, 288)
        .cubic(_M + wide - 30, 356, _M - wide + 30, 356, _M - wide, 288)
        .points
    )
    item: Item = [
        Piece(back, order.main, body=_WOOLLY, lift=0.2, seed=order.seed, brightness=0.9),
        Piece(crown, order.main, body=_DOME, lift=0.3, folds=dent, seed=order.seed + 1),
        Piece(band, order.trim.plain("rib"), body=STRAP, lift=0.25),
        Piece(front, order.main, body=Body(5, 0.8, 14, 0.7, 0.4), lift=0.25, seed=order.seed + 2),
    ]
    if cut == "fedora":
        item.append(Piece(box(_M + 74, 256, _M + 98, 292, 3), order.trim.plain("rib"), body=STRAP, lift=0.3))
    return item


def beanie(order: Order, bobble: bool = False) -> Item:
    """A knitted hat with a turned-up edge, perhaps with a bobble."""
    crown = (
        Pen(_M, 118).cubic(_M + 74, 116, _M + 132, 176, _M + 138, 320).quad(_M + 70, 340, _M, 340).mirrored()
    )
    cuff = (
        Pen(_M, 296)
        .quad(_M + 80, 296, _M + 144, 282)
        .quad(_M + 152, 320, _M + 144, 360)
        .quad(_M + 80, 380, _M, 380)
        .mirrored()
    )
    gathers = tuple(Fold((_M + x * 0.25, 112), (_M + x, 240), 5, -4, x * 0.1) for x in range(-110, 111, 36))
    item: Item = [
        Piece(crown, order.main, body=_DOME, lift=0.2, folds=gathers, bow=10, seed=order.seed),
        Piece(cuff, Fabric((order.trim.ground,), texture="rib", scale=1.4), body=_WOOLLY, lift=0.4),
    ]
    if bobble:
        fluff = Fabric((order.trim.ground,), texture="fleece")
        dice = order.dice("bobble")
        rim = [
            (_M + (46 + dice.uniform(-5, 5)) * np.cos(a), 92 + (44 + dice.uniform(-5, 5)) * np.sin(a))
            for a in np.linspace(0, 2 * np.pi, 40)
        ]
        item.append(Piece(np.array(rim), fluff, body=_WOOLLY, lift=0.35))
    else:
        item.append(
            Piece(
                box(_M + 60, 322, _M + 96, 348, 2),
                Fabric((deeper(order.trim.ground, 0.5),), texture="leather"),
                body=STRAP,
                lift=0.3,
            )
        )
    return item


def scarf(order: Order, fringed: bool = True) -> Item:
    """A scarf laid in a loop with its ends hanging."""
    loop_back = limb((_M - 62, 150, 58), (_M - 40, 72, 50), (_M + 40, 72, 50), (_M + 62, 150, 58))
    left = limb((_M + 40, 150, 66), (_M - 6, 210, 70), (_M - 34, 300, 76), (_M - 44, 404, 82))
    right = limb((_M - 40, 150, 66), (_M + 14, 214, 70), (_M + 42, 296, 78), (_M + 54, 384, 84))
    knot = turned(ellipse(_M - 6, 164, 68, 38), -6, _M, 160)
    item: Item = [
        Piece(loop_back, order.main, body=_WOOLLY, lift=0.1, grain=90, seed=order.seed, brightness=0.86)
    ]
    for outline, x, y, lean in ((right, _M + 54, 384, 7), (left, _M - 44, 404, -6)):
        folds = tuple(
            Fold((x + dx * 0.5 - lean * 6, 190), (x + dx, y + 60), 6, 3.2 if i % 2 else -3.2, lean)
            for i, dx in enumerate((-26, -9, 8, 25))
        )
        if fringed:
            tassels = tuple(
                np.array([(x + dx, y - 4), (x + dx + lean * 0.3, y + 30)]) for dx in range(-38, 39, 6)
            )
            for line in tassels:
                item.append(Piece(line, order.main.plain("wool"), width=3.6, body=STRAP, lift=0))
        item.append(
            Piece(
                outline,
                order.main,
                body=_WOOLLY,
                lift=0.35,
                folds=folds,
                grain=lean,
                seed=order.seed + 20 + lean,
            )
        )
    wrap = (
        Fold((_M - 70, 140), (_M + 60, 160), 6, -3.4, -14),
        Fold((_M - 70, 156), (_M + 50, 176), 6, 3.4, -16),
    )
    item.append(Piece(knot, order.main, body=_WOOLLY, lift=0.45, folds=wrap, grain=75, seed=order.seed + 3))
    return item


def gloves(order: Order) -> Item:
    """A pair of gloves."""
    hand = (
        Pen(200, 330)
        .cubic(196, 290, 176, 260, 150, 222)
        .cubic(136, 196, 160, 184, 176, 204)
        .cubic(190, 220, 200, 232, 206, 236)
    )
    hand.line((198, 130)).cubic(198, 106, 226, 104, 228, 130).line((232, 196), (240, 112)).cubic(
        242, 88, 270, 90, 268, 116
    )
    hand.line((266, 196), (282, 124)).cubic(288, 102, 312, 108, 308, 134).line((298, 206), (318, 158)).cubic(
        328, 140, 346, 150, 340, 172
    )
    outline = hand.cubic(326, 230, 318, 280, 310, 330).points
    cuff = Pen(198, 322).quad(254, 334, 312, 322).line((316, 392)).quad(254, 402, 196, 392).points
    item: Item = []
    for dx, lean in ((-56, 0.84), (34, 1.0)):
        item.append(
            Piece(
                moved(outline, dx, 0), order.main, body=_WOOLLY, lift=0.35, brightness=lean, seed=order.seed
            )
        )
        item.append(
            Piece(
                moved(cuff, dx, 0),
                Fabric((order.trim.ground,), texture="rib"),
                body=_WOOLLY,
                lift=0.3,
                brightness=lean,
            )
        )
    return item
