"""Jackets, blazers and coats."""

from __future__ import annotations

from functools import partial

from lookalike_sample_shop.goods import Cloth, Cut, Line
from lookalike_sample_shop.shapes import outerwear
from lookalike_sample_shop.stock.materials import (
    CANVAS,
    DENIM,
    EARTHY,
    HERRINGBONE,
    HOUNDSTOOTH,
    NYLON,
    PLAID,
    SUITING,
    TWILL,
    WOOL,
)

_BIKER_LEATHER = Cloth("Leather", "leather", gloss=0.55, palette=("Black", "Brown", "Maroon", "Tan"))
_OILSKIN = Cloth("Polyester", "poplin", gloss=0.35)

OUTERWEAR: tuple[Line, ...] = (
    Line(
        "Clothing",
        "Jackets",
        "Jacket",
        designs=9,
        cuts=(
            Cut("Trucker", outerwear.denim_jacket, cloths=(DENIM, TWILL)),
            Cut("Biker", outerwear.biker, cloths=(_BIKER_LEATHER,)),
            Cut("Bomber", outerwear.bomber),
            Cut("Puffer", outerwear.puffer),
        ),
        cloths=(NYLON,),
        palette=("Black", "Olive", "Navy Blue", "Red", "Yellow"),
        prices=(79, 189),
        seasons=("Fall", "Winter"),
    ),
    Line(
        "Clothing",
        "Jackets",
        "Gilet",
        designs=1,
        cuts=(Cut("Quilted", outerwear.gilet),),
        cloths=(NYLON,),
        palette=("Navy Blue", "Black", "Olive", "Maroon"),
        prices=(59, 89),
        seasons=("Fall",),
        trim="black",
    ),
    Line(
        "Clothing",
        "Blazers",
        "Blazer",
        designs=5,
        cuts=(
            Cut("Single-Breasted", outerwear.blazer),
            Cut("Double-Breasted", partial(outerwear.blazer, rows=2)),
        ),
        cloths=(TWILL, HOUNDSTOOTH, SUITING, PLAID),
        palette=EARTHY,
        prices=(99, 199),
        seasons=("Spring", "Fall"),
    ),
    Line(
        "Clothing",
        "Coats",
        "Coat",
        designs=6,
        cuts=(
            Cut("Belted", partial(outerwear.coat, belted=True), gender="Women"),
            Cut("Tailored", outerwear.coat),
            Cut("Stand-Collar", partial(outerwear.coat, collar="stand"), gender="Women"),
        ),
        cloths=(WOOL, HERRINGBONE),
        palette=("Tan", "Black", "Red", "Navy Blue", "Charcoal", "Cream"),
        prices=(129, 259),
        seasons=("Winter",),
    ),
    Line(
        "Clothing",
        "Coats",
        "Parka",
        designs=2,
        cuts=(Cut("Hooded", outerwear.parka),),
        cloths=(CANVAS,),
        palette=("Olive", "Navy Blue", "Black", "Beige"),
        prices=(119, 179),
        seasons=("Winter",),
    ),
    Line(
        "Clothing",
        "Coats",
        "Raincoat",
        designs=1,
        cuts=(Cut("Hooded", outerwear.raincoat),),
        cloths=(_OILSKIN,),
        palette=("Yellow", "Navy Blue", "Green", "Red"),
        prices=(59, 99),
        seasons=("Spring", "Fall"),
        colourways=(4,),
    ),
)
