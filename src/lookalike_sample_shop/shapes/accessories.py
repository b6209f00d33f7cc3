"""Watches, belts, sunglasses and wallets."""

from __future__ import annotations

from dataclasses import replace
from math import cos, pi, sin

import numpy as np

from lookalike_sample_shop.colours import RGB, deeper, luminance, mixed, paler
from lookalike_sample_shop.drawing import Item, Piece, Seam
from lookalike_sample_shop.fabrics import Fabric, leather, metal
from lookalike_sample_shop.outlines import MIDDLE, Pen, Points, box, ellipse, mirrored, moved, spline, turned
from lookalike_sample_shop.relief import Body, Fold
from lookalike_sample_shop.shapes.cut import BEAD, FLAT, STRAP, Order, both, stitching

_M = MIDDLE
_CASE = Body(rim=4, rim_height=1.0, swell=10, swell_height=0.6, unrest=0, occlusion=0.12)
_GLASS = Body(rim=6, rim_height=0.4, swell=30, swell_height=0.5, unrest=0, occlusion=0.1)


def watch(order: Order, face: str = "round", bracelet: bool = False, chrono: bool = False) -> Item:
    """A wristwatch from the front; `face` is round or square."""
    if bracelet:
        order = replace(order, hardware=order.main.ground)
    item = _bracelet(order) if bracelet else _strap(order)
    item.append(Piece(box(_M + 84, 226, _M + 104, 254, 4), metal(order.hardware), body=BEAD, lift=0.2))
    if chrono:
        for y in (196, 284):
            item.append(
                Piece(box(_M + 72, y - 9, _M + 96, y + 9, 3), metal(order.hardware), body=BEAD, lift=0.2)
            )
    outer, bezel, dial = (
        (ellipse(_M, 240, 92, 92), ellipse(_M, 240, 84, 84), ellipse(_M, 240, 75, 75))
        if face == "round"
        else (
            box(_M - 80, 156, _M + 80, 324, 22),
            box(_M - 72, 164, _M + 72, 316, 16),
            box(_M - 63, 173, _M + 63, 307, 10),
        )
    )
    plate = order.trim.ground
    ink: RGB = (244, 244, 240) if luminance(plate) < 130 else (40, 40, 46)
    item += [
        Piece(outer, metal(order.hardware), body=_CASE, lift=0.35),
        Piece(bezel, metal(deeper(order.hardware, 0.14)), body=_CASE, lift=0.1),
        Piece(dial, Fabric((plate,), texture="smooth", gloss=0.3), body=_GLASS, lift=0.5),
    ]
    if chrono:
        for x, y in ((_M - 32, 240), (_M + 32, 240), (_M, 274)):
            item.append(
                Piece(
                    ellipse(x, y, 18, 18),
                    Fabric((mixed(plate, ink, 0.12),), texture="smooth"),
                    body=FLAT,
                    lift=0.15,
                )
            )
            item.append(Seam((np.array([(x, y), (x + 9, y - 8)]),), width=1.4, strength=0.9, thread=ink))
    reach = 66 if face == "round" else 55
    ticks = tuple(
        np.array(
            [
                (_M + r * sin(pi * h / 6), 240 - r * cos(pi * h / 6))
                for r in (reach - (14 if h % 3 == 0 else 9), reach)
            ]
        )
        for h in range(12)
    )
    item.append(Seam(ticks, width=3, strength=0.95, thread=ink))
    minutes = tuple(
        np.array([(_M + r * sin(pi * m / 30), 240 - r * cos(pi * m / 30)) for r in (reach + 2, reach + 5)])
        for m in range(60)
    )
    item.append(Seam(minutes, width=0.9, strength=0.7, thread=ink))
    for angle, length, width in ((305, 38, 5), (60, 56, 3.6)):
        tip = (_M + length * sin(angle * pi / 180), 240 - length * cos(angle * pi / 180))
        item.append(Seam((np.array([(_M, 240), tip]),), width=width, strength=1, thread=ink))
    sweep: RGB = (204, 52, 44)
    item.append(Seam((np.array([(_M - 8, 254), (_M + 34, 182)]),), width=1.3, strength=1, thread=sweep))
    item.append(Piece(ellipse(_M, 240, 4, 4), metal(order.hardware), body=BEAD, lift=0.2))
    return item


