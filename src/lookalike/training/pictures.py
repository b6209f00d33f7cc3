"""Pictures decoded once, small and square, with a mask of what is not studio background."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.nn import functional

from lookalike.errors import LookalikeError
from lookalike.media.images import read_image

log = logging.getLogger(__name__)

Pixels = NDArray[np.uint8]
_WINDINGS = 4


def squash(picture: Image.Image, size: int) -> Pixels:
    """Resize a picture to a square, both sides at once, as the encoder does when serving."""
    rgb = picture.convert("RGB").resize((size, size), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.asarray(rgb)


def decode(path: Path, size: int) -> Pixels | None:
    """Read one picture file as a square array, or None where it is not a readable picture."""
    try:
        return squash(read_image(path, size), size)
    except LookalikeError as error:
        log.warning("skipped %s: %s", path.name, error)
        return None


def load(paths: Sequence[Path], studio: Sequence[bool], size: int, cache: Path | None = None) -> torch.Tensor:
    """Return the pictures as [n, 4, size, size] bytes, the last channel a mask of the product."""
    if cache is not None and cache.exists():
        kept = np.load(cache, mmap_mode="r")
        if kept.shape == (len(paths), 4, size, size):
            return torch.from_numpy(np.array(kept))
    pixels = torch.full((len(paths), 4, size, size), 255, dtype=torch.uint8)
    with ThreadPoolExecutor(2) as pool:
        for index, one in enumerate(pool.map(decode, paths, [size] * len(paths))):
            if one is not None:
                pixels[index, :3] = torch.from_numpy(one.copy()).permute(2, 0, 1)
    white = torch.nonzero(torch.tensor(studio))[:, 0]
    for part in white.split(256):
        pixels[part, 3] = foreground(pixels[part, :3])
    if cache is not None:
        cache.parent.mkdir(parents=True, exist_ok=True)
        partial = cache.with_suffix(".partial.npy")
        np.save(partial, pixels.numpy())
        partial.replace(cache)
    return pixels


def foreground(pixels: torch.Tensor) -> torch.Tensor:
    """Mask what cannot be reached from the border over near-white: 255 is the product."""
    dimmest = pixels.amin(1, keepdim=True)
    # White garments are not quite white: only the rim, softened by JPEG, may be this dim.
    pure, light = (dimmest > 251).float(), (dimmest > 238).float()
    # The walk goes over half the pixels each way; the edge is mended below.
    coarse = (functional.max_pool2d(1 - pure, 2)[:, 0] == 0).numpy()
    reached = np.zeros_like(coarse)
    reached[:, 0] = reached[:, -1] = reached[:, :, 0] = reached[:, :, -1] = True
    reached &= coarse
    # Background that winds more often than this is a pattern, not a backdrop.
    for _ in range(_WINDINGS):
        _sweep(reached, coarse)
        _sweep(reached[:, ::-1, ::-1], coarse[:, ::-1, ::-1])
    wide = functional.interpolate(
        torch.from_numpy(reached)[:, None].float(), size=light.shape[-2:], mode="nearest"
    )
    background = wide
    for _ in range(3):
        background = functional.max_pool2d(background, 3, 1, 1) * light
    return ((1 - background[:, 0]) * 255).to(torch.uint8)


def _sweep(reached: NDArray[np.bool_], open_to: NDArray[np.bool_]) -> None:
    """Spread what is reached down and to the right, in place, over pixels that are open to it."""
    for row in range(1, reached.shape[1]):
        reached[:, row] |= reached[:, row - 1] & open_to[:, row]
    for column in range(1, reached.shape[2]):
        reached[:, :, column] |= reached[:, :, column - 1] & open_to[:, :, column]
