"""The rows of a collection: one per photo, with facets in a form that Milvus can filter."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import BadVector
from lookalike.index.base import Entry, Probe, Space
from lookalike.index.filters import Condition, Filter, folded
from lookalike.index.fusion import likeness
from lookalike.types import Vector
from lookalike.vectors.sparse import SparseRow

# Characters allowed in quoted values and JSON paths; other or longer values are stored as digests.
PLAIN_VALUE = re.compile(r"[\w .,:;/&+()-]{1,100}")
PLAIN_NAME = re.compile(r"\w{1,100}")
COMPARE = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
# Milvus rejects more in one field.
MOST_FACTS = 60_000

# The number of prefixes of product names, and the bound above the last one.
NAMES, BEYOND_NAMES = 16**4, "g"

Rows = NDArray[np.float32]
Row: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fused:
    """Turns entries and probes into vectors whose inner product is the score.

    A row is [image; text], a query [image weight * image; text weight * text]. A negative squared distance is
    2<q, x> - |x|^2 - |q|^2, so a Euclidean row also stores its two squared lengths.
    """

    image: int
    text: int
    euclidean: bool

    @classmethod
    def of(cls, space: Space) -> Fused:
        """The layout of a space's vectors."""
        return cls(space.image_dim, space.text_dim, space.metric == "euclidean")

    @property
    def dim(self) -> int:
        """The length of a fused vector; Milvus requires at least two."""
        return max(self.image + self.text + 2 * self.euclidean, 2)

    def rows(self, entry: Entry) -> Rows:
        """One fused row per photo, or one without an image part."""
        count = 1 if entry.images is None or not len(entry.images) else len(entry.images)
        rows = np.zeros((count, self.dim), np.float32)
        if entry.images is not None and len(entry.images):
            rows[:, : self.image] = _finite(entry, entry.images, self.image)
        if entry.text is not None and not isinstance(entry.text, SparseRow):
            rows[:, self.image : self.image + self.text] = _finite(entry, entry.text[None], self.text)
        if self.euclidean:
            image, text = self._split(rows)
            rows[:, -2] = np.einsum("ij,ij->i", image, image)
            rows[:, -1] = np.einsum("ij,ij->i", text, text)
        return rows

    def query(self, probe: Probe) -> tuple[Vector, float] | None:
        """The query vector and the constant to add to its inner products; None for TF-IDF queries only."""
        query = np.zeros(self.dim, np.float32)
        rest, factor = 0.0, 2 if self.euclidean else 1
        asked = False
        if probe.image is not None and probe.image_weight and self.image:
            query[: self.image] = factor * probe.image_weight * probe.image
            if self.euclidean:
                query[-2] = -probe.image_weight
                rest -= probe.image_weight * float(probe.image @ probe.image)
            asked = True
        if (
            probe.text is not None
            and not isinstance(probe.text, SparseRow)
            and probe.text_weight
            and self.text
        ):
            query[self.image : self.image + self.text] = factor * probe.text_weight * probe.text
            if self.euclidean:
                query[-1] = -probe.text_weight
                rest -= probe.text_weight * float(probe.text @ probe.text)
            asked = True
        return (query, rest) if asked else None

    def parts(self, probe: Probe, row: Vector) -> tuple[float | None, float | None]:
        """The unweighted image and dense text similarity of one row."""
        image, text = self._split(row[None])
        look = None if probe.image is None else self._likeness(probe.image, image[0])
        if probe.text is None or isinstance(probe.text, SparseRow) or not self.text:
            return look, None
        return look, self._likeness(probe.text, text[0])

    def _split(self, rows: Rows) -> tuple[Rows, Rows]:
        return rows[:, : self.image], rows[:, self.image : self.image + self.text]

    def _likeness(self, query: Vector, row: Vector) -> float:
        return likeness("euclidean" if self.euclidean else "cosine", query, row)


def _finite(entry: Entry, rows: Vector, dim: int) -> Vector:
    if rows.shape[1:] != (dim,) or not np.isfinite(rows).all():
        raise BadVector(
            f"The vectors of '{entry.id}' must have {dim} finite numbers. Embed the product again."
        )
    return rows


def item_of(product: str) -> str:
    """The name of a product in a collection: short and safe in expressions."""
    return hashlib.blake2b(product.encode(), digest_size=12).hexdigest()


def key_of(item: str, photo: int) -> str:
    """The primary key of the row of a product's n-th photo."""
    return f"{item}-{photo}"


def parts_of_key(key: str) -> tuple[str, int]:
    """The product and photo number of a primary key."""
    item, _, photo = key.partition("-")
    return item, int(photo)


def rows_of(entry: Entry, vectors: Rows, revision: int) -> list[Row]:
    """The rows of one product in Milvus's format."""
    item, facts = item_of(entry.id), _facts(entry)
    photos = entry.photos if entry.images is not None and len(entry.images) else ("",)
    return [
        {
            "id": key_of(item, place),
            "item": item,
            "product": entry.id,
            "photo": photo,
            "variants": entry.group,
            "facts": facts,
            "revision": revision,
            "vector": vector,
        }
        for place, (photo, vector) in enumerate(zip(photos, vectors, strict=True))
    ]


def _facts(entry: Entry) -> dict[str, Any]:
    facts = entry.facts()
    words: dict[str, list[str]] = {}
    numbers: dict[str, float] = {}
    room = MOST_FACTS
    for name, value in facts.items():
        if value is None or value == "" or value == ():
            continue
        several = value if isinstance(value, tuple | list) else (value,)
        words[_name(name)] = carried = list(dict.fromkeys(_value(folded(each)) for each in several))
        if isinstance(value, int | float) and not isinstance(value, bool):
            numbers[_name(name)] = float(value)
        # Four bytes per character, and the quoting around each word.
        room -= sum(4 * len(each) + 8 for each in (name, name, *carried))
        if room < 0:
            return {"many": True}
    return {"words": words, "numbers": numbers}


def expression(where: Filter) -> str:
    """A filter as a Milvus expression; products with too many facets pass and are filtered here."""
    demands = " and ".join(f"({_demand(each)})" for each in where.conditions if _demands(each))
    return f'({demands}) or exists facts["many"]' if demands else ""


def in_parts(where: str, parts: int) -> Iterator[str]:
    """Split an expression by prefixes of the product names, which are uniformly distributed."""
    bounds = [f"{NAMES * part // parts:04x}" for part in range(parts)]
    for low, high in pairwise([*bounds, BEYOND_NAMES]):
        yield where if parts == 1 else f'({where}) and item >= "{low}" and item < "{high}"'


def _demands(condition: Condition) -> bool:
    return condition.operator != "nin" or bool(condition.values)


def _demand(condition: Condition) -> str:
    words = f'facts["words"]["{_name(condition.field)}"]'
    match condition.operator:
        case "exists":
            return f"exists {words}" if condition.wanted else f"not (exists {words})"
        case "in" | "nin":
            values = ", ".join(f'"{_value(value)}"' for value in condition.values)
            carrying = f"json_contains_any({words}, [{values}])"
            return carrying if condition.operator == "in" else f"not {carrying}"
        case "lt" | "lte" | "gt" | "gte":
            number = f'facts["numbers"]["{_name(condition.field)}"]'
            return f"{number} {COMPARE[condition.operator]} {condition.number:.17g}"


def _value(text: str) -> str:
    return text if PLAIN_VALUE.fullmatch(text) else _digest(text)


def _name(text: str) -> str:
    return text if PLAIN_NAME.fullmatch(text) else _digest(text)


def _digest(text: str) -> str:
    return "d_" + hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
