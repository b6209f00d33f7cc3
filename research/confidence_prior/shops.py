"""Shops built from the collections, and queries of which it is known what they should find."""

from __future__ import annotations

import random
import shutil
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lookalike import Hit, Shop
from lookalike.analysis.evaluate.out_of_domain_words import STRANGERS
from lookalike.encoders.text.hashing import words
from lookalike.errors import LookalikeError
from lookalike.media.images import read_image
from lookalike.types import Query, Vector
from research.builtin_encoder.labels import TYPE_WORDS
from research.confidence_prior.collections import Half, Item, read

MOST_PRODUCTS = 360
MOST_PHOTOS = 120
MOST_WORDS = 120
LONG_KIND = 6
STRANGERS_OF_EACH = 60
SHOPS = ("fashion", "grocery", "goods", "objects", "drawn")
APPAREL = ("fashion", "drawn", "clothing", "goods")
# What people call the clothes they photograph, and what shops call them.
WORN = {
    "T-Shirt": ("Tshirts", "T-Shirts", "Polo Shirts"),
    "Longsleeve": ("Tshirts", "T-Shirts", "Sweatshirts", "Sweaters"),
    "Polo": ("Tshirts", "T-Shirts", "Polo Shirts"),
    "Shirt": ("Shirts",),
    "Blouse": ("Tops", "Shirts"),
    "Top": ("Tops",),
    "Undershirt": ("Innerwear Vests", "Tops"),
    "Dress": ("Dresses",),
    "Skirt": ("Skirts",),
    "Pants": ("Trousers", "Jeans", "Track Pants", "Leggings"),
    "Shorts": ("Shorts",),
    "Outwear": ("Jackets", "Blazers", "Coats"),
    "Blazer": ("Blazers", "Jackets", "Coats"),
    "Hoodie": ("Sweatshirts", "Sweaters"),
    "Hat": ("Caps", "Hats", "Beanies"),
    "Shoes": (
        "Casual Shoes",
        "Sports Shoes",
        "Formal Shoes",
        "Flats",
        "Sneakers",
        "Boots",
        "Heels",
        "Sandals",
    ),
}

# What shoppers call kinds of things for which these collections use another word.
NEAR_SYNONYMS = {
    **TYPE_WORDS,
    "Backpack": ("rucksack", "knapsack"),
    "Boot": ("wellingtons", "footwear"),
    "Cap": ("headwear",),
    "Coat": ("parka", "overcoat", "outerwear"),
    "Dress": ("gown", "frock", "sundress"),
    "Handbag": ("purse",),
    "Hat": ("headwear", "headgear"),
    "Hoodie": ("sweatshirt",),
    "Jacket": ("windcheater", "outerwear", "anorak"),
    "Necklace": ("pendant", "jewellery"),
    "Ring": ("jewellery",),
    "Scarf": ("shawl", "muffler"),
    "Shoes": ("footwear",),
    "Sneaker": ("trainers", "gym shoes", "footwear"),
    "Sunglasses": ("shades", "eyewear"),
    "Sweater": ("jumper", "knitwear"),
    "T-shirt": ("tee",),
    "Trousers": ("pants", "slacks", "chinos"),
    "Watch": ("timepiece", "wristwatch"),
    "airplanes": ("aeroplane", "jet"),
    "car side": ("automobile", "sedan"),
    "cellphone": ("mobile phone", "smartphone"),
    "chair": ("armchair", "seat"),
    "cougar body": ("puma", "mountain lion"),
    "crayfish": ("crawfish", "lobster"),
    "cup": ("mug", "teacup"),
    "ewer": ("jug", "pitcher"),
    "grand piano": ("pianoforte", "keyboard instrument"),
    "headphone": ("earphones", "headset"),
    "joshua tree": ("yucca", "desert plant"),
    "ketch": ("sailboat", "yacht"),
    "laptop": ("notebook computer", "portable computer"),
    "motorbikes": ("motorcycle", "moped"),
    "revolver": ("pistol", "handgun"),
    "rooster": ("cockerel", "hen"),
    "schooner": ("sailing ship", "yacht"),
    "scissors": ("shears",),
    "soccer ball": ("football",),
    "umbrella": ("parasol",),
    "watch": ("timepiece", "wristwatch"),
    "wrench": ("spanner",),
    "Mushroom": ("champignon", "fungi"),
    "Pepper": ("capsicum", "paprika"),
    "Red-Beet": ("beetroot", "beets"),
    "Satsumas": ("mandarin", "clementine", "tangerine"),
    "Zucchini": ("courgette", "squash"),
    "beauty": ("cosmetics", "makeup"),
    "bras & tanks": ("underwear",),
    "diy tools": ("hand tools",),
    "electronics": ("gadgets",),
    "fitness equipment": ("gym gear", "workout gear"),
    "footwear": ("shoes",),
    "gardening": ("backyard",),
    "hoodies & sweatshirts": ("pullovers", "jumpers"),
    "housewares": ("household items",),
    "jackets": ("coats", "outerwear"),
    "jewelry": ("necklace", "trinkets"),
    "pants": ("trousers", "slacks"),
    "sink": ("washbasin",),
    "watches": ("timepieces",),
}


