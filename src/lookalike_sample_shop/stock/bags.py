"""Handbags, totes, clutches, backpacks and wallets."""

from __future__ import annotations

from functools import partial

from lookalike_sample_shop.goods import Cloth, Cut, Line
from lookalike_sample_shop.shapes import accessories, bags
from lookalike_sample_shop.stock.materials import (
    ALL_YEAR,
    CANVAS,
    HIDES,
    LEATHER,
    SNAKE,
    SUEDE,
    UNISEX,
    WOMEN,
)

_STRIPED_CANVAS = Cloth("Canvas", "canvas", "breton", on_pale=True, palette=("Navy Blue", "Red", "Black"))
_FLORAL_CANVAS = Cloth("Canvas", "canvas", "floral", palette=("Cream", "Navy Blue", "Pink"))
_CAMOUFLAGE_NYLON = Cloth("Nylon", "canvas", "camouflage", palette=("Olive", "Grey"))
_EVENING_SATIN = Cloth("Satin", "satin", gloss=0.6)

BAGS: tuple[Line, ...] = (
    Line(
        "Bags",
        "Handbags",
        "Handbag",
        designs=12,
        cuts=(
            Cut("Satchel", bags.satchel),
            Cut("Quilted Chain", partial(bags.crossbody, quilted=True), cloths=(LEATHER,)),
            Cut("Hobo", bags.hobo),
            Cut("Crossbody", bags.crossbody),
            Cut("Bucket", bags.bucket),
        ),
        cloths=(LEATHER, SUEDE, SNAKE),
        palette=("Black", "Red", "Tan", "Brown", "Green", "Navy Blue", "Mustard", "Pink"),
        prices=(59, 189),
        seasons=ALL_YEAR,
        genders=WOMEN,
        trim="leather",
        sizes="",
        standing=True,
    ),
    Line(
        "Bags",
        "Handbags",
        "Tote Bag",
        designs=5,
        cuts=(
            Cut("Open", bags.tote),
            Cut("Everyday", bags.shopper, cloths=(CANVAS, _STRIPED_CANVAS, _FLORAL_CANVAS)),
        ),
        cloths=(LEATHER, _STRIPED_CANVAS, _FLORAL_CANVAS),
        palette=("Tan", "Black", "Beige", "Olive", "Red"),
        prices=(25, 149),
        seasons=ALL_YEAR,
        genders=WOMEN,
        trim="leather",
        sizes="",
        standing=True,
    ),
    Line(
        "Bags",
        "Clutches",
        "Clutch",
        designs=3,
        cuts=(Cut("Envelope", bags.clutch),),
        cloths=(_EVENING_SATIN, SNAKE, LEATHER),
        palette=("Black", "Silver", "Red", "Gold", "Purple"),
        prices=(29, 79),
        seasons=ALL_YEAR,
        genders=WOMEN,
        sizes="",
    ),
    Line(
        "Bags",
        "Backpacks",
        "Backpack",
        designs=6,
        cuts=(
            Cut("Everyday", bags.backpack),
            Cut("Roll-Top", partial(bags.backpack, cut="roll")),
        ),
        cloths=(CANVAS, LEATHER, _CAMOUFLAGE_NYLON),
        palette=("Navy Blue", "Olive", "Black", "Grey", "Red", "Mustard"),
        prices=(45, 119),
        seasons=ALL_YEAR,
        genders=UNISEX,
        trim="leather",
        sizes="",
        standing=True,
    ),
    Line(
        "Accessories",
        "Wallets",
        "Wallet",
        designs=2,
        cuts=(Cut("Folding", accessories.wallet),),
        cloths=(LEATHER, SNAKE),
        palette=HIDES,
        prices=(25, 59),
        seasons=ALL_YEAR,
        sizes="",
    ),
)
