"""Decoded photos on the training device: squares of bytes, with masks of what is not studio background."""

from __future__ import annotations

import io
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch.nn import functional


@dataclass(frozen=True)
class Squares:
    """Photos of one size, squashed to squares, and the ratio of width to height they had."""

    pixels: torch.Tensor
    ratio: torch.Tensor
    masks: torch.Tensor | None = None


def decode(contents: Iterable[bytes], side: int, workers: int) -> Squares:
    """Decode photos to [n, 3, side, side] bytes."""

    def one(content: bytes) -> tuple[np.ndarray, float]:
        with Image.open(io.BytesIO(content)) as opened:
            image = opened.convert("RGB")
        ratio = image.width / image.height
        if image.size != (side, side):
            image = image.resize((side, side), Image.Resampling.BICUBIC)
        return np.asarray(image).transpose(2, 0, 1).copy(), ratio

    with ThreadPoolExecutor(workers) as pool:
        made = list(pool.map(one, contents))
    pixels = torch.from_numpy(np.stack([pixels for pixels, _ in made]))
    return Squares(pixels, torch.tensor([ratio for _, ratio in made]))


def with_masks(squares: Squares, batch: int = 512) -> Squares:
    """Add masks to studio photos."""
    masks = torch.cat([foreground(part) for part in squares.pixels.split(batch)])
    return Squares(squares.pixels, squares.ratio, masks)


def foreground(pixels: torch.Tensor) -> torch.Tensor:
    """Mask what cannot be reached from the border over near-white: 255 is the product."""
    dimmest = pixels.amin(1, keepdim=True)
    # White garments are not quite white: only the rim, softened by compression, may be this dim.
    pure, light = (dimmest > 249).float(), (dimmest > 236).float()
    open_to = 1 - functional.max_pool2d(1 - pure, 2)
    reached = torch.zeros_like(open_to)
    reached[..., 0, :] = reached[..., -1, :] = reached[..., :, 0] = reached[..., :, -1] = 1
    reached *= open_to
    # Background further than this from the border, the way it winds, is inside the product.
    for _ in range(open_to.shape[-1]):
        reached = functional.max_pool2d(reached, 3, 1, 1) * open_to
    background = functional.interpolate(reached, size=light.shape[-2:], mode="nearest")
    for _ in range(3):
        background = functional.max_pool2d(background, 3, 1, 1) * light
    return ((1 - background[:, 0]) * 255).to(torch.uint8)