@dataclass(frozen=True, slots=True)
class Trial:
    """A query, whether the shop has what it asks for, and which of its products are right."""

    sort: str
    query: Query
    sold: bool
    right: Callable[[Hit], bool]
    group: str


@dataclass(frozen=True, slots=True)
class BuiltShop:
    """A shop and its trials."""

    name: str
    shop: Shop
    trials: tuple[Trial, ...]


class Builder:
    """Builds the shops of one half; vectors of photos are kept in a folder between runs."""

    def __init__(self, data: Path, work: Path, half: Half) -> None:
        self._work, self._half = work, half
        self._items = {name: self._of_half(data, name) for name in (*SHOPS, "clothing")}
        self._rows: dict[str, Vector] = {}

    def _of_half(self, data: Path, name: str) -> list[Item]:
        items = [item for item in read(data, name) if item.half == self._half]
        random.Random(f"{name} {self._half}").shuffle(items)
        return items[: MOST_PRODUCTS + MOST_PHOTOS]

    def items(self, name: str) -> list[Item]:
        """The items of a collection in this half."""
        return self._items[name]

    def asked(self, name: str) -> list[Item]:
        """The items whose photos are queries: none of them is a product."""
        items = self._items[name]
        return items if name == "clothing" else items[: min(MOST_PHOTOS, len(items) // 4)]

    def sold(self, name: str) -> list[Item]:
        """The items that are products."""
        return self._items[name][len(self.asked(name)) :]

    def build(self, name: str, products: int = MOST_PRODUCTS) -> BuiltShop:
        """A shop of at most so many products, with its trials."""
        place = self._work / f"{name}-{self._half}-{products}.db"
        sold = self.sold(name)[:products]
        largest = self._work / f"{name}-{self._half}-{MOST_PRODUCTS}.db"
        if products < MOST_PRODUCTS and not place.is_file():
            # The vectors are there already.
            shutil.copy(largest, place)
        shop = Shop.open(place)
        shop.catalog.remove(sorted(set(shop.catalog.database.ids()) - {item.id for item in sold}))
        shop.catalog.add(item.product() for item in sold)
        photos = [*self._photos(name, sold, shop), *self._strange_photos(name, shop)]
        texts = [*self._texts(sold), *self._strange_texts(name, sold)]
        return BuiltShop(f"{name} {products}", shop, (*photos, *texts, *self._changes(sold, shop, name)))

    def rows(self, shop: Shop, items: Sequence[Item]) -> list[tuple[Item, Vector]]:
        """Vectors of photos."""
        file = self._work / f"rows-{self._half}.npz"
        if not self._rows and file.is_file():
            with np.load(file) as kept:
                self._rows = {key: kept[key] for key in kept.files}
        lacking = [item for item in items if f"{item.collection}/{item.id}" not in self._rows]
        for start in range(0, len(lacking), 64):
            piece: list[Item] = []
            pictures = []
            for item in lacking[start : start + 64]:
                try:
                    pictures.append(read_image(item.photo, 640))
                except LookalikeError:
                    continue
                piece.append(item)
            rows = shop.catalog.pipeline.encode_images(pictures)
            assert rows is not None
            for item, row in zip(piece, rows, strict=True):
                self._rows[f"{item.collection}/{item.id}"] = row
        if lacking:
            np.savez(file, **self._rows)
        known = [(item, self._rows.get(f"{item.collection}/{item.id}")) for item in items]
        return [(item, row) for item, row in known if row is not None]

    def _photos(self, name: str, sold: Sequence[Item], shop: Shop) -> list[Trial]:
        kinds = {item.kind for item in sold}
        found: list[Trial] = []
        for item, row in self.rows(shop, self.asked(name)):
            if item.kind in kinds:
                found.append(Trial("photo", _photo(row), True, _is({item.kind}, sold), name))
        if name in ("fashion", "drawn"):
            for item, row in self.rows(shop, self.asked("clothing")[:MOST_PHOTOS]):
                if wanted := kinds & set(WORN.get(item.kind, ())):
                    found.append(Trial("photo", _photo(row), True, _is(wanted, sold), "clothing"))
        return found

    def _strange_photos(self, name: str, shop: Shop) -> list[Trial]:
        found: list[Trial] = []
        for other in self._others(name):
            for _, row in self.rows(shop, self.asked(other)[:STRANGERS_OF_EACH]):
                found.append(Trial("photo", _photo(row), False, _never, f"{other} is strange"))
        return found

    def _texts(self, sold: Sequence[Item]) -> list[Trial]:
        found: dict[str, Trial] = {}
        for item in sold:
            found.setdefault(
                item.kind.lower(), Trial("text", _text(item.kind), True, _is({item.kind}, sold), "kind")
            )
            if item.colour:
                text = f"{item.colour} {item.kind}"
                right = _is({item.kind}, sold, item.colour)
                found.setdefault(text.lower(), Trial("text", _text(text), True, right, "colour and kind"))
        titles = {item.title: item for item in sold if item.title}
        for title, item in titles.items():
            short = " ".join(title.split()[-3:])
            # A title that names a color asks for it.
            for text, group in ((title, "title"), (short, "title end")):
                colour = item.colour if item.colour and item.colour.lower() in text.lower() else ""
                right = _is({item.kind}, sold, colour)
                found.setdefault(text.lower(), Trial("text", _text(text), True, right, group))
        said = {word for item in sold for value in _said(item) for word in words(value)}
        for kind in sorted({item.kind for item in sold}):
            for text in NEAR_SYNONYMS.get(kind) or NEAR_SYNONYMS.get(kind.removesuffix("s"), ()):
                if half_of(text) == self._half and not _says(said, text):
                    trial = Trial("text", _text(text), True, _is({kind}, sold), "near synonym")
                    found.setdefault(text, trial)
            # Measured, not fitted: what misspellings are worth is not the prior's to say.
            if self._half == "measure" and len(kind) >= LONG_KIND and kind.isalpha():
                text = f"{kind[: len(kind) // 2]}{kind[len(kind) // 2 + 1 :]}".lower()
                found.setdefault(text, Trial("text", _text(text), True, _is({kind}, sold), "misspelt"))
        chosen = sorted(found, key=lambda text: zlib.crc32(text.encode()))
        kinds = [text for text in chosen if found[text].group == "kind"][: MOST_WORDS // 3]
        kinds += [text for text in chosen if found[text].group == "near synonym"][: MOST_WORDS // 4]
        kinds += [text for text in chosen if found[text].group == "misspelt"][: MOST_WORDS // 8]
        return [found[text] for text in dict.fromkeys((*kinds, *chosen[:MOST_WORDS]))]

    def _strange_texts(self, name: str, sold: Sequence[Item]) -> list[Trial]:
        said = {word for item in sold for value in _said(item) for word in words(value)}
        found: list[Trial] = []
        wanted = [word for word in STRANGERS if half_of(word) == self._half]
        for other in self._others(name):
            if other != "clothing":
                wanted += sorted({value for item in self.items(other) for value in (item.kind, item.title)})[
                    :60
                ]
        for text in dict.fromkeys(wanted):
            if words(text) and not _says(said, text):
                found.append(Trial("text", _text(text), False, _never, "strange words"))
        return found[:MOST_WORDS]

    def _changes(self, sold: Sequence[Item], shop: Shop, name: str) -> list[Trial]:
        colours = sorted({item.colour for item in sold if item.colour})
        if not colours:
            return []
        have = {(item.kind, item.colour) for item in sold}
        found: list[Trial] = []
        dice = random.Random(name)
        for item, row in self.rows(shop, self.asked(name)):
            for colour in dice.sample(colours, min(4, len(colours))):
                sold_so = (item.kind, colour) in have
                query = Query(vector=row, text=f"but {colour}", k=10)
                found.append(
                    Trial("both", query, sold_so, _is({item.kind}, sold, colour), "photo and colour")
                )
        return found[: 2 * MOST_PHOTOS]

    def _others(self, name: str) -> list[str]:
        if name in APPAREL:
            return ["grocery", "objects"]
        return [other for other in self._items if other != name]


def _photo(row: Vector) -> Query:
    return Query(vector=row, image_weight=1.0, k=10)


def _text(text: str) -> Query:
    return Query(text=text, k=10)


def _is(kinds: set[str], sold: Sequence[Item], colour: str = "") -> Callable[[Hit], bool]:
    right = {item.id for item in sold if item.kind in kinds and (not colour or item.colour == colour)}
    return lambda hit: hit.id in right


def _never(hit: Hit) -> bool:
    return False


def _said(item: Item) -> tuple[str, ...]:
    return (item.title, item.kind, *(value for _, value in item.facets))


def _says(said: set[str], text: str) -> bool:
    """Whether any word of a text is like one that a shop's products carry."""
    return any(_alike(word, each) for word in words(text) for each in said)


def _alike(one: str, other: str) -> bool:
    shorter = min(len(one), len(other))
    return one == other or (shorter > 3 and one[:4] == other[:4])


def half_of(word: str) -> Half:
    return "fit" if zlib.crc32(word.encode()) % 2 else "measure"
