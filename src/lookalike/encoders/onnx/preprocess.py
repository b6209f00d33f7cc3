"""Turns a decoded image into the input tensor of a network."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from lookalike.encoders.spec import Preprocessing

FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "box": Image.Resampling.BOX,
    "lanczos": Image.Resampling.LANCZOS,
}


def tensor(image: Image.Image, how: Preprocessing) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return one image as a batch of one."""
    pixels = np.asarray(sized(image.convert("RGB") if image.mode != "RGB" else image, how))
    order = (0, 1, 2) if how.channels == "RGB" else (2, 1, 0)
    side = how.side
    planes = np.empty((3, side, side), np.float32)
    for plane, channel in enumerate(order):
        # Mean and std are in the order of the network's channels.
        factor, shift = how.scale / how.std[plane], -how.mean[plane] / how.std[plane]
        np.multiply(pixels[:, :, channel], np.float32(factor), out=planes[plane], dtype=np.float32)
        if shift:
            planes[plane] += np.float32(shift)
    if how.layout == "NHWC":
        return np.ascontiguousarray(planes.transpose(1, 2, 0))[None]
    return planes[None]


def sized(image: Image.Image, how: Preprocessing) -> Image.Image:
    """Resize and crop an image to a square of the required side."""
    wide, high = image.size
    side, method = how.side, FILTERS[how.filter]
    if how.resize == "squash":
        return image if (wide, high) == (side, side) else image.resize((side, side), method)
    if how.resize == "pad":
        return _padded(image, how)
    if how.resize == "squash-crop":
        size = (how.shorter, how.shorter)
    # Integer division, as in torchvision and the hub's processors: their vectors depend on it.
    elif wide <= high:
        size = (how.shorter, how.shorter * high // wide)
    else:
        size = (how.shorter * wide // high, how.shorter)
    if size != (wide, high):
        image = image.resize(size, method)
    left, top = round((size[0] - side) / 2), round((size[1] - side) / 2)
    return image if size == (side, side) else image.crop((left, top, left + side, top + side))


def _padded(image: Image.Image, how: Preprocessing) -> Image.Image:
    wide, high = image.size
    ratio = how.side / max(wide, high)
    size = (max(1, round(wide * ratio)), max(1, round(high * ratio)))
    canvas = Image.new("RGB", (how.side, how.side), (how.fill, how.fill, how.fill))
    canvas.paste(
        image.resize(size, FILTERS[how.filter]), ((how.side - size[0]) // 2, (how.side - size[1]) // 2)
    )
    return canvas
