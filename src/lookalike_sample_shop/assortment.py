"""The assortment of the sample shop: its articles by cut, cloth and color, the same on every machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from random import Random

from lookalike_sample_shop.colours import COLOURS, RGB, deeper, luminance, mixed, paler
from lookalike_sample_shop.fabrics import Fabric
from lookalike_sample_shop.goods import Cloth, Cut, Line
from lookalike_sample_shop.shapes.cut import Order

_SILVER: RGB = (198, 200, 206)
_GOLD: RGB = (212, 174, 96)


@dataclass(frozen=True, slots=True)
class Article:
    """One article: a design of a line in one color."""

    line: Line
    design: int
    cut: Cut
    cloth: Cloth
    colour: str
    gender: str
    order: Order

    @property
    def group(self) -> str:
        """The key that all colors of a design share."""
        return f"{self.line.noun.lower().replace(' ', '-')}-{self.design + 1:02}"

    @property
    def id(self) -> str:
        """The id in the catalog."""
        return f"{self.group}-{self.colour.lower().replace(' ', '-')}"

    @property
    def pattern(self) -> str:
        """The pattern, as a shop names it."""
        return "Printed" if self.cut.printed else PATTERNS[self.cloth.pattern]

    def dice(self, purpose: str) -> Random:
        """A random generator that all colors of the design share."""
        return Random(f"{self.group} {purpose}")


PATTERNS = {
    "solid": "Solid",
    "breton": "Striped",
    "striped": "Striped",
    "multistriped": "Striped",
    "pinstriped": "Striped",
    "vertical": "Striped",
    "diagonal": "Striped",
    "gingham": "Checked",
    "checked": "Checked",
    "windowpane": "Checked",
    "dotted": "Dotted",
    "chevron": "Chevron",
    "herringbone": "Herringbone",
    "houndstooth": "Houndstooth",
    "gradient": "Gradient",
    "blocked": "Colour Block",
    "melange": "Melange",
    "washed": "Washed",
    "camouflage": "Camouflage",
    "tie-dyed": "Tie-Dye",
    "snake": "Animal",
    "leopard": "Animal",
    "floral": "Floral",
    "ditsy": "Floral",
    "tropical": "Floral",
    "paisley": "Paisley",
    "geometric": "Geometric",
}


@cache
def articles() -> tuple[Article, ...]:
    """Every article, line by line and design by design."""
    from lookalike_sample_shop.stock import LINES

    return tuple(article for line in LINES for article in _made(line))


def _made(line: Line) -> Iterator[Article]:
    for design in range(line.designs):
        turn, place = divmod(design, len(line.cuts))
        cut = line.cuts[place]
        cloths = [cloth for cloth in cut.cloths or line.cloths if cloth.pattern == "solid" or not cut.printed]
        cloth = cloths[(turn if cut.cloths else place + turn) % len(cloths)]
        gender = cut.gender or line.genders[(place + turn) % len(line.genders)]
        palette = cloth.palette or line.palette
        count = min(line.colourways[design % len(line.colourways)], len(palette))
        for colour in Random(f"{line.noun} {design}").sample(palette, count):
            trim = "contrast" if cut.printed else line.trim
            order = ordered(cloth, colour, trim, gender, design, Random(f"{line.noun} {design} trim"))
            yield Article(line, design, cut, cloth, colour, gender, order)


def ordered(cloth: Cloth, colour: str, trim: str, gender: str, design: int, dice: Random) -> Order:
    """Return the cut and cloth to draw."""
    fabric = Fabric(_dyes(cloth, colour, dice), cloth.pattern, cloth.texture, cloth.scale, cloth.gloss)
    tone = COLOURS[colour]
    trims: dict[str, RGB] = {
        "same": fabric.ground,
        "contrast": _contrast(tone, dice),
        "leather": COLOURS["Tan"] if colour in {"Brown", "Maroon"} else COLOURS["Brown"],
        "white": COLOURS["White"] if luminance(tone) < 200 else COLOURS["Navy Blue"],
        "black": COLOURS["Black"],
        "dial": COLOURS[dice.choice(("White", "Black", "Navy Blue", "Cream", "Green"))],
        "glass": COLOURS[dice.choice(("Black", "Brown", "Olive", "Navy Blue"))],
        "accent": fabric.accent if fabric.pattern != "solid" else deeper(tone, 0.1),
    }
    gold = dice.random() < 0.45
    return Order(
        fabric,
        Fabric((trims[trim],), texture=cloth.texture),
        _GOLD if gold else _SILVER,
        gender == "Women",
        design,
    )


def _contrast(tone: RGB, dice: Random) -> RGB:
    options = (
        ("White", "Mustard", "Light Blue", "Orange")
        if luminance(tone) < 120
        else ("Navy Blue", "Maroon", "Teal", "Black")
    )
    return COLOURS[dice.choice(options)]


def _dyes(cloth: Cloth, colour: str, dice: Random) -> tuple[RGB, ...]:
    """Return the named color with the colors that go with it in the pattern."""
    tone = COLOURS[colour]
    dark = luminance(tone) < 120
    pale = COLOURS[dice.choice(("White", "Cream"))]
    if cloth.pattern == "washed":
        worn = mixed(tone, (112, 120, 134), 0.3)
        return worn, paler(worn, 0.45)
    if cloth.pattern == "melange":
        return tone, paler(tone, 0.5)
    if cloth.pattern == "camouflage":
        return tone, deeper(tone, 0.45), paler(mixed(tone, COLOURS["Beige"], 0.4), 0.15), deeper(tone, 0.72)
    if cloth.pattern in {"leopard", "snake"}:
        return tone, deeper(mixed(tone, COLOURS["Brown"], 0.6), 0.62)
    if cloth.pattern == "checked":
        return tone, COLOURS["Black"] if dice.random() < 0.5 else COLOURS["Navy Blue"], pale
    if cloth.pattern in {"floral", "ditsy", "paisley", "tropical", "geometric"}:
        petals = (
            ("Pink", "Cream", "Mustard", "Light Blue")
            if dark
            else ("Red", "Blue", "Purple", "Maroon", "Orange")
        )
        petal = COLOURS[dice.choice([name for name in petals if name != colour])]
        leaf = paler(COLOURS["Green"], 0.25) if dark else COLOURS["Green"]
        if cloth.pattern == "tropical":
            return tone, leaf, mixed(leaf, tone, 0.45), paler(leaf, 0.3)
        return tone, petal, leaf if cloth.pattern == "floral" else paler(petal, 0.55)
    if cloth.pattern in {"herringbone", "houndstooth"}:
        return tone, paler(tone, 0.4) if dark else deeper(tone, 0.35)
    if cloth.pattern == "gradient":
        return tone, pale if dark else deeper(tone, 0.5)
    if cloth.pattern in {"multistriped", "blocked"}:
        return tone, pale if dark else COLOURS["Navy Blue"], _contrast(tone, dice)
    if cloth.on_pale:
        return (pale, tone) if luminance(tone) < 215 else (COLOURS["Navy Blue"], tone)
    return tone, pale if luminance(tone) < 190 else COLOURS[dice.choice(("Navy Blue", "Black", "Maroon"))]
