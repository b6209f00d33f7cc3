"""A shop's own products as training examples, with labels from facets and a held-out part."""

from __future__ import annotations

import logging
import zlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from lookalike.errors import LookalikeError, UsageError
from lookalike.media.images import StoredPhoto, read_image
from lookalike.types import FacetValue, Product

log = logging.getLogger(__name__)

FEWEST_PRODUCTS = 200
MOST_PRODUCTS = 20_000
_HELD_OUT, _MOST_HELD_OUT = 0.12, 0.25
_HELD_OUT_PRODUCTS = 300
_CHOOSING = 0.08
_MOST_VALUES = 300

# Facet names for the three blocks of the vector.
_MEANINGS = {
    "type": ("articletype", "producttype", "googleproductcategory", "type", "category", "kind"),
    "colour": ("basecolour", "basecolor", "colour", "color"),
    "gender": ("gender", "sex"),
}


class ProductSource(Protocol):
    """The part of a catalog that training reads."""

    def all_products(self) -> Iterator[Product]: ...
    def photo(self, photo_id: str) -> StoredPhoto: ...


@dataclass(frozen=True)
class Example:
    """A product with its labels from facets."""

    group: str
    title: str
    labels: dict[str, str]


@dataclass(frozen=True)
class Stock:
    """Examples of a shop with their photos: training examples first, then the held-out ones.

    The first training examples are trained on; the others select the best weights.
    """

    learning: list[Example]
    trained: int
    held: list[Example]
    photos: list[str]
    facets: tuple[str, ...]
    without_photo: int


def read_stock(catalog: ProductSource, side: int) -> Stock:
    """Read the training set of a catalog.

    Raises UsageError if its products are not enough to train on.
    """
    products = list(catalog.all_products())
    pictured = [p for p in products if p.photos]
    if len(pictured) < FEWEST_PRODUCTS:
        raise UsageError(
            f"Adapting needs at least {FEWEST_PRODUCTS} products with photos, got {len(pictured)}. "
            "The catalog keeps its encoder."
        )
    # A sample of a large shop is enough for the training time.
    pictured.sort(key=lambda p: zlib.crc32(p.id.encode()))
    pictured = pictured[:MOST_PRODUCTS]
    facets = _informative_facets(pictured)
    titled = len({p.title.casefold() for p in pictured if p.title.strip()})
    if not facets and titled < FEWEST_PRODUCTS:
        raise UsageError(
            "Nothing to learn from: no facet distinguishes these products (each has one value, or "
            f"one for every product), and fewer than {FEWEST_PRODUCTS} have a title of their own. "
            "The catalog keeps its encoder."
        )
    if not facets:
        log.info("No facet distinguishes these products: learning from titles only.")
        pictured = [p for p in pictured if p.title.strip()]
    meaning = {name: _meaning(name, facets) for name in facets}
    # A small shop needs a larger held-out share to show a significant gain.
    held_out = min(_MOST_HELD_OUT, max(_HELD_OUT, _HELD_OUT_PRODUCTS / len(pictured)))
    splits = _splits({_group(product) for product in pictured}, held_out)
    parts: dict[str, list[tuple[Example, str]]] = {"train": [], "dev": [], "test": []}
    for product in pictured:
        photo = _readable(catalog, product, side)
        if photo is None:
            continue
        group = _group(product)
        labels = {meaning[name]: said for name in facets if (said := _said(product.facets.get(name)))}
        parts[splits[group]].append((Example(group, product.title, labels), photo))
    trained, choosing, held = parts["train"], parts["dev"], parts["test"]
    kept = [*trained, *choosing, *held]
    readable = len(kept)
    if readable < FEWEST_PRODUCTS or len(held) < FEWEST_PRODUCTS // 20 or not trained or not choosing:
        raise UsageError(
            f"Only {readable} products have a readable photo, in too few groups to hold some out. "
            "The catalog keeps its encoder."
        )
    return Stock(
        learning=[example for example, _ in (*trained, *choosing)],
        trained=len(trained),
        held=[example for example, _ in held],
        photos=[photo for _, photo in kept],
        facets=tuple(meaning.values()),
        without_photo=len(products) - readable,
    )


def _group(product: Product) -> str:
    return product.group or product.title.casefold() or product.id


def _splits(groups: Collection[str], held_out: float) -> dict[str, str]:
    """Return the part of the catalog (training or held-out) for each group."""
    # The built-in encoder was trained with the same products held out.
    ordered = sorted(groups, key=lambda group: (place_of(group), group))
    judges, choosers = round(held_out * len(ordered)), round((held_out + _CHOOSING) * len(ordered))
    return {
        group: "test" if rank < judges else "dev" if rank < choosers else "train"
        for rank, group in enumerate(ordered)
    }


def _informative_facets(products: Sequence[Product]) -> list[str]:
    """Return the facets that divide products into groups, neither one for all nor one for each."""
    values: dict[str, Counter[str]] = defaultdict(Counter)
    for product in products:
        for name, value in product.facets.items():
            if said := _said(value):
                values[name][said] += 1
    informative: list[str] = []
    for name, counts in values.items():
        shared = sum(count for count in counts.values() if count >= 5)
        common = sum(1 for count in counts.values() if count >= 5)
        enough = shared >= 0.3 * len(products) and common >= 2
        if enough and len(counts) <= _MOST_VALUES:
            informative.append(name)
    return informative


def _meaning(name: str, facets: Sequence[str]) -> str:
    """Return the label name of a facet: its own, unless it is the type, color or gender."""
    plain = {facet: facet.casefold().replace("_", "").replace(" ", "").replace("-", "") for facet in facets}
    for meaning, known in _MEANINGS.items():
        best = next((facet for word in known for facet in facets if plain[facet] == word), None)
        if best == name:
            return meaning
    return name if name not in _MEANINGS else f"{name} of the shop"


def _said(value: FacetValue | None) -> str:
    if value is None or isinstance(value, tuple | bool | float | int):
        return ""
    return str(value).strip()


def _readable(catalog: ProductSource, product: Product, side: int) -> str | None:
    """Return the first readable photo of a product."""
    for photo in product.photos:
        try:
            read_image(catalog.photo(photo.id).data, side)
        except LookalikeError:
            continue
        return photo.id
    return None


def place_of(group: str) -> float:
    """Return the position of a group between 0 and 1, the same on every machine."""
    return zlib.crc32(group.encode()) / 2**32
