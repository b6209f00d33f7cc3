"""Dresses, jumpsuits and skirts."""

from __future__ import annotations

from functools import partial

from lookalike_sample_shop.goods import Cut, Line
from lookalike_sample_shop.shapes import dresses
from lookalike_sample_shop.stock.materials import (
    BENGAL,
    DENIM,
    DIAMONDS,
    DITSY,
    FEMININE,
    FLORAL,
    GINGHAM,
    LEATHER,
    LEOPARD,
    PLAID,
    POPLIN,
    SATIN,
    SPOTS,
    VISCOSE,
    WOMEN,
)

DRESSES: tuple[Line, ...] = (
    Line(
        "Clothing",
        "Dresses",
        "Dress",
        designs=17,
        cuts=(
            Cut("Flared", dresses.dress),
            Cut("Maxi", partial(dresses.dress, length="maxi", neck="vee", sleeve="none")),
            Cut("Puff-Sleeve", partial(dresses.dress, neck="square", sleeve="puff")),
            Cut("Wrap", dresses.wrap),
            Cut("Shift", dresses.shift),
            Cut("Slip", dresses.slip, cloths=(SATIN,)),
            Cut("Belted Shirt", dresses.shirt_dress, cloths=(BENGAL, POPLIN)),
            Cut("Mini", partial(dresses.dress, length="mini", sleeve="long")),
            Cut("Straight", partial(dresses.shift, neck="round", sleeve="short")),
        ),
        cloths=(FLORAL, VISCOSE, SPOTS, DITSY, SATIN, LEOPARD, DIAMONDS),
        palette=FEMININE,
        prices=(39, 119),
        seasons=("Summer", "Spring"),
        genders=WOMEN,
        trim="leather",
    ),
    Line(
        "Clothing",
        "Jumpsuits",
        "Jumpsuit",
        designs=2,
        cuts=(Cut("Wide-Leg", dresses.jumpsuit),),
        cloths=(VISCOSE, DITSY),
        palette=("Olive", "Black", "Maroon", "Navy Blue"),
        prices=(59, 99),
        seasons=("Summer",),
        genders=WOMEN,
    ),
    Line(
        "Clothing",
        "Skirts",
        "Skirt",
        designs=9,
        cuts=(
            Cut("Pleated", partial(dresses.skirt, cut="pleated"), cloths=(PLAID, VISCOSE)),
            Cut("Pencil", partial(dresses.skirt, cut="pencil"), cloths=(LEATHER, PLAID)),
            Cut("Midi", partial(dresses.skirt, cut="flared", length="midi")),
            Cut("Tiered", partial(dresses.skirt, cut="tiered", length="midi")),
            Cut("Mini", partial(dresses.skirt, cut="flared", length="mini")),
        ),
        cloths=(LEOPARD, SPOTS, SATIN, FLORAL, GINGHAM),
        palette=FEMININE,
        prices=(29, 79),
        seasons=("Spring", "Fall"),
        genders=WOMEN,
    ),
    Line(
        "Clothing",
        "Skirts",
        "Denim Skirt",
        designs=1,
        cuts=(Cut("Button-Front", dresses.denim_skirt),),
        cloths=(DENIM,),
        palette=(),
        prices=(35, 55),
        seasons=("Spring",),
        genders=WOMEN,
    ),
)
