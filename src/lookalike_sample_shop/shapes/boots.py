"""Boots, heels, sandals, loafers and other shoes of leather."""

from __future__ import annotations

import numpy as np

from lookalike_sample_shop.colours import RGB, deeper
from lookalike_sample_shop.drawing import Item, Piece, Seam
from lookalike_sample_shop.fabrics import Fabric, leather, metal, rubber
from lookalike_sample_shop.outlines import Pen, box, ellipse, moved, spline
from lookalike_sample_shop.relief import Body, Fold
from lookalike_sample_shop.shapes.cut import BEAD, FLAT, STRAP, Order, stitching
from lookalike_sample_shop.shapes.shoes import paired

_UPPER = Body(rim=7, rim_height=0.9, swell=26, swell_height=1.1, unrest=0.8)
_SOLE = Body(rim=3, rim_height=0.8, swell=8, swell_height=0.5, unrest=0, occlusion=0.2)
_HEEL: RGB = (52, 40, 34)


def boot(order: Order, cut: str = "ankle") -> Item:
    """A boot: ankle with laces, chelsea, tall, or rain."""
    top = {"ankle": 148, "chelsea": 148, "tall": 20, "rain": 60}[cut]
    shaft = Pen(84, 336).cubic(74, 290, 92, 250, 94, top + 60).quad(92, top + 20, 86, top)
    shaft.quad(146, top - 10, 206, top).cubic(204, top + 40, 200, 220, 216, 250)
    shaft.cubic(246, 266, 312, 258, 362, 272).quad(420, 288, 414, 340)
    outline = shaft.line((84, 340)).points
    ankle = (
        Fold((100, 262), (220, 236), 7, -3.0, 6),
        Fold((110, 286), (236, 262), 7, -2.6, 8),
        Fold((240, 330), (300, 272), 6, -2, 6),
    )
    sole_colour = deeper(order.trim.ground, 0.2) if cut == "rain" else _HEEL
    sole = (
        Pen(80, 330)
        .line((414, 330))
        .quad(424, 342, 410, 352)
        .line((190, 354), (184, 366), (84, 366))
        .quad(74, 346, 80, 330)
        .points
    )
    inside = ellipse(146, top + 1, 60, 8)
    item: Item = [
        Piece(inside, order.main.plain().darker(0.5), body=FLAT, lift=0),
        Piece(outline, order.main, body=_UPPER, lift=0.15, folds=ankle, seed=order.seed),
    ]
    if cut == "chelsea":
        gore = Pen(136, top).line((178, top - 2)).quad(172, 210, 158, 250).quad(142, 210, 136, top).points
        item.append(
            Piece(
                gore,
                Fabric((deeper(order.main.ground, 0.45),), texture="rib"),
                body=FLAT,
                lift=0.2,
                within=outline,
            )
        )
        item.append(
            Piece(
                np.array([(92, top + 16), (88, top - 18), (100, top - 18), (102, top + 16)]),
                order.main.plain("canvas"),
                width=4,
                body=STRAP,
                lift=0.3,
            )
        )
    elif cut == "ankle":
        item += _lacing(order, top)
    elif cut == "tall":
        item.append(
            Seam((Pen(146, top).quad(150, 180, 148, 330).points,), width=1.4, strength=0.4, within=outline)
        )
        item.append(
            Piece(
                Pen(92, top + 24).quad(146, top + 18, 206, top + 24).points,
                order.main,
                width=16,
                body=STRAP,
                lift=0.35,
                within=outline,
            )
        )
        item.append(Piece(box(176, top + 11, 196, top + 33, 3), metal(order.hardware), body=STRAP, lift=0.4))
    else:
        item.append(
            Piece(
                Pen(86, top + 8).quad(146, top, 206, top + 8).points,
                order.trim,
                width=18,
                body=STRAP,
                lift=0.2,
                within=outline,
            )
        )
    counter = Pen(60, 262).quad(120, 266, 128, 300).line((132, 344), (60, 344)).points
    if cut != "rain":
        item.append(Piece(counter, order.main.darker(0.08), body=FLAT, lift=0.2, within=outline))
        item.append(
            Seam(
                (Pen(300, 340).cubic(296, 306, 310, 284, 330, 270).points,),
                width=1.2,
                strength=0.4,
                within=outline,
            )
        )
    item.append(Piece(sole, rubber(sole_colour), body=_SOLE, lift=0.3))
    item.append(
        Seam(
            (Pen(84, 334).line((410, 334)).points,), width=1.1, strength=0.6, thread=(196, 160, 110), stitch=3
        )
    )
    return paired(item, -40, -26)


