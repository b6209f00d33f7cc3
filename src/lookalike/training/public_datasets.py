"""Training examples from folders of public data sets, split by group."""

from __future__ import annotations

import csv
import zlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from lookalike.training.labels import pattern_in

# Photos of one very busy sender would make a held-out set that knows only that sender.
_BUSY_SENDER = 160

ATTRIBUTES = {
    "type": "articleType",
    "colour": "baseColour",
    "gender": "gender",
    "usage": "usage",
    "season": "season",
    "category": "subCategory",
}


@dataclass(frozen=True)
class Example:
    """One picture, one title, or both, with what is known of it."""

    kind: str
    group: str
    split: str
    picture: Path | None = None
    title: str = ""
    labels: dict[str, str] = field(default_factory=dict)


def read_folder(data: Path, *, everything: bool = False) -> list[Example]:
    """Read fashion/, clothing/ and objects/ where they exist; everything trains on the held-out too."""
    found = [*_fashion(data / "fashion"), *_clothing(data / "clothing"), *_objects(data / "objects")]
    if everything:
        return [Example(e.kind, e.group, "train", e.picture, e.title, e.labels) for e in found]
    return found


def place_of(group: str) -> float:
    """Return the place of a group between 0 and 1, the same on every machine."""
    return zlib.crc32(group.encode()) / 2**32


def split_of(group: str, *, dev: float, test: float) -> str:
    """Say which part of the data a group belongs to, the same on every machine."""
    place = place_of(group)
    if place < test:
        return "test"
    return "dev" if place < test + dev else "train"


def _fashion(folder: Path) -> list[Example]:
    examples: list[Example] = []
    for name, pictured in (("styles.csv", True), ("styles_without_images.csv", False)):
        for row in _rows(folder / name):
            title = row["productDisplayName"].strip()
            group = title.casefold()
            picture = folder / "images" / f"{row['id']}.jpg" if pictured else None
            labels = {ours: row[theirs] for ours, theirs in ATTRIBUTES.items() if row[theirs]}
            if row["masterCategory"] == "Apparel" and (pattern := pattern_in(title)):
                labels["pattern"] = pattern
            split = split_of(group, dev=0.06, test=0.12)
            examples.append(Example("studio" if pictured else "text", group, split, picture, title, labels))
    return examples


def _clothing(folder: Path) -> list[Example]:
    rows = _rows(folder / "images.csv")
    sent = Counter(row["sender_id"] for row in rows)
    examples: list[Example] = []
    for row in rows:
        sender = row["sender_id"]
        busy = sent[sender] > _BUSY_SENDER
        split = "train" if busy else split_of(f"sender {sender}", dev=0.08, test=0.17)
        picture = folder / "images" / f"{row['image']}.jpg"
        examples.append(Example("home", sender, split, picture, "", {"home": row["label"]}))
    return examples


def _objects(folder: Path) -> list[Example]:
    return [
        Example("object", path.stem, "train", path, "", {"object": path.parent.name})
        for path in sorted(folder.glob("*/*.jpg"))
    ]


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
