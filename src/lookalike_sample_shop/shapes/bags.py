"""Handbags, totes, clutches and backpacks."""

from __future__ import annotations

import numpy as np

from lookalike_sample_shop.colours import RGB, deeper
from lookalike_sample_shop.drawing import Item, Piece, Seam
from lookalike_sample_shop.fabrics import Fabric, metal
from lookalike_sample_shop.outlines import MIDDLE, Pen, Points, box, ellipse, moved, spline
from lookalike_sample_shop.relief import Body, Fold
from lookalike_sample_shop.shapes.cut import BEAD, FLAT, STRAP, Order, both, stitching

_M = MIDDLE
_SIDE = Body(rim=7, rim_height=0.9, swell=40, swell_height=0.8, unrest=0.9)


def _edge(order: Order, outline: Points, inset: float = 0.95) -> Seam:
    inner = outline * inset + outline.mean(axis=0) * (1 - inset)
    return Seam(
        (np.concatenate([inner, inner[:1]]),),
        width=1,
        strength=0.6,
        thread=stitching(order.main.ground),
        stitch=3,
    )


def _ring(order: Order, x: float, y: float, radius: float = 8) -> Piece:
    return Piece(ellipse(x, y, radius, radius), metal(order.hardware), width=3.4, body=BEAD, lift=0.35)


def tote(order: Order) -> Item:
    """A large open bag with two long handles."""
    front = (
        Pen(_M, 188)
        .line((_M + 128, 184))
        .quad(_M + 134, 300, _M + 118, 420)
        .quad(_M + 60, 428, _M, 428)
        .mirrored()
    )
    inside = Pen(_M, 170).quad(_M + 80, 170, _M + 124, 184).line((_M + 128, 192), (_M, 198)).mirrored()
    arch = Pen(_M - 62, 214).cubic(_M - 60, 60, _M + 60, 60, _M + 62, 214).points
    handle = order.trim.plain("leather")
    item: Item = [
        Piece(moved(arch, 0, -16), handle.darker(0.25), width=12, body=STRAP, lift=0),
        Piece(inside, order.main.plain().darker(0.45), body=FLAT, lift=0),
        Piece(
            front,
            order.main,
            body=_SIDE,
            lift=0.2,
            seed=order.seed,
            folds=(
                Fold((_M - 70, 220), (_M - 90, 400), 12, -2.4, 8),
                Fold((_M + 66, 230), (_M + 84, 410), 12, 2.4, -8),
            ),
        ),
        _edge(order, front, 0.965),
        Piece(arch, handle, width=13, body=STRAP, lift=0.4),
    ]
    for x in (-62, 62):
        item.append(Piece(box(_M + x - 10, 196, _M + x + 10, 238, 3), handle, body=STRAP, lift=0.4))
        for y in (206, 228):
            item.append(Piece(ellipse(_M + x, y, 2.6, 2.6), metal(order.hardware), body=BEAD, lift=0.3))
    return item


def shopper(order: Order) -> Item:
    """A cloth bag with handles of the same cloth."""
    front = Pen(_M, 186).line((_M + 108, 184), (_M + 116, 424)).quad(_M + 60, 432, _M, 430).mirrored()
    arch = Pen(_M - 54, 200).cubic(_M - 58, 44, _M + 58, 44, _M + 54, 200).points
    cloth = Fabric((order.main.ground,), texture="canvas")
    return [
        Piece(moved(arch, 6, -12), cloth.darker(0.18), width=15, body=STRAP, lift=0),
        Piece(
            front,
            order.main,
            body=_SIDE,
            lift=0.2,
            seed=order.seed,
            folds=(
                Fold((_M - 80, 200), (_M - 50, 420), 10, -3, 12),
                Fold((_M + 40, 230), (_M + 76, 430), 11, 3, -10),
                Fold((_M - 10, 300), (_M + 10, 450), 9, -2.4, 6),
            ),
        ),
        Seam(
            (np.array([(_M - 108, 202), (_M + 108, 202)]),),
            width=1,
            strength=0.4,
            stitch=3,
            thread=stitching(order.main.ground),
        ),
        Piece(arch, cloth, width=16, body=STRAP, lift=0.35),
        *[
            Seam(
                (
                    np.array([(_M + x - 7, 192), (_M + x + 7, 208)]),
                    np.array([(_M + x + 7, 192), (_M + x - 7, 208)]),
                ),
                width=1,
                strength=0.4,
            )
            for x in (-54, 54)
        ],
    ]


