"""Collections of photos, kinds and words from which shops are built, each split into two halves.

The prior is fitted on the half "fit". `benchmarks/confidence.py` measures on the half "measure".
Kinds of objects and groceries are split by kind, products by id and phone photos by the person who took them,
so that nothing that is measured was seen before.
"""

from __future__ import annotations

import csv
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lookalike.types import Photo, Product

Half = Literal["fit", "measure"]
NAMES = ("fashion", "grocery", "goods", "objects", "drawn", "clothing")


@dataclass(frozen=True, slots=True)
class Item:
    """A photo and what it shows; `unit` is what the split keeps together."""

    collection: str
    id: str
    photo: Path | bytes
    kind: str
    title: str
    colour: str
    unit: str
    facets: tuple[tuple[str, str], ...] = ()

    @property
    def half(self) -> Half:
        """Which half the item belongs to."""
        return "fit" if zlib.crc32(f"{self.collection}/{self.unit}".encode()) % 2 else "measure"

    def product(self) -> Product:
        """The item as a product of a shop."""
        photo = Photo(data=self.photo) if isinstance(self.photo, bytes) else Photo(source=str(self.photo))
        return Product(id=self.id, title=self.title, facets=dict(self.facets), photos=(photo,))


def read(data: Path, name: str) -> list[Item]:
    """All items of one collection."""
    return list({"fashion": _fashion, "drawn": _drawn, "objects": _objects}.get(name, _listed)(data, name))


def _fashion(data: Path, name: str) -> Iterator[Item]:
    for folder in ("fashion", "fashion-more"):
        for row in _rows(data / folder / "styles.csv"):
            photo = data / folder / "images" / f"{row['id']}.jpg"
            if photo.is_file():
                kept = ("gender", "masterCategory", "subCategory", "articleType", "baseColour")
                facets = tuple((key, row[key]) for key in kept if row[key])
                yield Item(
                    name, row["id"], photo, row["articleType"], row["productDisplayName"],
                    row["baseColour"], row["id"], facets,
                )  # fmt: skip


def _listed(data: Path, name: str) -> Iterator[Item]:
    for row in _rows(data / name / "images.csv"):
        file = row["image"] if "." in row["image"] else f"{row['image']}.jpg"
        unit = row.get("sender_id") or row.get("fine_label") or row["title"]
        facets = (("category", row["label"]),)
        title = row.get("title", "")
        yield Item(
            name, Path(file).stem, data / name / "images" / file, row["label"], title, "", unit, facets
        )


def _objects(data: Path, name: str) -> Iterator[Item]:
    for folder in sorted((data / name).iterdir()):
        kind = folder.name.replace("_", " ").lower()
        if folder.is_dir() and not folder.name.startswith("BACKGROUND"):
            for photo in sorted(folder.glob("*.jpg")):
                yield Item(
                    name, f"{folder.name}-{photo.stem}", photo, kind, kind.capitalize(), "", kind,
                    (("category", kind),),
                )  # fmt: skip


def _drawn(data: Path, name: str) -> Iterator[Item]:
    from lookalike_sample_shop import offer
    from lookalike_sample_shop.assortment import articles

    # Drawing takes most of a second for each; a third of the shop has every kind in it.
    for article in articles()[::3]:
        product = offer(article)
        facets = tuple((key, str(product.facets[key])) for key in ("department", "type", "colour", "gender"))
        photo = product.photos[0].data
        assert photo is not None
        yield Item(
            name, product.id, photo, str(product.facets["type"]), product.title,
            str(product.facets["colour"]), product.group, facets,
        )  # fmt: skip


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
