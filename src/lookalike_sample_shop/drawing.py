"""Pieces and seams laid one above the other: antialiased, lit, casting shadows on what lies below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageDraw

from lookalike_sample_shop.colours import RGB
from lookalike_sample_shop.fabrics import Fabric
from lookalike_sample_shop.outlines import MIDDLE, SHEET, XY, Points, dashes
from lookalike_sample_shop.patterns import dyed
from lookalike_sample_shop.relief import Body, Field, Fold, clouds, fold_heights, lit, resized, softened
from lookalike_sample_shop.textures import surface

_FINE = 3
_SHADOW_REACH = 9


@dataclass(frozen=True, slots=True)
class Print:
    """Ink on a piece, lit as the cloth under it."""

    outline: Points
    colour: RGB
    width: float = 0.0


@dataclass(frozen=True, slots=True)
class Piece:
    """A part cut from one fabric; with a `width` it is a band along the outline rather than its inside."""

    outline: Points
    fabric: Fabric
    width: float = 0.0
    body: Body = field(default_factory=Body)
    lift: float = 0.3
    folds: tuple[Fold, ...] = ()
    grain: float = 0.0
    bow: float = 0.0
    brightness: float = 1.0
    prints: tuple[Print, ...] = ()
    within: Points | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Seam:
    """Thin lines on what lies below: darker than it, or in a thread of their own."""

    lines: tuple[Points, ...]
    width: float = 1.2
    strength: float = 0.35
    thread: RGB | None = None
    stitch: float = 0.0
    within: Points | None = None


Item: TypeAlias = "list[Piece | Seam]"


@dataclass(frozen=True, slots=True)
class View:
    """Where the camera looks and how near it is."""

    x: float = MIDDLE
    y: float = MIDDLE
    zoom: float = 1.0

    def place(self, points: Points) -> Points:
        """Points of the item as pixels of the picture."""
        return (points - np.array([self.x, self.y])) * self.zoom + MIDDLE


def fitted(item: Item, side: float = 392, largest: float = 1.4) -> View:
    """The view that shows the whole item, as large as fits."""
    parts = [part.outline for part in item if isinstance(part, Piece)]
    low = np.min([outline.min(axis=0) for outline in parts], axis=0)
    high = np.max([outline.max(axis=0) for outline in parts], axis=0)
    zoom = min(side / max(high - low), largest)
    x, y = ((low + high) / 2).tolist()
    return View(x, y, zoom)


@dataclass(frozen=True, slots=True)
class Window:
    """The part of the picture that a piece touches."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def slices(self) -> tuple[slice, slice]:
        return slice(self.top, self.bottom), slice(self.left, self.right)


@dataclass(frozen=True, slots=True)
class Patch:
    """The place of one piece in the picture: its cover of each pixel, and of each cell of `step` pixels."""

    window: Window
    view: View
    mask: Field
    coarse: Field
    step: int

    @property
    def unit(self) -> float:
        """Coarse cells that one unit of the sheet spans."""
        return self.view.zoom / self.step

    def points(self, step: int, rows: int, columns: int) -> tuple[Field, Field]:
        """Where on the sheet a grid of pixels or of coarse cells lies."""
        across = np.arange(columns, dtype=np.float32) * step + self.window.left + 0.5
        down = np.arange(rows, dtype=np.float32) * step + self.window.top + 0.5
        x = (across - MIDDLE) / self.view.zoom + self.view.x
        y = (down - MIDDLE) / self.view.zoom + self.view.y
        return x[None, :], y[:, None]

    def full(self, coarse: Field, smooth: bool = False) -> Field:
        """A coarse field with a value for every pixel."""
        return resized(coarse, self.window.height, self.window.width, self.step, smooth)


class Layer:
    """An item cut free: color times coverage, and coverage."""

    def __init__(self) -> None:
        self.colour = np.zeros((SHEET, SHEET, 3), dtype=np.float32)
        self.cover = np.zeros((SHEET, SHEET), dtype=np.float32)


def drawn(item: Item, view: View | None = None) -> Layer:
    """The item as the camera sees it, without background."""
    layer, camera = Layer(), view or View()
    for part in item:
        if isinstance(part, Piece):
            _lay(layer, part, camera)
        else:
            _sew(layer, part, camera)
    return layer


def _lay(layer: Layer, piece: Piece, view: View) -> None:
    patch = _patch(piece, view)
    if patch is None:
        return
    glow = _glow(piece, patch)
    bright = np.clip(glow - 1, 0, 1)
    sheen = 26 * bright + 255 * piece.fabric.gloss * np.clip(glow - 1.07, 0, 0.6) * 1.6
    colour, weave = _dyed(piece, patch)
    shade = np.clip(glow, 0.3, 1.75) * weave
    lit_up = (colour * shade[:, :, None] + sheen[:, :, None]) * piece.brightness

    if piece.lift:
        _cast(layer, patch, piece.lift)
    rows, columns = patch.window.slices
    keep = 1 - patch.mask
    layer.colour[rows, columns] *= keep[:, :, None]
    layer.colour[rows, columns] += np.clip(lit_up, 0, 255) * patch.mask[:, :, None]
    layer.cover[rows, columns] = layer.cover[rows, columns] * keep + patch.mask


def _patch(piece: Piece, view: View) -> Patch | None:
    outline = view.place(piece.outline)
    thickness = piece.width * view.zoom
    window = _window(outline, thickness / 2 + (_SHADOW_REACH * view.zoom if piece.lift else 2))
    if window is None:
        return None
    mask = _filled(window, [outline], thickness)
    if piece.within is not None:
        mask *= _filled(window, [view.place(piece.within)], 0)
    narrow = min(window.width, window.height)
    step = 4 if narrow > 110 else 2 if narrow > 44 else 1
    return Patch(window, view, mask, _shrunk(mask, step), step)