def satchel(order: Order) -> Item:
    """A structured handbag with a round handle, a flap and a clasp."""
    front = (
        Pen(_M, 196)
        .line((_M + 108, 196))
        .quad(_M + 124, 200, _M + 128, 222)
        .line((_M + 138, 392))
        .quad(_M + 138, 414, _M + 116, 416)
        .line((_M, 418))
        .mirrored()
    )
    flap = (
        Pen(_M, 190)
        .line((_M + 110, 190))
        .quad(_M + 126, 194, _M + 128, 216)
        .quad(_M + 128, 292, _M + 88, 306)
        .quad(_M + 40, 312, _M, 312)
        .mirrored()
    )
    arch = Pen(_M - 58, 194).cubic(_M - 62, 70, _M + 62, 70, _M + 58, 194).points
    item: Item = [
        Piece(arch, order.main.plain(), width=15, body=STRAP, lift=0),
        Piece(front, order.main, body=_SIDE, lift=0.25, seed=order.seed),
        _edge(order, front, 0.96),
        Piece(flap, order.main, body=_SIDE, lift=0.45, seed=order.seed + 1),
        _edge(order, flap, 0.955),
    ]
    for x in (-58, 58):
        item.append(
            Piece(
                box(_M + x - 12, 178, _M + x + 12, 206, 4), order.trim.plain("leather"), body=STRAP, lift=0.35
            )
        )
        item.append(_ring(order, _M + x, 182, 9))
    item.append(Piece(box(_M - 16, 290, _M + 16, 328, 5), metal(order.hardware), body=STRAP, lift=0.45))
    item.append(
        Piece(box(_M - 4, 302, _M + 4, 318, 2), metal(deeper(order.hardware, 0.4)), body=BEAD, lift=0.3)
    )
    return item


def crossbody(order: Order, quilted: bool = False) -> Item:
    """A small bag on a chain or a long strap."""
    cloth = order.main.plain("quilted") if quilted else order.main
    front = box(_M - 104, 236, _M + 104, 398, 26)
    flap = (
        Pen(_M - 104, 262)
        .quad(_M - 104, 234, _M - 78, 234)
        .line((_M + 78, 234))
        .quad(_M + 104, 234, _M + 104, 262)
        .line((_M + 104, 300))
        .quad(_M + 96, 342, _M, 344)
        .quad(_M - 96, 342, _M - 104, 300)
        .points
    )
    strap = spline(
        [(_M - 100, 246), (_M - 96, 150), (_M - 40, 62), (_M + 40, 62), (_M + 96, 150), (_M + 100, 246)]
    )
    item: Item = []
    if quilted:
        item.append(Piece(strap, metal(deeper(order.hardware, 0.25)), width=5, body=STRAP, lift=0))
        item.append(Seam((strap,), width=8, strength=0.95, thread=order.hardware, stitch=6))
    else:
        item.append(Piece(strap, order.main.plain(), width=9, body=STRAP, lift=0))
    item += [
        Piece(front, cloth, body=_SIDE, lift=0.25, seed=order.seed),
        Piece(flap, cloth, body=_SIDE, lift=0.45, seed=order.seed + 1),
        _edge(order, flap, 0.95),
        _ring(order, _M - 100, 246),
        _ring(order, _M + 100, 246),
        Piece(ellipse(_M, 330, 17, 15), metal(order.hardware), width=5, body=BEAD, lift=0.4),
        Piece(box(_M - 4, 318, _M + 4, 342, 3), metal(order.hardware), body=BEAD, lift=0.4),
    ]
    return item


