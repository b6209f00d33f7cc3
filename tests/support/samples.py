"""A dozen small products to test with."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw

from lookalike import Photo, Product

PRICES = {"red": 10.0, "green": 20.0, "blue": 30.0, "black": 40.0}


def jpeg(colour: str, kind: str = "Plate", size: int = 96) -> bytes:
    """A small photo: one shape of one color on white."""
    image = Image.new("RGB", (size, size), "white")
    draw = ImageDraw.Draw(image)
    match kind:
        case "Box":
            draw.rectangle((size // 5, size // 3, size * 4 // 5, size * 2 // 3), fill=colour)
        case "Slice":
            draw.chord((size // 9, size // 9, size * 8 // 9, size * 8 // 9), 20, 160, fill=colour)
        case _:
            draw.ellipse((size // 6, size // 6, size * 5 // 6, size * 5 // 6), fill=colour)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def goods() -> list[Product]:
    """Twelve products in four colors and three types, two of them variants of each other."""
    return [
        Product(
            id=f"{kind}-{colour}".lower(),
            title=f"{colour.title()} {kind}",
            facets={"type": kind, "colour": colour, "brand": "Acme" if price < 25 else "Umber"},
            price=price,
            stock=0 if colour == "black" else 5,
            group="plates" if kind == "Plate" and colour in ("red", "green") else "",
            photos=(Photo(data=jpeg(colour, kind)),),
        )
        for kind in ("Plate", "Box", "Slice")
        for colour, price in PRICES.items()
    ]