def _lacing(order: Order, top: float) -> Item:
    item: Item = []
    edge = Pen(178, top).cubic(178, 200, 186, 240, 232, 268).points
    item.append(Seam((edge, moved(edge, -4, 0)), width=1, strength=0.5))
    cord = Fabric(((92, 66, 40),), texture="rib")
    for index in range(6):
        x, y = 190 + index * 1.5 + max(0, index - 3) * 9, top + 16 + index * 19
        item.append(Piece(np.array([(x - 14, y + 5), (x + 14, y - 4)]), cord, width=5, body=STRAP, lift=0.4))
        item.append(Piece(ellipse(x - 14, y + 5, 2.8, 2.8), metal((190, 160, 104)), body=BEAD, lift=0.3))
    return item


def heel(order: Order, height: str = "high", open_toe: bool = False, strap: bool = False) -> Item:
    """A pump with a heel: high, kitten or block."""
    rise = {"high": 112, "kitten": 58, "block": 92}[height]
    floor = 352
    back = floor - rise
    arch = (
        Pen(86, back + 30)
        .cubic(150, back + 46, 220, floor - 40, 290, floor - 10)
        .line((414, floor - 8), (416, floor))
        .line((286, floor))
        .cubic(206, floor - 14, 150, back + 70, 92, back + 54)
        .points
    )
    upper = Pen(80, back + 40).cubic(66, back + 6, 74, back - 36, 92, back - 50)
    upper.quad(108, back - 30, 116, back - 6).cubic(150, back + 26, 210, floor - 72, 278, floor - 70)
    toe = upper.cubic(334, floor - 74, 402, floor - 54, 416, floor - 8)
    outline = toe.line((290, floor - 6)).cubic(220, floor - 34, 150, back + 50, 80, back + 40).points
    if height == "block":
        stem = np.array([(82, back + 36), (138, back + 54), (130, floor), (88, floor)])
    else:
        stem = (
            Pen(82, back + 36)
            .line((132, back + 52))
            .quad(106, back + 72, 102, floor)
            .line((90, floor))
            .quad(90, back + 80, 82, back + 36)
            .points
        )
    lining = (
        Pen(92, back - 50)
        .quad(108, back - 30, 116, back - 6)
        .cubic(150, back + 26, 210, floor - 72, 278, floor - 70)
        .line((262, floor - 80))
        .cubic(210, floor - 90, 160, back - 6, 120, back - 40)
        .points
    )
    item: Item = [
        Piece(lining, leather((206, 178, 146), 0.1), body=FLAT, lift=0, brightness=0.85),
        Piece(stem, order.main, body=STRAP, lift=0.15),
        Piece(arch, rubber(_HEEL), body=FLAT, lift=0.1),
        Piece(outline, order.main, body=_UPPER, lift=0.25, seed=order.seed),
    ]
    if open_toe:
        item.append(
            Piece(
                ellipse(398, floor - 16, 20, 8),
                leather((206, 178, 146), 0.1),
                body=FLAT,
                lift=0,
                within=outline,
            )
        )
    if strap:
        line = Pen(88, back - 36).cubic(110, back - 74, 160, back - 70, 176, back + 2).points
        item.append(Piece(line, order.main, width=8, body=STRAP, lift=0.35))
        item.append(Piece(box(152, back - 50, 166, back - 34, 2), metal(order.hardware), body=BEAD, lift=0.4))
    return paired(item, -44, -26)


