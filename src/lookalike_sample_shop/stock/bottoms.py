"""Jeans, trousers and shorts."""

from __future__ import annotations

from functools import partial

from lookalike_sample_shop.goods import Cloth, Cut, Line
from lookalike_sample_shop.shapes import bottoms
from lookalike_sample_shop.stock.materials import (
    CAMOUFLAGE,
    CANVAS,
    DENIM,
    EARTHY,
    HOUNDSTOOTH,
    JERSEY,
    MARL,
    RAW_DENIM,
    SUITING,
    TWILL,
    VISCOSE,
    WOMEN,
)

_STRETCH = Cloth("Elastane", "jersey", gloss=0.15)
_SPORTS_MESH = Cloth("Polyester", "mesh")

BOTTOMS: tuple[Line, ...] = (
    Line(
        "Clothing",
        "Jeans",
        "Jeans",
        designs=9,
        cuts=(
            Cut("Straight", bottoms.jeans),
            Cut("Skinny", partial(bottoms.jeans, cut="skinny")),
            Cut("Slim", partial(bottoms.jeans, cut="slim")),
            Cut("Flared", partial(bottoms.jeans, cut="flared"), gender="Women"),
            Cut("Ripped Skinny", partial(bottoms.jeans, cut="skinny", torn=True), cloths=(DENIM,)),
            Cut("Wide-Leg", partial(bottoms.jeans, cut="wide"), gender="Women"),
        ),
        cloths=(DENIM, RAW_DENIM),
        palette=(),
        prices=(49, 99),
        seasons=("Fall", "Spring"),
        sizes="waist",
    ),
    Line(
        "Clothing",
        "Trousers",
        "Trousers",
        designs=9,
        cuts=(
            Cut("Slim Chino", bottoms.trousers, cloths=(TWILL,)),
            Cut("Tailored", partial(bottoms.trousers, cut="straight"), cloths=(SUITING, HOUNDSTOOTH)),
            Cut("Wide-Leg", partial(bottoms.trousers, cut="wide"), gender="Women"),
            Cut("Cargo", bottoms.cargo, cloths=(CANVAS,)),
        ),
        cloths=(VISCOSE,),
        palette=EARTHY,
        prices=(45, 99),
        seasons=("Fall", "Spring"),
        sizes="waist",
    ),
    Line(
        "Clothing",
        "Track Pants",
        "Joggers",
        designs=3,
        cuts=(
            Cut("Fleece", bottoms.joggers),
            Cut("Side-Stripe", partial(bottoms.joggers, striped=True), cloths=(JERSEY,)),
        ),
        cloths=(MARL, JERSEY),
        palette=("Black", "Navy Blue", "Grey", "Olive"),
        prices=(29, 55),
        seasons=("Fall", "Winter"),
        trim="white",
    ),
    Line(
        "Clothing",
        "Leggings",
        "Leggings",
        designs=2,
        cuts=(Cut("High-Waist", bottoms.leggings),),
        cloths=(_STRETCH, CAMOUFLAGE),
        palette=("Black", "Purple", "Teal", "Navy Blue"),
        prices=(25, 45),
        seasons=("Spring",),
        genders=WOMEN,
    ),
    Line(
        "Clothing",
        "Shorts",
        "Shorts",
        designs=6,
        cuts=(
            Cut("Chino", bottoms.shorts, cloths=(TWILL,)),
            Cut("Cut-Off", partial(bottoms.shorts, cut="denim"), cloths=(DENIM,)),
            Cut("Sports", partial(bottoms.shorts, cut="sport"), cloths=(_SPORTS_MESH,)),
        ),
        cloths=(),
        palette=("Beige", "Navy Blue", "Olive", "Red", "Black", "Light Blue"),
        prices=(22, 45),
        seasons=("Summer",),
        trim="white",
        sizes="waist",
    ),
)