def _strap(order: Order) -> Item:
    item: Item = []
    upper = (
        Pen(_M - 50, 176)
        .quad(_M - 46, 90, _M - 38, 22)
        .line((_M + 38, 22))
        .quad(_M + 46, 90, _M + 50, 176)
        .points
    )
    lower = (
        Pen(_M - 50, 304)
        .quad(_M - 46, 390, _M - 38, 446)
        .quad(_M, 470, _M + 38, 446)
        .quad(_M + 46, 390, _M + 50, 304)
        .points
    )
    for outline in (upper, lower):
        item.append(Piece(outline, order.main, body=Body(6, 0.8, 18, 0.7, 0.3), lift=0.2))
    threads = (
        Pen(_M - 42, 170).quad(_M - 39, 90, _M - 32, 30).points,
        Pen(_M - 42, 310).quad(_M - 39, 390, _M - 32, 438).points,
    )
    for line in threads:
        item.append(
            Seam(both(line), width=1.1, strength=0.7, thread=stitching(order.main.ground), stitch=3.4)
        )
    item += [
        Piece(ellipse(_M, y, 3, 4), leather(deeper(order.main.ground, 0.7), 0), body=FLAT, lift=0)
        for y in (380, 402, 424)
    ]
    item.append(Piece(box(_M - 48, 6, _M + 48, 34, 7), metal(order.hardware), width=6, body=BEAD, lift=0.2))
    item.append(Piece(np.array([(_M, 10), (_M, 40)]), metal(order.hardware), width=5, body=BEAD, lift=0.3))
    item.append(Piece(box(_M - 47, 62, _M + 47, 76, 3), order.main, body=STRAP, lift=0.3))
    return item


def _bracelet(order: Order) -> Item:
    item: Item = []
    for row in range(11):
        for y in (160 - row * 15, 320 + row * 15):
            half = 52 - row * 1.3
            if 14 < y < 476:
                item.append(
                    Piece(
                        box(_M - half, y - 7, _M + half, y + 7, 3),
                        metal(deeper(order.hardware, 0.1)),
                        body=_CASE,
                        lift=0.15,
                    )
                )
                item.append(
                    Piece(
                        box(_M - half * 0.44, y - 7, _M + half * 0.44, y + 7, 3),
                        metal(paler(order.hardware, 0.2)),
                        body=_CASE,
                        lift=0.25,
                    )
                )
    return item


def belt(order: Order, woven: bool = False) -> Item:
    """A belt rolled up, with its buckle in front."""
    strap = order.main
    item: Item = [
        Piece(ellipse(_M, 196, 170, 52), strap.darker(0.5), body=FLAT, lift=0),
        Piece(ellipse(_M, 196, 150, 38), Fabric(((232, 232, 234),), texture="smooth"), body=FLAT, lift=0),
    ]
    back = np.concatenate([ellipse(_M, 196, 172, 54, 180, 360), ellipse(_M, 238, 172, 54, 360, 180)])
    front = np.concatenate([ellipse(_M, 196, 172, 54, 0, 180), ellipse(_M, 252, 172, 54, 180, 0)])
    tongue = np.concatenate([ellipse(_M, 188, 158, 44, 8, 100), ellipse(_M, 240, 158, 44, 100, 8)])
    item.append(Piece(back, strap.darker(0.35), body=STRAP, lift=0.2, brightness=0.8))
    item.append(Piece(tongue, strap.darker(0.2), body=STRAP, lift=0.2, brightness=0.9))
    item.append(Piece(front, strap, body=Body(5, 0.8, 16, 0.6, 0.4), lift=0.3))
    thread = stitching(strap.ground)
    for inset in (5, 51):
        item.append(
            Seam(
                (ellipse(_M, 196 + inset, 171, 54, 6, 174),),
                width=1.1,
                strength=0.35 if woven else 0.7,
                thread=thread,
                stitch=3.4,
            )
        )
    if woven:
        lines = tuple(
            np.array(
                [(_M + 172 * cos(a), 196 + 54 * sin(a)), (_M + 172 * cos(a + 0.16), 252 + 54 * sin(a + 0.16))]
            )
            for a in np.linspace(0.1, 2.9, 22)
        )
        crossing = tuple(
            np.array(
                [(_M + 172 * cos(a + 0.16), 196 + 54 * sin(a + 0.16)), (_M + 172 * cos(a), 252 + 54 * sin(a))]
            )
            for a in np.linspace(0.1, 2.9, 22)
        )
        item.append(Seam(lines + crossing, width=2.2, strength=0.4))
    for angle in (118, 130, 142):
        x, y = _M + 172 * cos(angle * pi / 180), 224 + 54 * sin(angle * pi / 180)
        item.append(Piece(ellipse(x, y, 3, 4), leather(deeper(strap.ground, 0.7), 0), body=FLAT, lift=0))
    frame = moved(box(_M - 44, 236, _M + 32, 320, 9), 8, 0)
    item.append(Piece(frame, metal(order.hardware), width=10, body=_CASE, lift=0.45))
    item.append(
        Piece(np.array([(_M + 40, 278), (_M - 34, 279)]), metal(order.hardware), width=7, body=BEAD, lift=0.4)
    )
    item.append(
        Piece(turned(box(_M + 58, 238, _M + 78, 310, 4), -6, _M + 68, 276), strap, body=STRAP, lift=0.4)
    )
    return item