def sandal(order: Order, cut: str = "strappy") -> Item:
    """A sandal: strappy, slide, flip-flop or wedge."""
    floor = 350
    if cut == "wedge":
        base = (
            Pen(84, 262)
            .cubic(150, 276, 230, floor - 34, 300, floor - 28)
            .line((418, floor - 22))
            .quad(424, floor - 6, 412, floor)
            .line((92, floor))
            .quad(80, 310, 84, 262)
            .points
        )
        insole = (
            Pen(82, 256)
            .cubic(150, 266, 230, floor - 42, 300, floor - 34)
            .quad(370, floor - 36, 420, floor - 26)
            .line((418, floor - 18))
            .cubic(300, floor - 24, 230, floor - 28, 84, 270)
            .points
        )
        item: Item = [Piece(base, Fabric(((204, 170, 122),), texture="straw"), body=_SOLE, lift=0.2)]
        rise = 76
    else:
        base = (
            Pen(66, floor - 26)
            .line((420, floor - 26))
            .quad(432, floor - 12, 416, floor)
            .line((72, floor))
            .quad(56, floor - 14, 66, floor - 26)
            .points
        )
        insole = (
            Pen(66, floor - 32)
            .quad(240, floor - 26, 420, floor - 32)
            .quad(428, floor - 24, 420, floor - 20)
            .quad(240, floor - 14, 68, floor - 20)
            .points
        )
        item = [Piece(base, rubber(deeper(order.trim.ground, 0.4)), body=_SOLE, lift=0.2)]
        rise = 0
    item.append(Piece(insole, leather(order.trim.ground, 0.15), body=FLAT, lift=0.1))
    if cut == "slide":
        band = Pen(196, floor - 20).cubic(206, 288, 246, 262, 298, 268).quad(352, 278, 372, floor - 20).points
        item.append(Piece(band, order.main, body=_UPPER, lift=0.3, seed=order.seed))
        item.append(Piece(box(266, 280, 290, 312, 3), metal(order.hardware), body=STRAP, lift=0.4))
        item.append(Piece(box(272, 286, 284, 306, 2), order.main, body=FLAT, lift=0))
        return paired(item, -44, -40)
    if cut == "flip-flop":
        lines = [
            spline([(180, floor - 24), (240, 276), (316, 276), (352, floor - 34)]),
            spline([(260, floor - 22), (290, 286), (320, 278)]),
        ]
        item += [Piece(line, order.main, width=15, body=STRAP, lift=0.35) for line in lines]
        return paired(item, -44, -46)
    bands = [
        (spline([(286, floor - 26), (300, 280), (348, 272), (384, floor - 30)]), 22),
        (spline([(214, floor - 30 - rise * 0.1), (236, 258), (300, 246), (330, floor - 30)]), 18),
        (
            spline(
                [
                    (84, floor - 40 - rise),
                    (92, 214 - rise * 0.3),
                    (150, 186 - rise * 0.3),
                    (200, 216 - rise * 0.2),
                ]
            ),
            14,
        ),
        (spline([(86, floor - 60 - rise), (140, 250 - rise * 0.4), (190, 222 - rise * 0.2), (250, 262)]), 14),
    ]
    for line, width in reversed(bands):
        item.append(Piece(line, order.main, width=width, body=STRAP, lift=0.4, seed=order.seed))
    item.append(
        Piece(
            box(142, 180 - rise * 0.3, 164, 204 - rise * 0.3, 3), metal(order.hardware), body=STRAP, lift=0.4
        )
    )
    item.append(Piece(box(148, 186 - rise * 0.3, 158, 198 - rise * 0.3, 1), order.main, body=FLAT, lift=0))
    return paired(item, -44, -30)


