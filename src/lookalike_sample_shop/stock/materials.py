"""Cloths and palettes that several departments share."""

from __future__ import annotations

from lookalike_sample_shop.goods import Cloth

MEN = ("Men",)
WOMEN = ("Women",)
UNISEX = ("Unisex",)
ALL_YEAR = ("Spring", "Summer", "Fall", "Winter")

BRIGHT = ("White", "Black", "Red", "Navy Blue", "Green", "Yellow", "Grey", "Light Blue", "Orange", "Pink")
CALM = ("White", "Light Blue", "Navy Blue", "Grey", "Beige", "Olive", "Maroon", "Black")
WARM = ("Cream", "Maroon", "Mustard", "Olive", "Charcoal", "Navy Blue", "Teal", "Grey", "Red")
FEMININE = ("Red", "Navy Blue", "Black", "Pink", "Teal", "Cream", "Lavender", "Green", "Maroon", "Mustard")
EARTHY = ("Beige", "Olive", "Navy Blue", "Black", "Grey", "Brown", "Charcoal")
HIDES = ("Black", "Brown", "Tan", "Maroon", "Navy Blue")
METALS = ("Gold", "Silver")

JERSEY = Cloth("Cotton", "jersey")
BRETON = Cloth(
    "Cotton", "jersey", "breton", on_pale=True, palette=("Navy Blue", "Red", "Black", "Green", "Teal")
)
STRIPED = Cloth(
    "Cotton", "jersey", "striped", palette=("Navy Blue", "Red", "Green", "Grey", "Yellow", "Blue")
)
BANDED = Cloth("Cotton", "jersey", "multistriped", palette=("Navy Blue", "Maroon", "Green", "Grey", "Orange"))
MARL = Cloth("Cotton", "jersey", "melange", palette=("Grey", "Charcoal", "Navy Blue", "Olive", "Maroon"))
DOTTED = Cloth("Cotton", "jersey", "dotted", palette=("Navy Blue", "White", "Red", "Black", "Pink"))
CAMOUFLAGE = Cloth("Cotton", "jersey", "camouflage", palette=("Olive", "Grey", "Beige"))
TIE_DYE = Cloth("Cotton", "jersey", "tie-dyed", palette=("Purple", "Blue", "Pink", "Teal", "Orange"))

POPLIN = Cloth("Cotton", "poplin")
GINGHAM = Cloth(
    "Cotton", "poplin", "gingham", on_pale=True, palette=("Blue", "Red", "Navy Blue", "Green", "Pink")
)
FLANNEL = Cloth("Flannel", "wool", "checked", palette=("Red", "Green", "Blue", "Mustard", "Grey", "Maroon"))
WINDOWPANE = Cloth("Cotton", "poplin", "windowpane", palette=("White", "Light Blue", "Navy Blue", "Pink"))
BENGAL = Cloth(
    "Cotton", "poplin", "vertical", on_pale=True, palette=("Red", "Blue", "Light Blue", "Green", "Navy Blue")
)
PINSTRIPE = Cloth("Cotton", "poplin", "pinstriped", palette=("Light Blue", "White", "Navy Blue", "Pink"))
LINEN = Cloth("Linen", "canvas", palette=("White", "Beige", "Light Blue", "Olive", "Pink"))
PAISLEY = Cloth("Cotton", "poplin", "paisley", palette=("Navy Blue", "Maroon", "Green", "White"))
TROPICAL = Cloth(
    "Viscose", "poplin", "tropical", palette=("White", "Navy Blue", "Black", "Pink", "Light Blue")
)

SATIN = Cloth("Satin", "satin", gloss=0.55)
VISCOSE = Cloth("Viscose", "poplin")
FLORAL = Cloth(
    "Viscose", "poplin", "floral", palette=("White", "Navy Blue", "Cream", "Black", "Red", "Teal", "Pink")
)
DITSY = Cloth(
    "Viscose", "poplin", "ditsy", palette=("Maroon", "Navy Blue", "Black", "White", "Green", "Mustard")
)
LEOPARD = Cloth("Viscose", "satin", "leopard", palette=("Tan", "Beige", "Grey"))
SPOTS = Cloth("Viscose", "poplin", "dotted", palette=("Navy Blue", "Red", "White", "Black", "Green", "Pink"))
DIAMONDS = Cloth("Viscose", "poplin", "geometric", palette=("Teal", "Navy Blue", "Red", "Mustard", "Cream"))

KNIT = Cloth("Wool", "knit")
CABLE = Cloth("Wool", "cable", palette=("Cream", "Navy Blue", "Grey", "Maroon", "Green", "Beige"))
WOOL = Cloth("Wool", "wool")
PLAID = Cloth("Wool", "wool", "checked", palette=("Grey", "Red", "Beige", "Green", "Blue"))
HERRINGBONE = Cloth("Wool", "wool", "herringbone", palette=("Grey", "Charcoal", "Brown", "Navy Blue"))
HOUNDSTOOTH = Cloth("Wool", "wool", "houndstooth", palette=("Black", "Beige", "Grey", "Brown"))
SUITING = Cloth("Wool", "twill", "pinstriped", palette=("Navy Blue", "Charcoal", "Black"))

TWILL = Cloth("Cotton", "twill")
CANVAS = Cloth("Canvas", "canvas")
DENIM = Cloth("Denim", "denim", "washed", palette=("Blue", "Navy Blue", "Light Blue", "Black", "Grey"))
RAW_DENIM = Cloth("Denim", "denim", palette=("Navy Blue", "Black", "Charcoal"))
NYLON = Cloth("Nylon", "satin", gloss=0.3)

LEATHER = Cloth("Leather", "leather", gloss=0.5)
PATENT = Cloth("Patent Leather", "smooth", gloss=0.9)
SUEDE = Cloth("Suede", "suede")
SPOTTED_SUEDE = Cloth("Suede", "suede", "leopard", palette=("Tan", "Beige"))
SNAKE = Cloth("Leather", "leather", "snake", gloss=0.3, palette=("Beige", "Grey", "Olive"))
RUBBER = Cloth("Rubber", "smooth", gloss=0.6)
