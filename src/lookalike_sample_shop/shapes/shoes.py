"""Shoes from the side, toe to the right: sneakers, boots, heels, sandals and loafers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lookalike_sample_shop.colours import RGB, deeper, luminance, paler
from lookalike_sample_shop.drawing import Item, Piece, Seam
from lookalike_sample_shop.fabrics import Fabric, rubber
from lookalike_sample_shop.outlines import Pen, Points, ellipse, moved, spline
from lookalike_sample_shop.relief import Body, Fold
from lookalike_sample_shop.shapes.cut import FLAT, STRAP, Order, stitching

_UPPER = Body(rim=7, rim_height=0.9, swell=26, swell_height=1.1, unrest=0.7)
_SOLE = Body(rim=3, rim_height=0.8, swell=8, swell_height=0.5, unrest=0, occlusion=0.2)


def paired(item: Item, dx: float = -46, dy: float = -34) -> Item:
    """The other shoe of the pair behind the first, a little in its shade."""
    behind: Item = []
    for part in item:
        if isinstance(part, Piece):
            within = None if part.within is None else moved(part.within, dx, dy)
            behind.append(
                replace(
                    part,
                    outline=moved(part.outline, dx, dy),
                    within=within,
                    brightness=part.brightness * 0.86,
                )
            )
        else:
            lines = tuple(moved(line, dx, dy) for line in part.lines)
            behind.append(
                replace(part, lines=lines, within=None if part.within is None else moved(part.within, dx, dy))
            )
    return behind + item


def _laces(places: list[tuple[float, float]], colour: RGB, reach: float = 17) -> Item:
    """Laces across the tongue, each between its eyelets."""
    item: Item = []
    cord = Fabric((colour,), texture="rib")
    for x, y in places:
        item.append(
            Piece(
                np.array([(x - reach, y + 9), (x + reach * 0.8, y - 9)]),
                cord,
                width=6.5,
                body=STRAP,
                lift=0.4,
            )
        )
        item.append(
            Piece(
                ellipse(x - reach, y + 9.5, 2.4, 2.4),
                Fabric((deeper(colour, 0.7),), texture="smooth"),
                body=FLAT,
                lift=0,
            )
        )
    return item


def _bow(x: float, y: float, colour: RGB) -> Item:
    cord = Fabric((colour,), texture="rib")
    loops = (
        spline([(x, y), (x - 26, y - 12), (x - 32, y + 4), (x, y)]),
        spline([(x, y), (x + 22, y - 18), (x + 34, y - 4), (x, y)]),
        spline([(x, y), (x - 10, y + 18), (x - 16, y + 30)]),
        spline([(x, y), (x + 14, y + 12), (x + 26, y + 22)]),
    )
    return [Piece(line, cord, width=4, body=STRAP, lift=0.4) for line in loops]


def sneaker(order: Order, cut: str = "court", pair: bool = True) -> Item:
    """A sneaker: court, runner, high-top or slip-on."""
    if cut == "runner":
        item = _runner(order)
    elif cut == "high-top":
        item = _canvas_shoe(order, high=True)
    elif cut == "slip-on":
        item = _slip_on(order)
    else:
        item = _court(order)
    return paired(item) if pair else item


def _low_upper() -> Points:
    return (
        Pen(62, 322)
        .cubic(52, 280, 58, 236, 72, 206)
        .quad(84, 194, 104, 200)
        .cubic(118, 226, 168, 236, 192, 204)
        .quad(206, 190, 222, 204)
        .cubic(262, 240, 304, 256, 350, 264)
        .cubic(402, 266, 436, 288, 430, 328)
        .line((62, 330))
        .points
    )


def _court(order: Order) -> Item:
    upper = _low_upper()
    white: RGB = (240, 239, 234)
    sole = (
        Pen(56, 314)
        .line((426, 314))
        .quad(436, 332, 424, 348)
        .quad(240, 356, 66, 350)
        .quad(50, 336, 56, 314)
        .points
    )
    collar = (
        Pen(72, 206)
        .quad(84, 192, 104, 200)
        .cubic(118, 226, 168, 236, 192, 204)
        .line((196, 216))
        .cubic(168, 252, 112, 240, 88, 214)
        .points
    )
    tongue = Pen(178, 216).quad(184, 160, 212, 166).quad(232, 190, 240, 232).points
    toe = Pen(330, 330).cubic(326, 300, 344, 278, 366, 274).line((440, 276), (440, 334)).points
    heel = Pen(50, 196).line((96, 200)).quad(104, 236, 92, 262).quad(84, 290, 100, 326).line((50, 330)).points
    stripe = (
        Pen(146, 318)
        .cubic(170, 290, 190, 270, 204, 236)
        .line((226, 246))
        .cubic(212, 280, 196, 300, 178, 318)
        .points
    )
    vamp = (
        Pen(196, 214)
        .cubic(232, 260, 282, 284, 334, 290)
        .line((352, 274))
        .cubic(306, 262, 262, 244, 222, 204)
        .points
    )
    item: Item = [
        Piece(tongue, order.main.plain("canvas").darker(0.08), body=_SOLE, lift=0.2),
        Piece(upper, order.main, body=_UPPER, lift=0.2, seed=order.seed),
        Piece(toe, order.main.darker(0.05), body=FLAT, lift=0.15, within=upper),
        Piece(heel, order.trim, body=FLAT, lift=0.25, within=upper),
        Piece(stripe, order.trim, body=FLAT, lift=0.25, within=upper),
        Piece(vamp, order.main.darker(0.04), body=FLAT, lift=0.25, within=upper),
        Piece(collar, order.trim.plain("canvas"), body=STRAP, lift=0.2, within=upper),
    ]
    item.append(
        Seam(
            (moved(toe[:18], 4, 0), moved(heel[:20], -4, 0)),
            width=0.9,
            strength=0.6,
            thread=stitching(order.main.ground),
            stitch=2.4,
            within=upper,
        )
    )
    item += _laces(
        [(216, 218), (238, 234), (262, 248), (288, 260)],
        white if luminance(order.main.ground) < 200 else (226, 224, 218),
    )
    item += _bow(206, 200, white)
    item.append(Piece(sole, rubber(white), body=_SOLE, lift=0.3))
    item.append(Seam((Pen(60, 326).quad(240, 330, 428, 326).points,), width=1.4, strength=0.25))
    item.append(Seam((Pen(60, 344).quad(240, 350, 428, 341).points,), width=2, strength=0.3))
    return item


def _runner(order: Order) -> Item:
    upper = (
        Pen(60, 300)
        .cubic(50, 262, 56, 222, 70, 192)
        .quad(86, 184, 106, 196)
        .cubic(126, 224, 166, 226, 190, 190)
        .quad(206, 178, 222, 196)
        .cubic(262, 234, 312, 244, 358, 256)
        .cubic(412, 262, 442, 284, 438, 318)
        .line((60, 324))
        .points
    )
    foam = (
        Pen(48, 296)
        .cubic(100, 320, 140, 326, 220, 318)
        .cubic(300, 312, 380, 318, 440, 308)
        .quad(452, 322, 436, 340)
        .quad(240, 356, 62, 352)
        .quad(38, 334, 48, 296)
        .points
    )
    tread = (
        Pen(56, 346)
        .quad(240, 352, 440, 332)
        .quad(438, 350, 420, 352)
        .quad(240, 364, 76, 360)
        .quad(60, 358, 56, 346)
        .points
    )
    swoosh = [
        Pen(140, 324)
        .cubic(160, 290, 190, 262, 210, 226)
        .line((224, 238))
        .cubic(204, 276, 182, 304, 166, 324)
        .points,
        Pen(186, 324)
        .cubic(206, 296, 230, 276, 250, 252)
        .line((264, 262))
        .cubic(246, 286, 226, 306, 212, 324)
        .points,
    ]
    cap = Pen(350, 330).cubic(350, 296, 370, 276, 392, 272).line((450, 276), (450, 330)).points
    counter = Pen(40, 236).quad(96, 234, 104, 268).quad(96, 300, 118, 330).line((40, 330)).points
    tongue = Pen(172, 204).quad(176, 148, 206, 152).quad(230, 180, 238, 224).points
    ink = order.trim
    pale: RGB = (240, 240, 238)
    item: Item = [
        Piece(tongue, order.main.plain("mesh").darker(0.1), body=_SOLE, lift=0.2),
        Piece(upper, order.main, body=_UPPER, lift=0.2, seed=order.seed),
        Piece(cap, ink, body=FLAT, lift=0.2, within=upper),
        Piece(counter, ink, body=FLAT, lift=0.2, within=upper),
        *[Piece(band, ink, body=FLAT, lift=0.25, within=upper) for band in swoosh],
        Piece(
            Pen(70, 192).quad(86, 184, 106, 196).cubic(126, 224, 166, 226, 190, 190).points,
            order.main.plain("canvas").darker(0.35),
            width=12,
            body=STRAP,
            lift=0.1,
            within=upper,
        ),
    ]
    item += _laces(
        [(210, 206), (232, 222), (256, 236), (284, 248)],
        pale if luminance(order.main.ground) < 190 else order.trim.ground,
    )
    item += _bow(200, 190, pale if luminance(order.main.ground) < 190 else order.trim.ground)
    item.append(Piece(foam, rubber(pale), body=_SOLE, lift=0.3))
    wave = Pen(56, 318).cubic(110, 340, 160, 342, 240, 332).cubic(320, 326, 390, 332, 440, 322).points
    item.append(Seam((wave,), width=5, strength=0.9, thread=order.trim.ground))
    item.append(Piece(tread, rubber(deeper(order.trim.ground, 0.45)), body=_SOLE, lift=0.2))
    return item


def _canvas_shoe(order: Order, high: bool) -> Item:
    top = 108 if high else 206
    upper = Pen(66, 330).cubic(60, 280, 72, 200, 84, top).quad(130, top - 6, 172, top + 4)
    upper.cubic(190, 180, 214, 222, 262, 240).cubic(316, 250, 412, 254, 414, 322).line((412, 334))
    outline = upper.points
    tongue = (
        Pen(150, top + 30)
        .line((158, top - 22))
        .quad(184, top - 24, 190, top + 4)
        .quad(212, 190, 250, 246)
        .points
    )
    white: RGB = (242, 240, 234)
    sole = (
        Pen(60, 318)
        .line((416, 318))
        .quad(424, 336, 414, 350)
        .quad(240, 356, 68, 352)
        .quad(56, 338, 60, 318)
        .points
    )
    toe = Pen(344, 322).cubic(340, 282, 360, 264, 384, 262).line((430, 270), (430, 330)).points
    item: Item = [
        Piece(tongue, order.main.plain().darker(0.1), body=_SOLE, lift=0.2),
        Piece(
            outline,
            order.main,
            body=_UPPER,
            lift=0.2,
            seed=order.seed,
            folds=(Fold((90, 250), (220, 236), 8, -2.4, 6), Fold((250, 300), (300, 246), 7, -2, 5)),
        ),
        Piece(toe, rubber(white), body=FLAT, lift=0.3, within=outline),
        Piece(
            Pen(86, top + 6).quad(76, 220, 70, 318).points,
            order.trim,
            width=12,
            body=FLAT,
            lift=0.2,
            within=outline,
        ),
        Piece(ellipse(122, 196, 23, 23), rubber(white), body=FLAT, lift=0.2),
        Piece(ellipse(122, 196, 13, 13), order.trim, body=FLAT, lift=0),
    ]
    edge = Pen(166, top + 10).cubic(182, 190, 204, 236, 262, 258).points
    item.append(
        Seam(
            (edge, moved(edge, -5, 2)),
            width=1,
            strength=0.7,
            thread=paler(order.main.ground, 0.6),
            stitch=2.6,
        )
    )
    item += _laces([(186 + 5 * i + i * i * 1.8, top + 26 + 24 * i) for i in range(6)], white, 15)
    item += _bow(174, top + 10, white)
    item.append(Piece(sole, rubber(white), body=_SOLE, lift=0.3))
    item.append(
        Seam((Pen(62, 328).line((416, 328)).points,), width=2.4, strength=0.9, thread=order.trim.ground)
    )
    item.append(Seam((Pen(64, 345).quad(240, 349, 412, 345).points,), width=2, strength=0.3))
    return item


def _slip_on(order: Order) -> Item:
    upper = (
        Pen(64, 330)
        .cubic(56, 290, 60, 250, 72, 226)
        .quad(90, 216, 112, 224)
        .cubic(140, 244, 180, 244, 214, 222)
    )
    outline = (
        upper.cubic(240, 208, 260, 214, 290, 238).cubic(350, 250, 420, 262, 418, 326).line((416, 334)).points
    )
    white: RGB = (242, 240, 234)
    sole = (
        Pen(58, 314)
        .line((420, 314))
        .quad(428, 334, 416, 350)
        .quad(240, 356, 66, 352)
        .quad(54, 336, 58, 314)
        .points
    )
    gore = Pen(176, 236).quad(196, 268, 228, 270).quad(232, 240, 224, 216).points
    return [
        Piece(outline, order.main, body=_UPPER, lift=0.2, seed=order.seed),
        Piece(gore, order.trim.plain("rib").darker(0.3), body=FLAT, lift=0.15, within=outline),
        Piece(
            Pen(72, 226).quad(90, 216, 112, 224).cubic(140, 244, 180, 244, 214, 222).points,
            order.main.plain().darker(0.3),
            width=11,
            body=STRAP,
            lift=0.1,
            within=outline,
        ),
        Seam(
            (Pen(232, 330).cubic(226, 290, 238, 262, 262, 226).points,),
            width=1.2,
            strength=0.35,
            within=outline,
        ),
        Piece(sole, rubber(white), body=_SOLE, lift=0.3),
        Seam((Pen(60, 328).line((420, 328)).points,), width=1.6, strength=0.25),
        Seam((Pen(62, 345).quad(240, 349, 416, 344).points,), width=2, strength=0.3),
    ]
