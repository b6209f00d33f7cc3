"""Hats, scarves, watches, belts, sunglasses and jewelry."""

from __future__ import annotations

from functools import partial

from lookalike_sample_shop.goods import Cloth, Cut, Line
from lookalike_sample_shop.shapes import accessories, headwear, jewellery, shirts
from lookalike_sample_shop.stock.materials import (
    ALL_YEAR,
    KNIT,
    LEATHER,
    MEN,
    METALS,
    PLAID,
    TWILL,
    UNISEX,
    WOMEN,
)

_CAMOUFLAGE_TWILL = Cloth("Cotton", "twill", "camouflage", palette=("Olive", "Grey"))
_FELT = Cloth("Wool", "wool", palette=("Grey", "Black", "Brown", "Navy Blue"))
_STRAW = Cloth("Straw", "straw", palette=("Beige", "Tan", "Cream"))
_HAT_CANVAS = Cloth("Canvas", "canvas", palette=("Olive", "Black", "Yellow", "Pink"))
_STRIPED_KNIT = Cloth("Wool", "knit", "breton", palette=("Red", "Navy Blue", "Green"))
_CABLE_KNIT = Cloth("Wool", "cable")
_STRIPED_WOOL = Cloth("Wool", "wool", "striped", scale=0.7, palette=("Navy Blue", "Red", "Mustard", "Green"))
_PAISLEY_SILK = Cloth("Silk", "satin", "paisley", gloss=0.25, palette=("Maroon", "Navy Blue", "Teal"))
_SILK = Cloth("Silk", "satin", gloss=0.3)
_CLUB_SILK = Cloth(
    "Silk", "satin", "multistriped", gloss=0.25, scale=0.45, palette=("Navy Blue", "Maroon", "Green")
)
_DOTTED_SILK = Cloth("Silk", "satin", "dotted", gloss=0.25, scale=0.8, palette=("Navy Blue", "Red", "Black"))
_STEEL = Cloth("Steel", "smooth", gloss=1.6, palette=METALS)
_BRASS = Cloth("Brass", "smooth", gloss=1.6, palette=METALS)
_ACETATE = Cloth("Acetate", "smooth", gloss=0.8)
_TORTOISE = Cloth("Acetate", "smooth", "leopard", gloss=0.6, palette=("Tan",))
_GLASS = Cloth("Glass", "smooth", gloss=1.0)

