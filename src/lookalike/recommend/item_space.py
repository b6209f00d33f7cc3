"""The item space: one short vector per product, in which similar products are close."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lookalike.catalog.state import EncodingState
from lookalike.database import Change, Database, StoredEntry
from lookalike.index.filters import Filter
from lookalike.index.memory.columns import Columns
from lookalike.recommend.compact_vectors import WORD_DIM, Directions, Reduction
from lookalike.recommend.facet_affinity import Facts
from lookalike.recommend.numbering import IdMap
from lookalike.types import Vector
from lookalike.vectors.codec import unpack_sparse, unpack_vectors
from lookalike.vectors.sparse import SparseRow

Mask = NDArray[np.bool_]

SAMPLE = 2048
LIKENESSES = 20
OUTGROWN = 2
FIRST_SLOTS = 1024


class Space:
    """How the parts of a product become one row."""

    def __init__(
        self,
        encoding: EncodingState,
        directions: Directions,
        image: Reduction | None = None,
        text: Reduction | None = None,
    ) -> None:
        self.encoding = encoding
        self._directions = directions
        self._image = image
        self._text = text

    @property
    def reductions(self) -> tuple[Reduction | None, Reduction | None]:
        """How photos and texts are shortened; None where products have none."""
        return self._image, self._text

    @property
    def dim(self) -> int:
        """Length of a row."""
        return max(1, sum(part.dim for part in (self._image, self._text) if part))

    def fit(self, sample: list[StoredEntry]) -> None:
        """Learn the projection from a sample of products."""
        images, texts = self._parts(sample)
        self._image = Reduction.fitted(images) if images.any() else None
        self._text = Reduction.fitted(texts) if texts.any() else None

    def rows(self, entries: list[StoredEntry]) -> Vector:
        """One unit row for each product; zeros for a product that shows and says nothing."""
        return self._fused(*self._parts(entries))

    def row(self, image: Vector | None, text: Vector | SparseRow | None) -> Vector | None:
        """The row of a search by these parts; None if this catalog compares neither."""
        images = np.zeros((1, self.encoding.image_dim), np.float32) if image is None else image[None]
        texts = self._no_texts(1) if text is None else self._dense(text)[None]
        row = self._fused(images, texts)[0]
        return row if row.any() else None

    def _fused(self, images: Vector, texts: Vector) -> Vector:
        weight = self.encoding.recipe.image_weight
        shares = ((self._image, images, weight), (self._text, texts, 1 - weight))
        parts = [
            part.short(rows) * np.float32(max(share, 0.1) ** 0.5) for part, rows, share in shares if part
        ]
        rows = np.concatenate(parts, axis=1) if parts else np.zeros((len(images), 1), np.float32)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / np.maximum(lengths, 1e-9), np.float32)

    def _parts(self, entries: list[StoredEntry]) -> tuple[Vector, Vector]:
        images = np.zeros((len(entries), self.encoding.image_dim), np.float32)
        texts = self._no_texts(len(entries))
        sparse = self.encoding.text_dim == 0
        for place, entry in enumerate(entries):
            shown = [unpack_vectors(row) for row in entry.images if row is not None]
            if shown:
                images[place] = np.mean(shown, axis=0)
            if entry.text is not None:
                texts[place] = self._dense(
                    unpack_sparse(entry.text) if sparse else unpack_vectors(entry.text)
                )
        return images, texts

    def _no_texts(self, count: int) -> Vector:
        return np.zeros((count, self.encoding.text_dim or WORD_DIM), np.float32)

    def _dense(self, text: Vector | SparseRow) -> Vector:
        return self._directions.dense(text) if isinstance(text, SparseRow) else text


class ItemTable:
    """The rows of all products and their facts; a product that changes takes a new slot."""

    def __init__(self, space: Space, numbers: IdMap) -> None:
        self.space = space
        self.columns = Columns()
        self.facts = Facts()
        self.ids: list[str] = []
        self.groups: list[str] = []
        self._numbers = numbers
        self._slot_of: dict[str, int] = {}
        self._rows = np.zeros((FIRST_SLOTS, space.dim), np.float32)
        self._number = np.zeros(FIRST_SLOTS, np.int64)
        self._alive = np.zeros(FIRST_SLOTS, np.bool_)
        self._in_stock = np.zeros(FIRST_SLOTS, np.bool_)
        self._typical: Vector | None = None

    @classmethod
    def restored(
        cls,
        space: Space,
        numbers: IdMap,
        *,
        ids: list[str],
        groups: list[str],
        rows: Vector,
        in_stock: Mask,
        columns: Columns,
        facts: Facts,
    ) -> ItemTable:
        """A table out of a file, in which every product is there."""
        table = cls(space, numbers)
        table.ids, table.groups, table.columns, table.facts = ids, groups, columns, facts
        table._rows, table._in_stock = rows, in_stock
        table._alive = np.ones(len(ids), np.bool_)
        table._number = numbers.of_all(ids)
        table._slot_of = dict(zip(ids, range(len(ids)), strict=True))
        return table

    def __len__(self) -> int:
        return len(self._slot_of)

    @property
    def slots(self) -> int:
        """How many slots are taken, those left behind included."""
        return len(self.ids)

    @property
    def rows(self) -> Vector:
        """One row for each slot."""
        return self._rows[: self.slots]

    @property
    def numbers(self) -> NDArray[np.int64]:
        """The product number of each slot."""
        return self._number[: self.slots]

    @property
    def offered(self) -> Mask:
        """The slots of products that are there and in stock."""
        return self._alive[: self.slots] & self._in_stock[: self.slots]

    @property
    def alive(self) -> Mask:
        """The slots of products that are there."""
        return self._alive[: self.slots]

    def slot(self, id: str) -> int | None:
        """Where a product is."""
        return self._slot_of.get(id)

    def passing(self, where: Filter) -> Mask:
        """The slots that a filter lets through."""
        mask = self.columns.passing(where.conditions, self.slots)
        return np.ones(self.slots, np.bool_) if mask is None else mask

    def typical(self) -> Vector:
        """How near each of some products, spread over the shop, is to those around it."""
        if self._typical is None:
            self._typical = np.zeros(self.slots, np.float32)
            offered = np.flatnonzero(self.offered)
            some = offered[:: max(1, -(-len(offered) // SAMPLE))]
            if len(some) > LIKENESSES:
                alike = self.rows[some] @ self.rows[some].T
                nearest = np.partition(alike, len(some) - LIKENESSES, axis=1)[:, -LIKENESSES:]
                self._typical[some] = nearest.mean(axis=1)
        return self._typical

    def apply(self, changes: list[Change]) -> None:
        """Take in what became different."""
        self._typical = None
        for change in changes:
            slot = self._slot_of.pop(change.id, None)
            if slot is not None:
                self._alive[slot] = False
        entries = [change.entry for change in changes if change.entry is not None]
        for entry, row in zip(entries, self.space.rows(entries), strict=True):
            self._place(entry, row)

    def _place(self, entry: StoredEntry, row: Vector) -> None:
        slot = self.slots
        if slot == len(self._rows):
            for name in ("_rows", "_number", "_alive", "_in_stock"):
                array = getattr(self, name)
                setattr(self, name, np.concatenate((array, np.zeros_like(array))))
        self._rows[slot] = row
        self._number[slot] = self._numbers.of(entry.id)
        self._alive[slot] = True
        self._in_stock[slot] = entry.stock is None or entry.stock > 0
        facets = json.loads(entry.facets)
        self.facts.set(slot, facets)
        self.columns.set(
            slot, {**facets, "id": entry.id, "price": entry.price, "stock": entry.stock, "group": entry.group}
        )
        self._slot_of[entry.id] = slot
        self.ids.append(entry.id)
        self.groups.append(entry.group)


class ItemSpaceSync:
    """The item table of a catalog, kept up to date. Hold the lock of the interactions while reading it."""

    def __init__(self, database: Database, numbers: IdMap) -> None:
        self._database = database
        self._numbers = numbers
        self._directions = Directions()
        self._table: ItemTable | None = None
        self._revision = 0
        self._fitted_on = 0

    @property
    def table(self) -> ItemTable | None:
        """The item table as of the last look."""
        return self._table

    @property
    def revision(self) -> int:
        """The last change that is taken in."""
        return self._revision

    @property
    def fitted_on(self) -> int:
        """How many products there were when the space was fitted."""
        return self._fitted_on

    @property
    def directions(self) -> Directions:
        """The direction of each word."""
        return self._directions

    def restore(self, table: ItemTable, revision: int, fitted_on: int) -> None:
        """Go on from what a file kept, if it belongs to the catalog.

        A catalog that was put back from a backup may have other products at the same revision.
        """
        if revision > self._database.revision():
            return
        self._table, self._revision, self._fitted_on = table, revision, fitted_on
        if len(self.follow(table.space.encoding)) != self._database.count():
            self._table = None

    def follow(self, encoding: EncodingState) -> ItemTable:
        """The current item table."""
        revision = self._database.revision()
        table = self._table
        if table is None or _differ(table.space.encoding, encoding) or self._outgrown(table):
            table = self._table = ItemTable(self._fitted(encoding), self._numbers)
            self._revision, self._fitted_on = 0, self._database.count()
        if revision != self._revision:
            for reached, changes in self._changes(self._revision, encoding):
                table.apply(changes)
                self._revision = reached
        return table

    def _outgrown(self, table: ItemTable) -> bool:
        enough = max(self._fitted_on, FIRST_SLOTS) * OUTGROWN
        return len(table) > OUTGROWN * max(self._fitted_on, 8) or table.slots > max(
            enough, OUTGROWN * len(table)
        )

    def _fitted(self, encoding: EncodingState) -> Space:
        space = Space(encoding, self._directions)
        step = max(1, self._database.count() // SAMPLE)
        seen = 0
        sample: list[StoredEntry] = []
        for _, changes in self._changes(0, encoding):
            entries = [change.entry for change in changes if change.entry is not None]
            sample.extend(entries[-seen % step :: step])
            seen += len(entries)
        space.fit(sample)
        return space

    def _changes(self, since: int, encoding: EncodingState) -> Iterator[tuple[int, list[Change]]]:
        return self._database.changes(since, encoding.image_space, encoding.text_space)


def _differ(one: EncodingState, other: EncodingState) -> bool:
    return (one.image_space, one.text_space, one.recipe.image_weight) != (
        other.image_space,
        other.text_space,
        other.recipe.image_weight,
    )
