"""Photos to try the search with: taken at home, of things the sample shop does not sell quite like that."""

from __future__ import annotations

from functools import cache, partial
from random import Random

from lookalike.demo.assortment import Cloth, Cut, Line, ordered
from lookalike.demo.drawing import drawn, fitted
from lookalike.demo.shapes import accessories, bags, boots, dresses, headwear, outerwear, shirts, shoes
from lookalike.demo.studio import home_photo
from lookalike.errors import NotFound

_MAKERS = {
    "Red striped shirt": (
        Cut("", partial(shirts.shirt, collar="button-down", pockets=0)),
        Cloth("", "poplin", "vertical", scale=0.8, on_pale=True),
        ("Red", "wood", -9.0),
    ),
    "Navy dotted dress": (
        Cut("", partial(dresses.dress, neck="vee", sleeve="short", belt=True)),
        Cloth("", "poplin", "dotted", scale=1.25),
        ("Navy Blue", "sheet", 7.0),
    ),
    "Brown boots": (Cut("", boots.boot), Cloth("", "leather", gloss=0.35), ("Brown", "dark wood", 5.0)),
    "Yellow raincoat": (
        Cut("", outerwear.raincoat),
        Cloth("", "satin", gloss=0.5),
        ("Yellow", "concrete", -6.0),
    ),
    "White sneakers": (Cut("", shoes.sneaker), Cloth("", "leather", gloss=0.3), ("White", "rug", 8.0)),
    "Green backpack": (
        Cut("", partial(bags.backpack, cut="roll")),
        Cloth("", "canvas", "melange"),
        ("Olive", "wood", 11.0),
    ),
    "Knitted beanie": (
        Cut("", partial(headwear.beanie, bobble=True)),
        Cloth("", "cable", "striped", scale=0.8),
        ("Maroon", "sheet", -12.0),
    ),
    "Leather watch": (
        Cut("", partial(accessories.watch, chrono=True)),
        Cloth("", "suede"),
        ("Brown", "dark wood", 24.0),
    ),
}

SAMPLES: tuple[str, ...] = tuple(_MAKERS)
"""What the sample photos show."""

_BENCH = Line("", "", "Sample", 0, (), (), (), (0, 0), (), trim="leather")


@cache
def sample_photo(name: str) -> bytes:
    """The JPEG of one of the SAMPLES."""
    if name not in _MAKERS:
        raise NotFound(f"There is no sample photo {name!r}: there are {', '.join(SAMPLES)}.")
    cut, cloth, (colour, place, turn) = _MAKERS[name]
    order = ordered(_BENCH, cloth, colour, False, Random(name), 77, "Women" if "dress" in name else "Men")
    item = cut.shape(order)
    return home_photo(drawn(item, fitted(item, 350)), place, turn, 1.0)