def hobo(order: Order) -> Item:
    """A soft crescent-shaped shoulder bag with a tassel."""
    body = (
        Pen(_M - 136, 190)
        .cubic(_M - 150, 330, _M - 120, 420, _M, 424)
        .cubic(_M + 120, 420, _M + 150, 330, _M + 136, 190)
    )
    outline = body.cubic(_M + 96, 268, _M - 96, 268, _M - 136, 190).points
    strap = spline([(_M - 132, 200), (_M - 104, 104), (_M, 58), (_M + 104, 104), (_M + 132, 200)])
    folds = tuple(
        Fold(
            (_M + side * 126, 220),
            (_M + side * (70 - 24 * i), 330 + 26 * i),
            7,
            -3 if i % 2 else 3,
            side * 10,
        )
        for side in (-1, 1)
        for i in range(3)
    )
    item: Item = [
        Piece(strap, order.main.plain(), width=22, body=STRAP, lift=0),
        Piece(outline, order.main, body=_SIDE, lift=0.25, seed=order.seed, folds=folds),
        Seam(
            (Pen(_M - 128, 216).cubic(_M - 90, 280, _M + 90, 280, _M + 128, 216).points,),
            width=1,
            strength=0.5,
            thread=stitching(order.main.ground),
            stitch=3,
        ),
    ]
    for x in (-132, 132):
        item.append(_ring(order, _M + x, 202, 13))
    tassel = Pen(_M - 98, 262).line((_M - 88, 262), (_M - 80, 336), (_M - 106, 336)).points
    item.append(Piece(tassel, order.trim.plain("leather"), body=STRAP, lift=0.45))
    item.append(
        Seam(
            tuple(np.array([(_M - 93, 278), (_M - 104 + 6 * i, 334)]) for i in range(5)),
            width=0.9,
            strength=0.45,
        )
    )
    item.append(Piece(box(_M - 100, 256, _M - 86, 274, 3), metal(order.hardware), body=BEAD, lift=0.4))
    return item


def clutch(order: Order) -> Item:
    """A flat evening bag with an envelope flap."""
    front = box(_M - 166, 172, _M + 166, 344, 10)
    flap = (
        Pen(_M - 166, 184)
        .quad(_M - 166, 170, _M - 152, 170)
        .line((_M + 152, 170))
        .quad(_M + 166, 170, _M + 166, 184)
        .line((_M + 8, 284))
        .quad(_M, 288, _M - 8, 284)
        .points
    )
    return [
        Piece(front, order.main, body=_SIDE, lift=0.2, seed=order.seed),
        _edge(order, front, 0.97),
        Piece(flap, order.main, body=_SIDE, lift=0.5, seed=order.seed + 1),
        _edge(order, flap, 0.95),
        Piece(ellipse(_M, 270, 10, 10), metal(order.hardware), body=BEAD, lift=0.45),
    ]


def bucket(order: Order) -> Item:
    """A bucket bag closed by a drawstring."""
    outline = (
        Pen(_M, 168)
        .quad(_M + 70, 166, _M + 92, 176)
        .cubic(_M + 108, 260, _M + 118, 360, _M + 108, 412)
        .quad(_M + 60, 424, _M, 424)
        .mirrored()
    )
    strap = spline([(_M - 90, 200), (_M - 70, 96), (_M, 54), (_M + 70, 96), (_M + 90, 200)])
    pleats = tuple(
        Fold((_M - 80 + 20 * i, 160), (_M - 92 + 23 * i, 280), 5, 3 if i % 2 else -3, 0) for i in range(9)
    )
    base = (
        Pen(_M, 372)
        .line((_M + 113, 368))
        .quad(_M + 114, 396, _M + 108, 412)
        .quad(_M + 60, 424, _M, 424)
        .mirrored()
    )
    item: Item = [
        Piece(strap, order.trim.plain("leather"), width=10, body=STRAP, lift=0),
        Piece(
            Pen(_M, 158).quad(_M + 70, 158, _M + 92, 176).line((_M, 184)).mirrored(),
            order.main.plain().darker(0.45),
            body=FLAT,
            lift=0,
        ),
        Piece(outline, order.main, body=_SIDE, lift=0.2, folds=pleats, seed=order.seed),
        Piece(base, order.trim.plain("leather"), body=STRAP, lift=0.25),
    ]
    cord = order.trim.plain("leather")
    for x in range(-75, 76, 25):
        item.append(
            Piece(
                ellipse(_M + x, 206 + abs(x) * -0.03, 4, 4),
                metal(order.hardware),
                width=2.4,
                body=BEAD,
                lift=0.2,
            )
        )
    item.append(
        Piece(Pen(_M - 94, 202).quad(_M, 214, _M + 94, 202).points, cord, width=4, body=STRAP, lift=0.3)
    )
    for dx in (-12, 14):
        item.append(
            Piece(
                spline([(_M, 208), (_M + dx, 236), (_M + dx * 1.2, 282)]), cord, width=4, body=STRAP, lift=0.4
            )
        )
        item.append(Piece(box(_M + dx * 1.2 - 4, 276, _M + dx * 1.2 + 4, 298, 2), cord, body=BEAD, lift=0.4))
    return item


