"""What the shop of these tests sells, and files that a shopper may try to search with."""

from __future__ import annotations

import base64
import io

from PIL import Image

from lookalike import Photo, Product
from support.samples import jpeg

COLOURS = {
    "Red": 5, "Green": 9, "Blue": 14, "Black": 19, "Orange": 23, "Purple": 31, "Pink": 37, "Brown": 42,
    "Gold": 55, "Teal": 61, "Navy": 74, "Olive": 80, "Maroon": 96, "Gray": 104, "Coral": 120, "Indigo": 150,
}  # fmt: skip
KINDS = ("Plate", "Box", "Slice")
MARKUP = "<img src=x onerror=\"document.title='hacked'\"> & <b>Bold</b> plate"


def stock() -> list[Product]:
    """48 products, one of them with markup for a title and one with two photos."""
    products = [
        Product(
            id=f"{kind}-{colour}".lower(),
            title=f"{colour} {kind}",
            description=f"A {colour.lower()} {kind.lower()} for every day.",
            facets={"type": kind, "colour": colour, "brand": "Acme" if price < 50 else "Umber"},
            price=price + 0.5,
            currency="EUR",
            stock=0 if colour == "Black" else 5,
            photos=(Photo(data=jpeg(colour.lower(), kind)),),
        )
        for kind in KINDS
        for colour, price in COLOURS.items()
    ]
    markup = Product(id="markup", title=MARKUP, photos=(Photo(data=jpeg("red", "Box", 90)),))
    several = Product(
        id="several/photos",
        title="Plate from two sides",
        facets={"type": "Plate", "colour": "White"},
        photos=(Photo(data=jpeg("white")), Photo(data=jpeg("lightgray", "Box"))),
    )
    return [*products, markup, several]


def heic() -> bytes:
    """The beginning of a photo as phones write it and browsers cannot read it."""
    return b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + b"\0" * 400


def svg() -> bytes:
    """A drawing."""
    return b'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="90"><circle r="40"/></svg>'


def large() -> bytes:
    """A photo of 40 MB: a blue plate, uncompressed."""
    picture = Image.open(io.BytesIO(jpeg("blue"))).resize((3660, 3660))
    buffer = io.BytesIO()
    picture.save(buffer, "BMP")
    return buffer.getvalue()


def base64_of(data: bytes) -> str:
    """Bytes as a page script may take them."""
    return base64.b64encode(data).decode()
