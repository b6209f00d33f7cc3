"""What the labels of different data sets mean to each other, and what shoppers call them."""

from __future__ import annotations

import random

# A home photo's label says which article types it may be; the network decides among them.
HOME_TO_TYPES: dict[str, tuple[str, ...]] = {
    "T-Shirt": ("Tshirts",),
    "Polo": ("Tshirts",),
    "Longsleeve": ("Tshirts", "Sweatshirts", "Sweaters"),
    "Pants": ("Trousers", "Jeans", "Track Pants", "Leggings", "Lounge Pants", "Tights", "Capris"),
    "Shoes": (
        "Casual Shoes",
        "Sports Shoes",
        "Formal Shoes",
        "Heels",
        "Flats",
        "Sandals",
        "Sports Sandals",
    ),
    "Shirt": ("Shirts",),
    "Outwear": ("Jackets",),
    "Dress": ("Dresses",),
    "Shorts": ("Shorts", "Lounge Shorts"),
    "Hat": ("Caps", "Hat"),
    "Skirt": ("Skirts",),
    "Blazer": ("Blazers", "Jackets"),
    "Undershirt": ("Innerwear Vests",),
    "Hoodie": ("Sweatshirts",),
    "Top": ("Tops",),
    "Blouse": ("Tops", "Tunics"),
}

TYPE_WORDS: dict[str, tuple[str, ...]] = {
    "Tshirts": ("t-shirt", "tshirt", "tee", "t shirt", "tee shirt", "polo shirt"),
    "Shirts": ("shirt", "button-down shirt", "dress shirt", "button up"),
    "Casual Shoes": ("casual shoe", "sneakers", "sneaker", "canvas shoes", "loafers", "shoes"),
    "Sports Shoes": ("sports shoe", "running shoes", "trainers", "sport shoes", "gym shoes"),
    "Formal Shoes": ("formal shoe", "dress shoes", "oxfords", "leather shoes", "brogues"),
    "Kurtas": ("kurta", "ethnic shirt"),
    "Tops": ("top", "blouse"),
    "Watches": ("watch", "wrist watch", "wristwatch", "timepiece"),
    "Handbags": ("handbag", "bag", "purse", "tote", "shoulder bag", "hand bag"),
    "Heels": ("heel", "high heels", "pumps", "stilettos", "wedges", "heeled shoes"),
    "Sunglasses": ("sunglass", "shades", "eyewear", "sun glasses"),
    "Sweaters": ("sweater", "jumper", "pullover", "knitwear", "cardigan"),
    "Sandals": ("sandal",),
    "Wallets": ("wallet", "billfold", "card holder"),
    "Belts": ("belt", "leather belt"),
    "Flip Flops": ("flip flop", "flip-flops", "slippers", "thongs", "beach slippers"),
    "Sweatshirts": ("sweatshirt", "hoodie", "hoody", "hooded sweatshirt"),
    "Trousers": ("trouser", "pants", "chinos", "slacks"),
    "Socks": ("sock", "pair of socks"),
    "Jeans": ("jean", "denim pants", "denims"),
    "Jackets": ("jacket", "coat", "windcheater", "outerwear", "parka"),
    "Flats": ("flat shoes", "ballerinas", "ballet flats", "flat"),
    "Backpacks": ("backpack", "rucksack", "school bag", "knapsack"),
    "Briefs": ("brief", "underwear", "underpants"),
    "Shorts": ("short pants", "bermuda", "bermudas"),
    "Innerwear Vests": ("innerwear vest", "undershirt", "vest", "tank top"),
    "Caps": ("cap", "hat", "baseball cap", "beanie"),
    "Ties": ("tie", "necktie"),
    "Track Pants": ("track pant", "joggers", "sweatpants", "jogging pants"),
    "Kurtis": ("kurti",),
    "Clutches": ("clutch", "evening bag"),
    "Mufflers": ("muffler", "winter scarf"),
    "Dresses": ("dress", "gown", "sundress", "frock"),
    "Skirts": ("skirt", "mini skirt"),
    "Trunk": ("trunks", "boxer briefs"),
    "Scarves": ("scarf", "shawl"),
    "Tunics": ("tunic",),
    "Perfume and Body Mist": ("perfume", "fragrance", "eau de toilette"),
    "Leggings": ("legging",),
    "Capris": ("capri",),
    "Laptop Bag": ("laptop bag", "computer bag"),
    "Duffel Bag": ("duffel", "gym bag", "travel bag"),
    "Gloves": ("glove",),
    "Bra": ("bras", "brassiere"),
    "Umbrellas": ("umbrella",),
}

