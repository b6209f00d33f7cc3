"""Sample query photos: taken at home, of things that the sample shop sells only in similar form."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from random import Random

from lookalike.errors import NotFound
from lookalike_sample_shop.assortment import ordered
from lookalike_sample_shop.drawing import drawn, fitted
from lookalike_sample_shop.goods import Cloth, Shape
from lookalike_sample_shop.shapes import accessories, bags, boots, dresses, headwear, outerwear, shirts, shoes
from lookalike_sample_shop.studio import home_photo


@dataclass(frozen=True, slots=True)
class _Scene:
    """An item, its surface and its rotation."""

    shape: Shape
    cloth: Cloth
    colour: str
    place: str
    turn: float
    gender: str = "Men"
    trim: str = "leather"


_SCENES = {
    "Red striped shirt": _Scene(
        partial(shirts.shirt, collar="button-down", pockets=0),
        Cloth("", "poplin", "vertical", scale=0.8, on_pale=True),
        "Red",
        "wood",
        -9.0,
    ),
    "Navy dotted dress": _Scene(
        partial(dresses.dress, neck="vee", sleeve="short", belt=True),
        Cloth("", "poplin", "dotted", scale=1.25),
        "Navy Blue",
        "sheet",
        7.0,
        gender="Women",
    ),
    "Brown boots": _Scene(boots.boot, Cloth("", "leather", gloss=0.35), "Brown", "concrete", 4.0),
    "Yellow raincoat": _Scene(outerwear.raincoat, Cloth("", "satin", gloss=0.5), "Yellow", "concrete", -6.0),
    "White sneakers": _Scene(shoes.sneaker, Cloth("", "leather", gloss=0.3), "White", "rug", 6.0),
    "Green backpack": _Scene(partial(bags.backpack, cut="roll"), Cloth("", "canvas"), "Olive", "sheet", 11.0),
    "Knitted beanie": _Scene(
        partial(headwear.beanie, bobble=True),
        Cloth("", "knit", "breton", scale=1.3),
        "Red",
        "sheet",
        -12.0,
        trim="same",
    ),
    "Leather watch": _Scene(
        partial(accessories.watch, chrono=True), Cloth("", "leather"), "Black", "sheet", 12.0, trim="white"
    ),
}

SAMPLES: tuple[str, ...] = tuple(_SCENES)
"""The subjects of the sample photos."""


@cache
def sample_photo(name: str) -> bytes:
    """Return the JPEG of one of the SAMPLES."""
    scene = _SCENES.get(name)
    if scene is None:
        raise NotFound(f"There is no sample photo {name!r}: there are {', '.join(SAMPLES)}.")
    order = ordered(scene.cloth, scene.colour, scene.trim, scene.gender, design=77, dice=Random(name))
    item = scene.shape(order)
    return home_photo(drawn(item, fitted(item, 404)), scene.place, scene.turn, 1.0)
