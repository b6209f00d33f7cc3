"""Colors, edges and a small gray thumbnail: the baseline that a network must beat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from PIL import Image

from lookalike.types import Vector

Plane: TypeAlias = "np.ndarray[Any, np.dtype[np.float32]]"

SIDE = 64
BINS = (4, 8, 8)
CELLS = 8
ANGLES = 8
THUMBNAIL = 16
WEIGHTS = {"colour": 0.3, "edges": 0.55, "thumbnail": 0.15}

# Linear light of each pixel value (inverse sRGB transfer function).
LINEAR = np.array(
    [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in np.arange(256) / 255], np.float32
)


class Pixels:
    """An image encoder without a network."""

    name = "pixels"
    space = "pixels@1"
    dim = BINS[0] * BINS[1] * BINS[2] + CELLS * CELLS * ANGLES + THUMBNAIL * THUMBNAIL
    input_side = SIDE

    def encode_images(self, images: Sequence[Image.Image]) -> Vector:
        """Return one unit vector per image."""
        rows = np.empty((len(images), self.dim), np.float32)
        for place, image in enumerate(images):
            rows[place] = _row(image)
        return rows


def _row(image: Image.Image) -> Vector:
    small = image.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BOX)
    lab = _lab(np.asarray(small))
    seen = _attention(lab)
    grey = lab[:, :, 0]
    parts = {
        "colour": np.sqrt(_colours(lab, seen)),
        "edges": _edges(grey),
        "thumbnail": _thumbnail(grey, seen),
    }
    weighted = [np.sqrt(WEIGHTS[name]) * _unit(part.ravel()) for name, part in parts.items()]
    # An image of one color has no edges, but must still give a unit vector.
    return _unit(np.concatenate(weighted)).astype(np.float32)


def _lab(rgb: np.ndarray[Any, np.dtype[np.uint8]]) -> Plane:
    """Convert to CIE L*a*b* scaled to about 0..1, a perceptually uniform space."""
    linear = LINEAR[rgb]
    xyz = linear @ np.array(
        [[0.4339, 0.2126, 0.0178], [0.3762, 0.7152, 0.1095], [0.1899, 0.0722, 0.8727]], np.float32
    )
    root = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    x, y, z = root[..., 0], root[..., 1], root[..., 2]
    lab = np.stack([1.16 * y - 0.16, 2.5 * (x - y) + 0.5, (y - z) + 0.5], axis=-1)
    return np.clip(lab, 0, 1).astype(np.float32)


def _attention(lab: Plane) -> Plane:
    """Return the weight of each pixel: high in the middle, low at the rim and on near-white backgrounds."""
    distance = np.linspace(-1, 1, SIDE, dtype=np.float32) ** 2
    centred = np.exp(-1.0 * (distance[:, None] + distance[None, :]))
    chroma = np.abs(lab[:, :, 1:] - 0.5).sum(axis=-1)
    background = (lab[:, :, 0] > 0.94) & (chroma < 0.06)
    return (centred * np.where(background, 0.02, 1.0)).astype(np.float32)


def _colours(lab: Plane, seen: Plane) -> Plane:
    """Return a histogram with linear interpolation between bins."""
    histogram = np.zeros(np.prod(BINS))
    # Chroma of real objects lies near the middle of its range, which the bins cover.
    spread = np.stack([lab[..., 0], (lab[..., 1] - 0.5) * 1.6 + 0.5, (lab[..., 2] - 0.5) * 1.6 + 0.5], -1)
    place = np.clip(spread, 0, 1) * (np.array(BINS, np.float32) - 1)
    low = np.minimum(place.astype(np.int64), np.array(BINS) - 2)
    rest = place - low
    for corner in np.ndindex(2, 2, 2):
        share = np.prod(np.where(corner, rest, 1 - rest), axis=-1) * seen
        bins = np.ravel_multi_index(np.moveaxis(low + corner, -1, 0), BINS)
        histogram += np.bincount(bins.ravel(), share.ravel(), len(histogram))
    return (histogram / histogram.sum()).astype(np.float32)


def _edges(grey: Plane) -> Plane:
    """Return the strength of edges by direction in each cell of a grid."""
    down, across = np.gradient(grey)
    strength = np.hypot(across, down)
    turn = np.mod(np.arctan2(down, across), np.pi) / np.pi * ANGLES
    low = turn.astype(np.int64) % ANGLES
    rest = turn - np.floor(turn)
    cell = SIDE // CELLS
    cells = np.zeros((CELLS, CELLS, ANGLES), np.float32)
    for angle in range(ANGLES):
        share = np.where(low == angle, 1 - rest, 0) + np.where((low + 1) % ANGLES == angle, rest, 0)
        cells[..., angle] = (share * strength).reshape(CELLS, cell, CELLS, cell).sum(axis=(1, 3))
    return np.sqrt(cells)


def _thumbnail(grey: Plane, seen: Plane) -> Plane:
    step = SIDE // THUMBNAIL
    small = grey.reshape(THUMBNAIL, step, THUMBNAIL, step).mean(axis=(1, 3))
    middle = float((grey * seen).sum() / seen.sum())
    return small - middle


def _unit(part: Plane) -> Plane:
    length = float(np.linalg.norm(part))
    return part / length if length > 1e-6 else np.zeros_like(part)