def _glow(piece: Piece, patch: Patch) -> Field:
    """How brightly each point of the piece is lit: 1 where it is flat."""
    body, unit = piece.body, patch.unit
    rim = softened(patch.coarse, body.rim * unit)
    heights = body.swell_height * body.swell * softened(patch.coarse, body.swell * unit)
    heights = heights + body.rim_height * body.rim * rim
    rows, columns = patch.coarse.shape
    if body.unrest:
        heights = heights + body.unrest * 2.4 * clouds(rows, columns, 34 * unit, 62 * unit, piece.seed)
    if piece.folds:
        x, y = patch.points(patch.step, rows, columns)
        heights = heights + fold_heights(piece.folds, x, y)
    light = (1 + 0.62 * lit(heights, 1 / unit)) * (1 - body.occlusion * 2 * np.clip(1 - rim, 0, 0.5))
    return patch.full(light.astype(np.float32), smooth=True)


def _dyed(piece: Piece, patch: Patch) -> tuple[Field, Field]:
    """The color of the piece at each point, before light, and the brightness of its weave."""
    x, y = patch.points(1, patch.window.height, patch.window.width)
    if piece.grain:
        turn = np.radians(piece.grain)
        cx, cy = piece.outline.mean(axis=0)
        x, y = (
            cx + (x - cx) * np.cos(turn) + (y - cy) * np.sin(turn),
            cy - (x - cx) * np.sin(turn) + (y - cy) * np.cos(turn),
        )
    if piece.fabric.pattern != "solid":
        rows, columns = patch.coarse.shape
        drift = (
            clouds(rows, columns, 46 * patch.unit, 70 * patch.unit, piece.seed + 7) * 1.6 * piece.body.unrest
        )
        sag = drift - piece.bow * softened(patch.coarse, piece.body.swell * patch.unit)
        x = x + patch.full(drift[::-1].astype(np.float32))
        y = y + patch.full(sag.astype(np.float32))
    u, v = np.broadcast_arrays(x, y)
    colour: Field = dyed(piece.fabric, u, v)
    for ink in piece.prints:
        stain = _filled(patch.window, [patch.view.place(ink.outline)], ink.width * patch.view.zoom)[
            :, :, None
        ]
        colour = colour * (1 - 0.94 * stain) + np.array(ink.colour, dtype=np.float32) * (0.94 * stain)
    return colour, surface(piece.fabric.texture, u, v)


def _cast(layer: Layer, patch: Patch, darkness: float) -> None:
    """Darken what lies below and beside a piece."""
    down, aside = max(1, round(2.5 * patch.unit)), max(0, round(patch.unit))
    below = np.pad(softened(patch.coarse, 3.2 * patch.unit), ((down, 0), (aside, 0)), mode="edge")
    rows, columns = patch.coarse.shape
    shadow = np.clip(patch.full(below[:rows, :columns]), 0, 1)
    rows, columns = patch.window.slices
    layer.colour[rows, columns] *= (1 - darkness * shadow)[:, :, None]


def _sew(layer: Layer, seam: Seam, view: View) -> None:
    lines = [view.place(line) for line in seam.lines]
    window = _window(np.concatenate(lines), seam.width * view.zoom + 1)
    if window is None:
        return
    if seam.stitch:
        on = seam.stitch * view.zoom
        lines = [stitch for line in lines for stitch in dashes(line, on, on * 0.7)]
    mask = _filled(window, lines, max(seam.width * view.zoom, 0.4))
    if seam.within is not None:
        mask *= _filled(window, [view.place(seam.within)], 0)
    rows, columns = window.slices
    mask *= layer.cover[rows, columns]
    if seam.thread is None:
        layer.colour[rows, columns] *= (1 - seam.strength * mask)[:, :, None]
        return
    ink = (mask * seam.strength)[:, :, None]
    layer.colour[rows, columns] = (
        layer.colour[rows, columns] * (1 - ink) + np.array(seam.thread, dtype=np.float32) * ink
    )


def _window(points: Points, margin: float) -> Window | None:
    low, high = points.min(axis=0) - margin, points.max(axis=0) + margin
    left, top = (max(0, int(np.floor(edge))) for edge in low)
    right, bottom = (min(SHEET, int(np.ceil(edge)) + 1) for edge in high)
    return Window(left, top, right, bottom) if right - left > 1 and bottom - top > 1 else None


def _filled(window: Window, outlines: Sequence[Points], width: float) -> Field:
    """Coverage of the window by the outlines' insides, or by lines of that width, from a finer drawing."""
    fine = Image.new("L", (window.width * _FINE, window.height * _FINE))
    pencil = ImageDraw.Draw(fine)
    for outline in outlines:
        corners: list[XY] = list(map(tuple, ((outline - (window.left, window.top)) * _FINE).tolist()))
        if width:
            pencil.line(corners, fill=255, width=max(1, round(width * _FINE)), joint="curve")
        else:
            pencil.polygon(corners, fill=255)
    return np.asarray(fine.reduce(_FINE), dtype=np.float32) / 255


def _shrunk(mask: Field, step: int) -> Field:
    if step == 1:
        return mask
    picture = Image.fromarray((mask * 255).astype(np.uint8)).reduce(step)
    return np.asarray(picture, dtype=np.float32) / 255