COLOUR_WORDS: dict[str, tuple[str, ...]] = {
    "Black": ("jet black",),
    "Blue": ("royal blue", "light blue", "sky blue"),
    "Navy Blue": ("navy", "dark blue", "midnight blue"),
    "Grey": ("gray", "dark grey", "light grey", "ash"),
    "Red": ("scarlet", "crimson", "bright red"),
    "Maroon": ("burgundy", "wine red", "dark red", "bordeaux"),
    "Green": ("dark green", "light green", "emerald"),
    "Olive": ("olive green", "military green"),
    "Purple": ("violet", "plum"),
    "Pink": ("rose", "fuchsia", "hot pink"),
    "Beige": ("sand", "ecru"),
    "Brown": ("dark brown", "chocolate", "chestnut"),
    "Tan": ("camel", "cognac"),
    "Yellow": ("lemon", "bright yellow"),
    "Orange": ("tangerine",),
    "Cream": ("ivory",),
    "Off White": ("off-white",),
    "Multi": ("multicoloured", "multicolor", "colourful", "multi-coloured"),
    "Gold": ("golden",),
    "Silver": ("silvery",),
    "Charcoal": ("anthracite",),
}

GENDER_WORDS: dict[str, tuple[str, ...]] = {
    "Men": ("men", "mens", "men's", "male", "for men", "man"),
    "Women": ("women", "womens", "women's", "ladies", "female", "for women", "woman"),
    "Unisex": ("unisex",),
    "Girls": ("girls", "girl's", "for girls"),
    "Boys": ("boys", "boy's", "for boys"),
}

# Titles say what labels leave out: the pattern of the cloth.
PATTERN_WORDS: dict[str, tuple[str, ...]] = {
    "Striped": ("striped", "stripes", "stripe", "stripy"),
    "Checked": ("checked", "check", "checks", "checkered", "plaid", "tartan"),
    "Printed": ("printed", "print", "graphic", "graphics"),
    "Solid": ("solid", "plain"),
    "Floral": ("floral", "flower", "flowers"),
}


def pattern_in(title: str) -> str:
    """Return the pattern that a title names, or nothing."""
    spoken = set(title.casefold().split())
    return next((name for name, ways in PATTERN_WORDS.items() if spoken.intersection(ways)), "")


def names_of(value: str, known: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the ways in which a shopper may write a label, the label itself first."""
    return (value.lower(), *known.get(value, ()))


def home_labels_of(article_type: str) -> tuple[str, ...]:
    """Return the home photo labels under which an article type may be filed."""
    return tuple(label for label, types in HOME_TO_TYPES.items() if article_type in types)


_MENTIONS = (
    (("colour", "type"), 0.4),
    (("type",), 0.14),
    (("colour",), 0.08),
    (("gender", "type"), 0.08),
    (("gender", "colour", "type"), 0.1),
    (("pattern", "type"), 0.05),
    (("colour", "pattern", "type"), 0.1),
    (("category",), 0.03),
    (("department",), 0.02),
)
_KNOWN = {
    "type": TYPE_WORDS,
    "colour": COLOUR_WORDS,
    "gender": GENDER_WORDS,
    "pattern": PATTERN_WORDS,
    "category": {},
    "department": {},
}
SAYABLE = tuple(_KNOWN)


def phrase(labels: dict[str, str], dice: random.Random) -> tuple[str, dict[str, str]]:
    """Say some of a product's labels in words, and which ones were said."""
    mentions = dice.choices([m for m, _ in _MENTIONS], [w for _, w in _MENTIONS])[0]
    said = {name: labels[name] for name in mentions if name in labels}
    spoken: list[str] = []
    for name, value in said.items():
        ways = names_of(value, _KNOWN[name])
        spoken.append(ways[0] if dice.random() < 0.5 else dice.choice(ways))
    if dice.random() < 0.25:
        dice.shuffle(spoken)
    return " ".join(spoken), said
