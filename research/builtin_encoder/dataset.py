"""The public photos the encoder is trained on and measured with, split so that nothing is on both sides."""

from __future__ import annotations

import csv
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from research.builtin_encoder.labels import pattern_in

# Photos of one very busy sender would make a held-out set that knows only that sender.
BUSY_SENDER = 160
ATTRIBUTES = {
    "type": "articleType",
    "colour": "baseColour",
    "gender": "gender",
    "usage": "usage",
    "season": "season",
    "category": "subCategory",
    "department": "masterCategory",
}
FASHION = ("fashion", "fashion-more", "fashion-small")
# Goods of these labels are clothes.
GOODS_CLOTHES = frozenset(
    {"hoodies & sweatshirts", "jackets", "pants", "tees", "shorts", "bras & tanks", "tanks", "apparel"}
)
# Goods of these labels are not worn. Only the gate learns from them; other kinds are never trained on.
GOODS_NOT_WORN = frozenset(
    {
        "decor",
        "diy tools",
        "fitness equipment",
        "gardening",
        "home appliances",
        "kitchen accessories",
        "outdoors",
    }
)


@dataclass(frozen=True)
class Example:
    """One photo, one title, or both, with what is known of it.

    `group` is what must not be on both sides of a split: a title, a sender, a class. `split` is "train",
    "dev", "test", or "gate" for photos that only the gate learns from.
    """

    source: str
    name: str
    group: str
    split: str
    photo: Path | None = None
    title: str = ""
    labels: dict[str, str] = field(default_factory=dict)


def read_all(data: Path) -> list[Example]:
    """Read every set, in an order that is the same everywhere."""
    return [
        *_fashion(data),
        *_clothing(data / "clothing"),
        *_grocery(data / "grocery"),
        *_goods(data / "goods"),
        *_objects(data / "objects"),
    ]


def split_of(group: str, *, dev: float, test: float) -> str:
    """Say which part of the data a group belongs to, the same on every machine."""
    place = zlib.crc32(group.encode()) / 2**32
    if place < test:
        return "test"
    return "dev" if place < test + dev else "train"


def _fashion(data: Path) -> Iterator[Example]:
    for source in (*FASHION, "fashion-words"):
        folder = data / ("fashion" if source == "fashion-words" else source)
        table = "styles_without_images.csv" if source == "fashion-words" else "styles.csv"
        for row in _rows(folder / table):
            title = row["productDisplayName"].strip()
            group = title.casefold()
            labels = {ours: row[theirs] for ours, theirs in ATTRIBUTES.items() if row[theirs]}
            if row["masterCategory"] == "Apparel" and (pattern := pattern_in(title)):
                labels["pattern"] = pattern
            photo = None if source == "fashion-words" else folder / "images" / f"{row['id']}.jpg"
            split = split_of(group, dev=0.06, test=0.12)
            yield Example(source, row["id"], group, split, photo, title, labels)


def _clothing(folder: Path) -> Iterator[Example]:
    rows = _rows(folder / "images.csv")
    sent = Counter(row["sender_id"] for row in rows)
    for row in rows:
        sender = row["sender_id"]
        busy = sent[sender] > BUSY_SENDER
        split = "train" if busy else split_of(f"sender {sender}", dev=0.08, test=0.17)
        photo = folder / "images" / f"{row['image']}.jpg"
        yield Example("clothing", row["image"], sender, split, photo, "", {"home": row["label"]})


def _grocery(folder: Path) -> Iterator[Example]:
    for row in _rows(folder / "images.csv"):
        kind = row["fine_label"]
        labels = {
            "product": kind,
            "family": row["label"],
            "kind": row["kind"],
            "department": row["department"],
        }
        # A third of the products is never trained on: the figures are for groceries nobody has seen.
        split = split_of(f"grocery {kind}", dev=0.0, test=0.35)
        yield Example(
            "grocery", row["image"], kind, split, folder / "images" / row["image"], row["title"], labels
        )


def _goods(folder: Path) -> Iterator[Example]:
    for row in _rows(folder / "images.csv"):
        # One product has several photos that share the beginning of their name.
        group = row["image"].split("-")[0] if row["source"] == "magento-gear" else row["title"].casefold()
        split = "gate" if row["label"] in GOODS_NOT_WORN else "test"
        if row["label"] in GOODS_CLOTHES:
            split = split_of(f"goods {group}", dev=0.0, test=0.3)
        photo = folder / "images" / row["image"]
        yield Example("goods", row["image"], group, split, photo, row["title"], {"label": row["label"]})


def _objects(folder: Path) -> Iterator[Example]:
    for photo in sorted(folder.glob("*/*.jpg")):
        kind = photo.parent.name
        split = split_of(f"object {kind}", dev=0.0, test=0.25)
        yield Example("objects", f"{kind}/{photo.name}", kind, split, photo, "", {"object": kind})


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
