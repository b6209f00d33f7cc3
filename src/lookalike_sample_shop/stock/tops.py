"""T-shirts, shirts, blouses and knitwear."""

from __future__ import annotations

from functools import partial

from lookalike_sample_shop.goods import Cloth, Cut, Line
from lookalike_sample_shop.shapes import knitwear, shirts, tops
from lookalike_sample_shop.stock.materials import (
    BANDED,
    BENGAL,
    BRETON,
    BRIGHT,
    CABLE,
    CALM,
    CAMOUFLAGE,
    DENIM,
    DITSY,
    DOTTED,
    FEMININE,
    FLANNEL,
    FLORAL,
    GINGHAM,
    JERSEY,
    KNIT,
    LEOPARD,
    LINEN,
    MARL,
    PAISLEY,
    PINSTRIPE,
    POPLIN,
    SATIN,
    SPOTS,
    STRIPED,
    TIE_DYE,
    TROPICAL,
    VISCOSE,
    WARM,
    WINDOWPANE,
    WOMEN,
)

_PIQUE = Cloth("Cotton", "knit")
_STRIPED_KNIT = Cloth("Merino", "knit", "striped", palette=("Navy Blue", "Red", "Mustard", "Teal", "Grey"))
_ZIGZAG_KNIT = Cloth("Wool", "knit", "chevron", palette=("Navy Blue", "Maroon", "Green", "Grey", "Red"))
_BLOCK_KNIT = Cloth("Cotton", "knit", "blocked", palette=("Navy Blue", "Teal", "Mustard", "Maroon"))

TOPS: tuple[Line, ...] = (
    Line(
        "Clothing",
        "T-Shirts",
        "T-Shirt",
        designs=18,
        cuts=(
            Cut("Crew-Neck", tops.tee),
            Cut("V-Neck", partial(tops.tee, neck="vee")),
            Cut("Long-Sleeve", partial(tops.tee, sleeve="long")),
            Cut("Sunset Graphic", partial(tops.tee, motif="sun"), printed=True),
            Cut("Scoop-Neck", partial(tops.tee, neck="scoop"), gender="Women"),
            Cut("Mountain Graphic", partial(tops.tee, motif="peaks"), printed=True),
            Cut("Star Graphic", partial(tops.tee, motif="star"), printed=True),
            Cut(
                "Lotus Graphic", partial(tops.tee, neck="scoop", motif="lotus"), gender="Women", printed=True
            ),
            Cut("Raglan", partial(tops.tee, sleeve="half", raglan=True), gender="Men", printed=True),
            Cut("Abstract Graphic", partial(tops.tee, motif="scribble"), printed=True),
            Cut(
                "Heart Graphic", partial(tops.tee, sleeve="cap", motif="heart"), gender="Women", printed=True
            ),
        ),
        cloths=(JERSEY, BRETON, STRIPED, MARL, TIE_DYE, DOTTED, BANDED, CAMOUFLAGE),
        palette=BRIGHT,
        prices=(12, 29),
        seasons=("Summer", "Spring"),
        trim="accent",
    ),
    Line(
        "Clothing",
        "Polo Shirts",
        "Polo Shirt",
        designs=5,
        cuts=(
            Cut("Piqué", tops.polo),
            Cut("Long-Sleeve", partial(tops.polo, sleeve="long"), gender="Men"),
        ),
        cloths=(_PIQUE, STRIPED, _PIQUE),
        palette=CALM,
        prices=(24, 45),
        seasons=("Summer", "Spring"),
        trim="accent",
    ),
    Line(
        "Clothing",
        "Shirts",
        "Shirt",
        designs=15,
        cuts=(
            Cut("Classic", shirts.shirt),
            Cut("Button-Down", partial(shirts.shirt, collar="button-down")),
            Cut("Short-Sleeve", partial(shirts.shirt, sleeve="short"), gender="Men"),
            Cut("Two-Pocket", partial(shirts.shirt, pockets=2), cloths=(FLANNEL, DENIM, LINEN)),
            Cut(
                "Band-Collar", partial(shirts.shirt, collar="band", pockets=0), cloths=(LINEN, BENGAL, POPLIN)
            ),
        ),
        cloths=(BENGAL, POPLIN, TROPICAL, FLANNEL, GINGHAM, PINSTRIPE, DENIM, WINDOWPANE, PAISLEY),
        palette=CALM,
        prices=(32, 69),
        seasons=("Spring", "Summer", "Fall"),
    ),
    Line(
        "Clothing",
        "Tops",
        "Blouse",
        designs=7,
        cuts=(
            Cut("V-Neck", tops.blouse),
            Cut("Bow", partial(tops.blouse, bow=True), cloths=(SATIN, SPOTS, VISCOSE)),
            Cut("Short-Sleeve", partial(tops.blouse, sleeve="short")),
        ),
        cloths=(FLORAL, SATIN, LEOPARD, DITSY, VISCOSE),
        palette=FEMININE,
        prices=(29, 59),
        seasons=("Spring", "Summer"),
        genders=WOMEN,
    ),
    Line(
        "Clothing",
        "Tops",
        "Tank Top",
        designs=4,
        cuts=(Cut("Sleeveless", tops.tank),),
        cloths=(JERSEY, DITSY, BRETON, TIE_DYE),
        palette=BRIGHT,
        prices=(10, 22),
        seasons=("Summer",),
        genders=WOMEN,
    ),
    Line(
        "Clothing",
        "Sweaters",
        "Sweater",
        designs=10,
        cuts=(
            Cut("Crew-Neck", knitwear.sweater),
            Cut("Roll-Neck", partial(knitwear.sweater, neck="roll")),
            Cut("V-Neck", partial(knitwear.sweater, neck="vee")),
        ),
        cloths=(CABLE, KNIT, _STRIPED_KNIT, _ZIGZAG_KNIT, _BLOCK_KNIT),
        palette=WARM,
        prices=(39, 89),
        seasons=("Winter", "Fall"),
    ),
    Line(
        "Clothing",
        "Sweaters",
        "Cardigan",
        designs=3,
        cuts=(Cut("Buttoned", partial(knitwear.sweater, neck="open")),),
        cloths=(KNIT, CABLE, _STRIPED_KNIT),
        palette=WARM,
        prices=(45, 95),
        seasons=("Winter", "Fall"),
    ),
    Line(
        "Clothing",
        "Sweatshirts",
        "Hoodie",
        designs=5,
        cuts=(
            Cut("Pullover", knitwear.hoodie),
            Cut("Zipped", partial(knitwear.hoodie, zipped=True)),
            Cut("Graphic", partial(knitwear.hoodie, motif="bands"), printed=True),
        ),
        cloths=(JERSEY, MARL),
        palette=BRIGHT,
        prices=(35, 69),
        seasons=("Fall", "Winter"),
    ),
    Line(
        "Clothing",
        "Sweatshirts",
        "Sweatshirt",
        designs=3,
        cuts=(
            Cut("Crew-Neck", partial(knitwear.hoodie, hooded=False)),
            Cut("Badge", partial(knitwear.hoodie, hooded=False, motif="badge"), printed=True),
        ),
        cloths=(MARL, JERSEY),
        palette=WARM,
        prices=(29, 55),
        seasons=("Fall", "Winter"),
    ),
)
