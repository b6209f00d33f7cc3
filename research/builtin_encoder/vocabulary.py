"""The words that shoppers use for goods of every kind."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from pathlib import Path

from research.builtin_encoder.dataset import Example
from research.builtin_encoder.labels import COLOUR_WORDS, TYPE_WORDS

# What shops call their departments and shelves, in the words of no particular shop.
_SHELVES = Path(__file__).with_name("shelves.txt")
MATERIALS = (
    "wooden",
    "metal",
    "glass",
    "leather",
    "plastic",
    "ceramic",
    "cotton",
    "steel",
    "marble",
    "velvet",
)
QUALITIES = (
    "small",
    "large",
    "modern",
    "vintage",
    "cheap",
    "new",
    "round",
    "fresh",
    "ripe",
    "organic",
    "kids",
    "portable",
    "big",
    "electric",
    "folding",
    "frozen",
    "outdoor",
    "sliced",
    "soft",
    "sweet",
)
_LONGEST = 60
# How many names are taught with an adjective, and with a color.
_DESCRIBED, _COLOURED = 12_000, 5_000


def shelf_words() -> list[str]:
    """Return the names of shelves and departments."""
    return _lines(_SHELVES)


def imagenet_names(folder: Path) -> list[tuple[str, ...]]:
    """Return the names of the thousand classes, in the order of the classifier."""
    lemmas = dict(line.split("\t") for line in _lines(folder / "imagenet_synset_to_lemma.txt"))
    return [tuple(lemmas[synset].split(", ")) for synset in _lines(folder / "imagenet_synsets.txt")]


def nouns(folder: Path) -> list[str]:
    """Return the names of the 21,841 kinds of things of the whole ImageNet."""
    found = (line.split("\t")[1].split(", ") for line in _lines(folder / "imagenet_synset_to_lemma.txt"))
    return [name for names in found for name in names[:2]]


def shoppers_words(examples: list[Example], folder: Path) -> list[str]:
    """Return the names that shoppers search by: shelves, kinds of things, groceries, clothes."""
    shelves = shelf_words()
    texts = [name for names in imagenet_names(folder) for name in names]
    texts += [_plural(text) for text in texts[::2]]
    texts += shelves + [_plural(word) for word in shelves]
    texts += [kind.lower() for kind in TYPE_WORDS] + [way for ways in TYPE_WORDS.values() for way in ways]
    texts += [e.labels["object"].replace("_", " ") for e in examples if "object" in e.labels]
    for example in examples:
        if example.source in ("grocery", "goods") and example.split == "train":
            family = example.labels.get("family", "").replace("-", " ")
            texts += [example.title, example.labels.get("product", ""), family]
    return texts


def vocabulary(examples: list[Example], folder: Path, judged: Path, seed: int = 0) -> list[str]:
    """Return every text that the text tower is taught, each once, in an order that is the same everywhere."""
    dice = random.Random(seed)
    texts = shoppers_words(examples, folder)
    plain = [*texts]
    texts += [f"{dice.choice((*MATERIALS, *QUALITIES))} {dice.choice(plain)}" for _ in range(_DESCRIBED)]
    texts += [f"{dice.choice(list(COLOUR_WORDS)).lower()} {dice.choice(plain)}" for _ in range(_COLOURED)]
    texts += list(_bought(judged))
    texts += nouns(folder)
    return [text for text in dict.fromkeys(texts) if 1 < len(text) <= _LONGEST]


def _bought(judged: Path) -> Iterator[str]:
    items = judged / "online_retail" / "items.csv"
    if items.exists():
        with items.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                yield row["title"].lower()


def _plural(word: str) -> str:
    if word.endswith(("s", "x", "ch", "sh")):
        return word + "es"
    return word[:-1] + "ies" if word.endswith("y") and word[-2:-1] not in "aeiou" else word + "s"


def _lines(file: Path) -> list[str]:
    return file.read_text("utf-8").splitlines()