def sunglasses(order: Order, cut: str = "square") -> Item:
    """Sunglasses from the front: square, round, aviator or cat-eye."""
    lens = _lens(cut)
    frame = (
        metal(order.main.ground)
        if cut in {"aviator", "round"}
        else Fabric(order.main.colours, order.main.pattern, "smooth", 1.0, 0.8)
    )
    width = 5.0 if cut in {"aviator", "round"} else 13.0
    glass = Fabric((order.trim.ground, paler(order.trim.ground, 0.42)), "gradient", "smooth", 1.15, 0.5)
    item: Item = []
    for temple in both(spline([(_M + 176, 196), (_M + 168, 168), (_M + 132, 150), (_M + 84, 146)])):
        item.append(Piece(temple, frame.darker(0.25), width=max(6, width * 0.6), body=STRAP, lift=0))
    bridge = Pen(_M - 28, 208).quad(_M, 184, _M + 28, 208).points
    item.append(Piece(bridge, frame, width=max(6, width * 0.8), body=STRAP, lift=0.1))
    if cut == "aviator":
        item.append(
            Piece(Pen(_M - 40, 186).line((_M + 40, 186)).points, frame, width=5, body=STRAP, lift=0.1)
        )
    for side, outline in zip((1, -1), both(lens), strict=True):
        item.append(Piece(outline, glass, body=_GLASS, lift=0.1))
        x = outline[:, 0].mean()
        gleam = Pen(x - 34, 254).line((x + 6, 186), (x + 22, 186), (x - 18, 258)).points
        item.append(
            Piece(
                gleam,
                Fabric((paler(order.trim.ground, 0.3),), texture="smooth"),
                body=FLAT,
                lift=0,
                within=outline,
                brightness=1.05,
            )
        )
        item.append(Piece(np.concatenate([outline, outline[:2]]), frame, width=width, body=STRAP, lift=0.3))
        corner = _M + side * 172
        item.append(Piece(box(corner - 8, 190, corner + 8, 208, 4), frame, body=STRAP, lift=0.3))
    return item


def _lens(cut: str) -> Points:
    if cut == "round":
        return ellipse(_M + 96, 232, 66, 64)
    if cut == "aviator":
        return (
            Pen(_M + 32, 194)
            .quad(_M + 100, 176, _M + 162, 194)
            .cubic(_M + 172, 250, _M + 130, 300, _M + 88, 294)
            .cubic(_M + 46, 288, _M + 26, 240, _M + 32, 194)
            .points
        )
    if cut == "cat-eye":
        return (
            Pen(_M + 30, 212)
            .quad(_M + 90, 190, _M + 178, 176)
            .cubic(_M + 180, 230, _M + 150, 282, _M + 96, 280)
            .cubic(_M + 44, 278, _M + 28, 248, _M + 30, 212)
            .points
        )
    return box(_M + 28, 184, _M + 166, 282, 26)


def wallet(order: Order) -> Item:
    """A folded wallet with a press stud."""
    front = box(_M - 138, 166, _M + 138, 344, 12)
    lid = np.concatenate([box(_M - 138, 160, _M + 138, 262, 12)])
    tab = box(_M - 22, 238, _M + 22, 292, 10)
    inner = lid * 0.95 + lid.mean(axis=0) * 0.05
    return [
        Piece(
            front,
            order.main,
            body=Body(6, 0.8, 24, 0.5, 0.6),
            lift=0.2,
            seed=order.seed,
            folds=(Fold((_M - 130, 300), (_M + 130, 306), 12, 2, 4),),
        ),
        Piece(lid, order.main, body=Body(6, 0.8, 24, 0.5, 0.6), lift=0.45, seed=order.seed + 1),
        Seam(
            (np.concatenate([inner, inner[:1]]),),
            width=1,
            strength=0.6,
            thread=stitching(order.main.ground),
            stitch=3,
        ),
        Piece(tab, order.main, body=STRAP, lift=0.4),
        Piece(ellipse(_M, 276, 9, 9), metal(order.hardware), body=BEAD, lift=0.4),
        Piece(mirrored(box(_M + 96, 318, _M + 124, 328, 2)), metal(order.hardware), body=BEAD, lift=0.2),
    ]