def loafer(order: Order, cut: str = "penny") -> Item:
    """A low leather shoe: penny loafer, oxford or ballet flat."""
    floor = 350
    if cut == "ballet":
        upper = (
            Pen(70, floor - 18)
            .cubic(60, 296, 66, 272, 80, 258)
            .cubic(110, 290, 190, 304, 262, 290)
            .cubic(330, 276, 410, 304, 418, floor - 14)
        )
    else:
        upper = (
            Pen(70, floor - 18)
            .cubic(58, 290, 62, 246, 78, 218)
            .quad(96, 210, 114, 220)
            .cubic(140, 250, 176, 250, 206, 222)
        )
        upper.quad(222, 208, 238, 222).cubic(290, 250, 412, 254, 420, floor - 18)
    outline = upper.line((70, floor - 12)).points
    sole = (
        Pen(66, floor - 22)
        .line((420, floor - 20))
        .quad(428, floor - 12, 416, floor - 8)
        .line((178, floor - 6), (174, floor + 8), (74, floor + 8))
        .quad(62, floor - 8, 66, floor - 22)
        .points
    )
    item: Item = [Piece(outline, order.main, body=_UPPER, lift=0.15, seed=order.seed)]
    opening = (
        Pen(80, 258).cubic(110, 290, 190, 304, 262, 290).points
        if cut == "ballet"
        else Pen(78, 218).quad(96, 210, 114, 220).cubic(140, 250, 176, 250, 206, 222).points
    )
    item.append(Piece(opening, order.main.plain().darker(0.4), width=9, body=STRAP, lift=0.1, within=outline))
    if cut == "penny":
        saddle = (
            Pen(216, 208)
            .cubic(214, 250, 222, 290, 236, 340)
            .line((276, 340))
            .cubic(262, 300, 258, 262, 264, 234)
            .points
        )
        item.append(Piece(saddle, order.main.darker(0.06), body=FLAT, lift=0.35, within=outline))
        item.append(
            Piece(
                ellipse(248, 262, 11, 4),
                leather(deeper(order.main.ground, 0.6), 0.1),
                body=FLAT,
                lift=0,
                within=outline,
            )
        )
        ridge = Pen(264, 236).cubic(310, 262, 360, 268, 400, 300).points
        item.append(Seam((ridge, moved(ridge, 0, 3)), width=1.5, strength=0.45, within=outline))
    elif cut == "oxford":
        facing = Pen(160, 242).cubic(190, 250, 220, 270, 250, 300).cubic(266, 290, 276, 268, 270, 244).points
        item.append(Piece(facing, order.main.darker(0.07), body=FLAT, lift=0.3, within=outline))
        cord = Fabric((deeper(order.main.ground, 0.55),), texture="rib")
        for i in range(4):
            item.append(
                Piece(
                    np.array([(208 + 15 * i, 250 + 9 * i), (228 + 15 * i, 230 + 7 * i)]),
                    cord,
                    width=4,
                    body=STRAP,
                    lift=0.4,
                )
            )
        cap = Pen(346, 350).cubic(342, 312, 352, 288, 366, 268).points
        item.append(Seam((cap, moved(cap, 4, 0)), width=1.1, strength=0.5, within=outline))
        item.append(
            Seam(
                (moved(cap, 10, 0),),
                width=2.4,
                strength=0.5,
                thread=stitching(order.main.ground),
                stitch=1.2,
                within=outline,
            )
        )
    else:
        for sign in (-1, 1):
            item.append(
                Piece(
                    spline([(268, 288), (268 + sign * 22, 276), (268 + sign * 24, 296), (268, 290)]),
                    order.trim,
                    width=5,
                    body=STRAP,
                    lift=0.4,
                )
            )
        item.append(Piece(ellipse(268, 289, 4, 4), order.trim, body=BEAD, lift=0.4))
    item.append(Piece(sole, rubber(_HEEL), body=_SOLE, lift=0.25))
    return paired(item, -44, -34)
