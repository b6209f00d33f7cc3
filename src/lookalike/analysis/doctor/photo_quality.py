"""Blank, tiny, blurred and watermarked photos."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from PIL import Image, ImageFilter

from lookalike.analysis.doctor.findings import Finding
from lookalike.analysis.snapshot import Snapshot
from lookalike.media.images import read_image
from lookalike.shop import Shop

Plane: TypeAlias = "np.ndarray[Any, np.dtype[np.float32]]"

PIECE = 200
SIDE = 128
BLANK = 4.0
TINY = 100
SMEAR = 9
BLURRED = 0.55
FAR_OUT = 4.0
MARK_SIDE = 64
FAINT = 14.0
LEAST_FAINT = 1.0
MARKED_SAMPLE = 1500
MARK_ALIKE = 0.35
FEWEST_MARKED = 4
SHARED_BY_ALL = 0.6


@dataclass(frozen=True, slots=True)
class Look:
    """Measurements of a photo, independent of its subject."""

    product: str
    side: int
    contrast: float
    blur: float
    marks: Plane


def picture_findings(shop: Shop, snapshot: Snapshot) -> Iterator[Finding]:
    """Findings about photo quality."""
    looks = list(_looks(shop, snapshot))
    if not looks:
        return
    blurs = np.array([look.blur for look in looks])
    middle = float(np.median(blurs))
    spread = 1.4826 * float(np.median(np.abs(blurs - middle))) or 0.05
    for look in looks:
        if look.contrast < BLANK:
            yield Finding("blank photo", look.product, 1.0, field="photo")
        elif look.side < TINY:
            confidence = 1 - look.side / (2 * TINY)
            yield Finding("tiny photo", look.product, confidence, field="photo", now=f"{look.side} pixels")
        elif look.blur > max(BLURRED, middle + FAR_OUT * spread):
            yield Finding("blurred photo", look.product, min(1.0, look.blur), field="photo")
    yield from _marked(looks, snapshot)


def _looks(shop: Shop, snapshot: Snapshot) -> Iterator[Look]:
    first = snapshot.first_photos()
    ids = snapshot.ids
    for start in range(0, len(ids), PIECE):
        piece = [(id, photo) for id, photo in zip(ids, first, strict=True)][start : start + PIECE]
        stored = shop.catalog.database.stored_photos([photo for _, photo in piece if photo])
        for id, photo in piece:
            if photo in stored:
                yield _look(id, read_image(stored[photo].data))


def _look(id: str, picture: Image.Image) -> Look:
    grey = picture.convert("L")
    small = grey.copy()
    small.thumbnail((SIDE, SIDE))
    plane = np.asarray(small, np.float32)
    square = grey.resize((MARK_SIDE, MARK_SIDE), Image.Resampling.BOX)
    soft = np.asarray(square.filter(ImageFilter.GaussianBlur(2)), np.float32)
    marks = np.asarray(square, np.float32) - soft
    # Strong lines belong to the product; a watermark is faint.
    strong = Image.fromarray((np.abs(marks) > FAINT).astype(np.uint8) * 255).filter(ImageFilter.MaxFilter(7))
    marks = np.where(np.asarray(strong) > 0, 0, marks).ravel()
    marks = np.where(np.abs(marks) < LEAST_FAINT, 0, marks)
    length = float(np.linalg.norm(marks))
    unit = marks / length if length > MARK_SIDE / 4 else np.zeros_like(marks)
    return Look(id, max(picture.size), float(plane.std()), _blur(plane), unit.astype(np.float32))


def _blur(plane: Plane) -> float:
    """How little a further blur would change: 0 is sharp, 1 is smeared out (after Crete and others, 2007)."""
    worst = 0.0
    for axis in (0, 1):
        if plane.shape[axis] <= SMEAR + 1:
            return 0.0
        sums = np.cumsum(plane, axis=axis, dtype=np.float64)
        smeared = (np.roll(sums, -SMEAR, axis=axis) - sums).take(range(plane.shape[axis] - SMEAR), axis=axis)
        smeared = smeared / SMEAR
        # The mean of nine neighbors lies over the fifth of them.
        inner = plane.take(range(SMEAR // 2 + 1, plane.shape[axis] - SMEAR // 2), axis=axis)
        before = np.abs(np.diff(inner, axis=axis))
        after = np.abs(np.diff(smeared, axis=axis))
        total = float(before.sum())
        if total > 0:
            worst = max(worst, 1 - float(np.maximum(before - after, 0).sum()) / total)
    return worst


def _marked(looks: list[Look], snapshot: Snapshot) -> Iterator[Finding]:
    """Photos of different kinds of products with the same faint lines in the same place."""
    category = snapshot.category()
    if not category:
        return
    kinds = dict(zip(snapshot.ids, snapshot.labels(category).tolist(), strict=True))
    rows = np.stack([look.marks for look in looks])
    step = max(1, len(rows) // MARKED_SAMPLE)
    sampled = np.arange(0, len(rows), step)
    names = np.array([kinds[looks[place].product] for place in sampled])
    alike = rows[sampled] @ rows[sampled].T
    alike[names[:, None] == names[None, :]] = 0
    support = (alike >= MARK_ALIKE).sum(axis=1)
    if support.max() < FEWEST_MARKED:
        return
    seed = int(support.argmax())
    sharing = sampled[np.append(np.flatnonzero(alike[seed] >= MARK_ALIKE), seed)]
    among = rows[sharing] @ rows[sharing].T
    pairs = len(sharing) * (len(sharing) - 1)
    # Models in one pose share lines in pairs; a watermark is shared by all photos that have it.
    if (among >= MARK_ALIKE).sum() - len(sharing) < SHARED_BY_ALL * pairs:
        return
    template = rows[sharing].mean(axis=0)
    template /= np.linalg.norm(template)
    for look, near in zip(looks, (rows @ template).tolist(), strict=True):
        if near >= MARK_ALIKE:
            yield Finding("watermark", look.product, min(1.0, near + 0.2), field="photo")
