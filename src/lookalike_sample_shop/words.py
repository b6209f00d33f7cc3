"""Titles and descriptions of articles; the brands are invented."""

from __future__ import annotations

from lookalike_sample_shop.assortment import Article

BRANDS = (
    "Fernhollow",
    "Saltmere",
    "Quillmark",
    "Brackenby",
    "Odeline",
    "Tarnwick",
    "Velloria",
    "Nordlune",
    "Huxley Vane",
    "Marisole",
)

_PATTERN_WORDS = {
    "Solid": "",
    "Melange": "Melange",
    "Washed": "",
    "Checked": "Checked",
    "Dotted": "Polka-Dot",
    "Animal": "Animal-Print",
    "Printed": "",
}
_PATTERN_SENTENCES = {
    "Solid": "One clean {colour} from edge to edge",
    "Striped": "Even stripes in {colour}",
    "Checked": "A woven check in {colour}",
    "Dotted": "Small round dots on {colour}",
    "Floral": "A scattering of flowers on {colour}",
    "Printed": "A screen print on {colour}",
    "Animal": "An animal print in shades of {colour}",
    "Washed": "A soft wash that lets the {colour} fade a little",
    "Melange": "Flecked {colour} yarn",
    "Camouflage": "A camouflage print around {colour}",
    "Tie-Dye": "Dyed by hand in swirls of {colour}",
}
_FEEL = {
    "Cotton": "soft, breathable cotton",
    "Flannel": "brushed cotton flannel",
    "Linen": "cool washed linen",
    "Viscose": "flowing viscose",
    "Satin": "smooth satin with a gentle sheen",
    "Silk": "pure printed silk",
    "Wool": "warm, springy wool",
    "Merino": "fine merino wool",
    "Denim": "sturdy cotton denim",
    "Leather": "supple full-grain leather",
    "Patent Leather": "glossy patent leather",
    "Suede": "velvety suede",
    "Canvas": "hard-wearing cotton canvas",
    "Mesh": "light, airy mesh",
    "Nylon": "light water-repellent nylon",
    "Polyester": "quick-drying polyester",
    "Rubber": "flexible rubber",
    "Elastane": "stretchy jersey that keeps its shape",
    "Straw": "braided straw",
    "Acetate": "polished acetate",
    "Glass": "hand-cut glass",
    "Brass": "plated brass",
    "Steel": "brushed stainless steel",
}
_OCCASIONS = {
    "Clothing": (
        "for long weekends",
        "for the office and after",
        "for every day",
        "for evenings out",
        "for travelling light",
    ),
    "Shoes": ("for city pavements", "for days on your feet", "for weekends", "for every day"),
    "Bags": (
        "with room for the essentials",
        "for work and weekends",
        "with a lined inside pocket",
        "for travelling light",
    ),
    "Accessories": ("to finish an outfit", "as a present", "for every day", "for the season"),
}
_SIZES: dict[str, tuple[str, ...]] = {
    "letters": ("XS", "S", "M", "L", "XL"),
    "waist": ("28", "30", "32", "34", "36"),
    "shoes": ("37", "38", "39", "40", "41", "42", "43"),
    "": ("One size",),
}


def brand(article: Article) -> str:
    """The maker; a maker has several lines."""
    return article.dice("brand").choice(BRANDS)


def title(article: Article) -> str:
    """Maker, wearer, color, pattern, cut and kind."""
    pattern = _PATTERN_WORDS.get(article.pattern, article.pattern)
    whose = {"Men": "Men's", "Women": "Women's"}.get(article.gender, "")
    cut = article.cut.words
    material = (
        article.cloth.material if article.cloth.material not in {"Cotton", *article.line.noun.split()} else ""
    )
    words = (brand(article), whose, article.colour, pattern, material, cut, article.line.noun)
    return " ".join(word for word in words if word)


def description(article: Article) -> str:
    """Two sentences on the material, the look and the use."""
    dice = article.dice("words")
    feel = _FEEL[article.cloth.material]
    noun, cut = article.line.noun.lower(), article.cut.words.lower()
    look = _PATTERN_SENTENCES.get(article.pattern, "A {pattern} pattern in {colour}")
    look = look.format(colour=article.colour.lower(), pattern=article.pattern.lower())
    pair = "" if noun.endswith("s") and noun not in {"dress"} else ("an " if cut[0] in "aeiou" else "a ")
    made = dice.choice(_OCCASIONS[article.line.category])
    return f"{(pair + cut).capitalize()} {noun} in {feel}, made {made}. {look}."


def price(article: Article) -> float:
    """The price of all colors of a design, in euros."""
    low, high = article.line.prices
    whole = article.dice("price").uniform(low, high)
    return round(whole) - 0.05 if whole < 60 else float(round(whole / 5) * 5)


def stock(article: Article) -> int:
    """Pieces in stock; some colors are sold out."""
    dice = article.dice(f"stock {article.colour}")
    return 0 if dice.random() < 0.08 else dice.randint(1, 60)


def sizes(article: Article) -> tuple[str, ...]:
    """The sizes in stock."""
    every = _SIZES[article.line.sizes]
    if len(every) == 1:
        return every
    dice = article.dice(f"sizes {article.colour}")
    return tuple(size for size in every if dice.random() > 0.15) or every[:1]


def sku(article: Article) -> str:
    """The code on the label."""
    colour = article.colour.upper().replace(" ", "")
    kind = "".join(letter for letter in article.line.noun.upper() if letter.isalpha())[:6]
    return f"{brand(article)[:3].upper()}-{kind}{article.design + 1:02}-{colour}"


def season(article: Article) -> str:
    """When it is worn most."""
    return article.dice("season").choice(article.line.seasons)
