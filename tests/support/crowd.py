"""A hundred drawn products of three kinds, for what needs more than a dozen."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw

from lookalike import Photo, Product

KINDS = ("Plate", "Box", "Ring")
COLOURS = ("red", "green", "blue", "black")
SIDE = 140


def drawing(kind: str, colour: str, number: int, mark: bool = False) -> Image.Image:
    """A photo of one thing; no two numbers give quite the same."""
    dice = np.random.default_rng(number)
    image = Image.new("RGB", (SIDE, SIDE), "white")
    draw = ImageDraw.Draw(image)
    left, top, wide = (int(dice.integers(low, high)) for low, high in ((12, 30), (12, 30), (70, 96)))
    box = (left, top, left + wide, top + wide)
    match kind:
        case "Box":
            draw.rectangle((left, top + 10, left + wide, top + wide - 10), fill=colour)
        case "Ring":
            draw.ellipse(box, outline=colour, width=14)
        case _:
            draw.ellipse(box, fill=colour)
    for _ in range(6):
        x, y = dice.integers(left + 10, left + wide - 10), dice.integers(top + 10, top + wide - 10)
        draw.ellipse((int(x), int(y), int(x) + 9, int(y) + 9), fill=tuple(dice.integers(0, 255, 3).tolist()))
    if mark:
        for step in range(8, SIDE - 8, 12):
            draw.line((step, SIDE - 12, step + 6, SIDE - 4), fill=(244, 244, 244), width=2)
            draw.line((step, 4, step + 6, 12), fill=(244, 244, 244), width=2)
    return image


def saved(image: Image.Image, quality: int = 92) -> bytes:
    """A picture as a JPEG file."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def item(number: int, kind: str, colour: str, photo: bytes, title: str = "") -> Product:
    """A product under a number."""
    return Product(
        id=f"p{number:03}",
        title=title or f"Acme {colour} {kind} no {number}",
        facets={"category": kind, "colour": colour},
        price=10.0 + number % 7,
        photos=(Photo(data=photo),),
    )


def crowd(count: int = 96) -> list[Product]:
    """Products in which every kind meets every color."""
    return [
        item(number, kind, colour, saved(drawing(kind, colour, number)))
        for number in range(count)
        for kind in (KINDS[number % 3],)
        for colour in (COLOURS[number % 4],)
    ]