ACCESSORIES: tuple[Line, ...] = (
    Line(
        "Accessories",
        "Caps",
        "Cap",
        designs=6,
        cuts=(
            Cut("Baseball", headwear.cap),
            Cut("Trucker", partial(headwear.cap, mesh=True), cloths=(TWILL,)),
        ),
        cloths=(TWILL, _CAMOUFLAGE_TWILL),
        palette=("Navy Blue", "Black", "Red", "White", "Green", "Beige"),
        prices=(15, 29),
        seasons=("Summer", "Spring"),
        genders=UNISEX,
        trim="white",
        sizes="",
    ),
    Line(
        "Accessories",
        "Hats",
        "Hat",
        designs=6,
        cuts=(
            Cut("Fedora", headwear.brimmed, cloths=(_FELT,)),
            Cut("Sun", partial(headwear.brimmed, cut="sun"), cloths=(_STRAW,)),
            Cut("Bucket", partial(headwear.brimmed, cut="bucket"), cloths=(_HAT_CANVAS,)),
        ),
        cloths=(),
        palette=(),
        prices=(25, 55),
        seasons=("Summer", "Fall"),
        genders=UNISEX,
        trim="black",
        sizes="",
    ),
    Line(
        "Accessories",
        "Beanies",
        "Beanie",
        designs=5,
        cuts=(
            Cut("Turn-Up", headwear.beanie),
            Cut("Bobble", partial(headwear.beanie, bobble=True)),
        ),
        cloths=(KNIT, _STRIPED_KNIT, _CABLE_KNIT),
        palette=("Charcoal", "Mustard", "Navy Blue", "Red", "Cream", "Teal"),
        prices=(15, 29),
        seasons=("Winter",),
        genders=UNISEX,
        sizes="",
    ),
    Line(
        "Accessories",
        "Scarves",
        "Scarf",
        designs=5,
        cuts=(Cut("Fringed", headwear.scarf),),
        cloths=(PLAID, KNIT, _STRIPED_WOOL, _PAISLEY_SILK),
        palette=("Cream", "Grey", "Maroon", "Mustard"),
        prices=(19, 59),
        seasons=("Winter", "Fall"),
        sizes="",
    ),
    Line(
        "Accessories",
        "Gloves",
        "Gloves",
        designs=2,
        cuts=(Cut("Warm", headwear.gloves),),
        cloths=(LEATHER, KNIT),
        palette=("Black", "Brown", "Grey", "Red"),
        prices=(25, 59),
        seasons=("Winter",),
    ),
    Line(
        "Accessories",
        "Ties",
        "Tie",
        designs=3,
        cuts=(Cut("Classic", shirts.tie),),
        cloths=(_CLUB_SILK, _DOTTED_SILK, _SILK),
        palette=("Black", "Maroon", "Teal"),
        prices=(19, 39),
        seasons=ALL_YEAR,
        genders=MEN,
        sizes="",
    ),
    Line(
        "Accessories",
        "Belts",
        "Belt",
        designs=4,
        cuts=(
            Cut("Buckled", accessories.belt),
            Cut("Woven", partial(accessories.belt, woven=True)),
        ),
        cloths=(LEATHER,),
        palette=("Brown", "Black", "Tan", "Navy Blue"),
        prices=(19, 49),
        seasons=ALL_YEAR,
        genders=MEN,
        sizes="waist",
    ),
    Line(
        "Accessories",
        "Watches",
        "Watch",
        designs=9,
        cuts=(
            Cut("Round", accessories.watch),
            Cut("Bracelet", partial(accessories.watch, bracelet=True), cloths=(_STEEL,)),
            Cut("Chronograph", partial(accessories.watch, chrono=True)),
            Cut("Square", partial(accessories.watch, face="square")),
        ),
        cloths=(LEATHER,),
        palette=("Brown", "Black", "Navy Blue", "Tan"),
        prices=(69, 229),
        seasons=ALL_YEAR,
        trim="dial",
        sizes="",
    ),
    Line(
        "Accessories",
        "Sunglasses",
        "Sunglasses",
        designs=6,
        cuts=(
            Cut("Square", accessories.sunglasses),
            Cut("Aviator", partial(accessories.sunglasses, cut="aviator"), cloths=(_STEEL,)),
            Cut(
                "Cat-Eye",
                partial(accessories.sunglasses, cut="cat-eye"),
                gender="Women",
                cloths=(_TORTOISE, _ACETATE),
            ),
            Cut("Round", partial(accessories.sunglasses, cut="round"), cloths=(_STEEL,)),
        ),
        cloths=(_ACETATE,),
        palette=("Black", "Brown", "Red", "Navy Blue"),
        prices=(29, 119),
        seasons=("Summer",),
        trim="glass",
        sizes="",
    ),
    Line(
        "Accessories",
        "Jewellery",
        "Necklace",
        designs=3,
        cuts=(
            Cut("Pendant", jewellery.necklace),
            Cut("Beaded", partial(jewellery.necklace, cut="beads")),
        ),
        cloths=(_GLASS,),
        palette=("Teal", "Red", "Green", "Purple", "Cream"),
        prices=(19, 79),
        seasons=ALL_YEAR,
        genders=WOMEN,
        sizes="",
    ),
    Line(
        "Accessories",
        "Jewellery",
        "Earrings",
        designs=4,
        cuts=(
            Cut("Drop", partial(jewellery.earrings, cut="drops")),
            Cut("Hoop", jewellery.earrings, cloths=(_BRASS,)),
        ),
        cloths=(_GLASS,),
        palette=("Green", "Blue", "Red", "Pink", "Black"),
        prices=(15, 49),
        seasons=ALL_YEAR,
        genders=WOMEN,
        sizes="",
    ),
    Line(
        "Accessories",
        "Jewellery",
        "Bangle",
        designs=1,
        cuts=(Cut("Studded", jewellery.bangle),),
        cloths=(_BRASS,),
        palette=(),
        prices=(25, 59),
        seasons=ALL_YEAR,
        genders=WOMEN,
        trim="contrast",
        sizes="",
    ),
)