def backpack(order: Order, cut: str = "day") -> Item:
    """A backpack: day, or rolled at the top."""
    straps = both(spline([(_M + 60, 96), (_M + 128, 150), (_M + 138, 280), (_M + 108, 392)]))
    leather_trim = order.trim.plain("leather")
    item: Item = [
        Piece(line, order.main.plain().darker(0.2), width=22, body=STRAP, lift=0) for line in straps
    ]
    item.append(
        Piece(
            Pen(_M - 26, 66).cubic(_M - 24, 24, _M + 24, 24, _M + 26, 66).points,
            leather_trim,
            width=10,
            body=STRAP,
            lift=0,
        )
    )
    body = (
        Pen(_M, 58)
        .cubic(_M + 70, 56, _M + 108, 84, _M + 114, 160)
        .line((_M + 122, 390))
        .quad(_M + 122, 432, _M + 84, 434)
        .line((_M, 436))
        .mirrored()
    )
    item.append(Piece(body, order.main, body=_SIDE, lift=0.25, seed=order.seed))
    if cut == "roll":
        item.append(
            Piece(
                box(_M - 112, 62, _M + 112, 128, 18),
                order.main,
                body=Body(9, 1.0, 20, 1.0, 0.8),
                lift=0.4,
                seed=order.seed + 1,
            )
        )
        for x in (-56, 56):
            item.append(
                Piece(np.array([(_M + x, 70), (_M + x, 262)]), leather_trim, width=15, body=STRAP, lift=0.4)
            )
            item.append(
                Piece(
                    box(_M + x - 13, 196, _M + x + 13, 222, 4),
                    metal(order.hardware),
                    width=4,
                    body=BEAD,
                    lift=0.4,
                )
            )
    else:
        arc = (
            Pen(_M - 104, 216)
            .cubic(_M - 104, 110, _M - 70, 84, _M, 84)
            .cubic(_M + 70, 84, _M + 104, 110, _M + 104, 216)
            .points
        )
        item.append(
            Piece(
                arc, Fabric((deeper(order.main.ground, 0.45),), texture="rib"), width=6, body=STRAP, lift=0.25
            )
        )
        item.append(Piece(box(_M + 100, 212, _M + 108, 240, 3), metal(order.hardware), body=BEAD, lift=0.4))
    pocket = (
        Pen(_M, 262)
        .line((_M + 72, 262))
        .quad(_M + 92, 264, _M + 94, 284)
        .line((_M + 96, 396))
        .quad(_M + 94, 414, _M + 76, 414)
        .line((_M, 416))
        .mirrored()
    )
    item.append(Piece(pocket, order.main, body=_SIDE, lift=0.4, seed=order.seed + 2))
    item.append(
        Piece(
            np.array([(_M - 80, 284), (_M + 80, 284)]),
            Fabric((deeper(order.main.ground, 0.45),), texture="rib"),
            width=6,
            body=STRAP,
            lift=0.2,
        )
    )
    item.append(Piece(box(_M - 84, 280, _M - 66, 290, 3), metal(order.hardware), body=BEAD, lift=0.4))
    patch: RGB = order.trim.ground
    item.append(
        Piece(box(_M - 26, 330, _M + 26, 366, 4), Fabric((patch,), texture="leather"), body=STRAP, lift=0.3)
    )
    item.append(_edge(order, box(_M - 26, 330, _M + 26, 366, 4), 0.86))
    return item
