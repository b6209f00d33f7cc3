"""Pictures and weights that every peer test draws alike."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

COLOURS = ("red", "navy", "olive", "black", "gold", "teal", "pink", "grey")


def photos(count: int, size: tuple[int, int] = (240, 260)) -> list[Image.Image]:
    """Photos with shapes of several colors on noise, no two the same."""
    random = np.random.default_rng(11)
    drawn: list[Image.Image] = []
    for number in range(count):
        noise = random.integers(200, 256, (*size[::-1], 3), np.uint8)
        picture = Image.fromarray(noise)
        pen = ImageDraw.Draw(picture)
        for colour in random.choice(COLOURS, 3):
            left, top, wide, high = random.integers(10, 110, 4).tolist()
            kind = ("ellipse", "rectangle")[number % 2]
            getattr(pen, kind)((left, top, left + wide, top + high), fill=str(colour))
        drawn.append(picture)
    return drawn


def unit(rows: np.ndarray) -> np.ndarray:
    """Rows of length one."""
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)
