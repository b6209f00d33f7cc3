"""The facets of the products in a collection: everything but their vectors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.index.base import Entry, Probe
from lookalike.index.filters import Condition
from lookalike.index.memory.columns import Columns, Mask
from lookalike.index.memory.growing import GrowingArray
from lookalike.index.memory.postings import Postings
from lookalike.index.milvus.rows import item_of
from lookalike.index.scoring import worth_most
from lookalike.types import FacetCount
from lookalike.vectors.sparse import SparseRow

Added = NDArray[np.float32]


class SlotTable:
    """Growing lists by slot; a changed product takes a new slot."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.items: list[str] = []
        self.groups: list[str] = []
        self.photos: list[tuple[str, ...]] = []
        self.columns = Columns()
        self.sparse: dict[int, SparseRow] = {}
        self.slot_of: dict[str, int] = {}
        self.slot_of_item: dict[str, int] = {}
        # Products whose rows this process has written.
        self.written: set[str] = set()
        self.row_counts = GrowingArray(np.int64)
        self.crowded = False

    def place(self, entry: Entry) -> None:
        """Store a product in the next slot."""
        slot, item = len(self.ids), item_of(entry.id)
        seen = entry.images is not None and len(entry.images)
        self.columns.set(slot, entry.facts())
        if isinstance(entry.text, SparseRow):
            self.sparse[slot] = entry.text
        photos = entry.photos if seen else ()
        self.crowded |= bool(entry.group) or len(photos) > 1
        self.row_counts.set(slot, max(len(photos), 1))
        self.photos.append(photos)
        self.groups.append(entry.group)
        self.items.append(item)
        self.ids.append(entry.id)
        self.slot_of[entry.id] = slot
        self.slot_of_item[item] = slot

    def rows(self, slot: int) -> int:
        """The number of rows of a product in the collection."""
        return max(len(self.photos[slot]), 1)


@dataclass(frozen=True, slots=True)
class Facts:
    """A consistent state for one search."""

    slots_table: SlotTable
    slots: int
    alive: Mask | None
    postings: Postings | None
    size: int
    revision: int

    @classmethod
    def none(cls) -> Facts:
        """The empty state."""
        return cls(SlotTable(), 0, None, None, 0, 0)

    def after(self, entries: Iterable[Entry], removed: Iterable[str], revision: int) -> Facts:
        """The state after a change; this one does not change."""
        slots_table, entries = self.slots_table, list(entries)
        alive = np.ones(self.slots + len(entries), np.bool_)
        if self.alive is not None:
            alive[: self.slots] = self.alive
        for id in (*removed, *(entry.id for entry in entries)):
            slot = slots_table.slot_of.pop(id, None)
            if slot is not None:
                alive[slot] = False
                slots_table.sparse.pop(slot, None)
                slots_table.slot_of_item.pop(slots_table.items[slot], None)
        for entry in entries:
            slots_table.place(entry)
        slots = len(slots_table.ids)
        size = int(np.count_nonzero(alive))
        postings = Postings(slots_table.sparse) if slots_table.sparse else None
        return Facts(slots_table, slots, None if size == slots else alive, postings, size, revision)

    def passing(self, conditions: tuple[Condition, ...]) -> Mask:
        """A mask of the products that meet every condition."""
        mask = self.slots_table.columns.passing(conditions, self.slots)
        if mask is None:
            return np.ones(self.slots, np.bool_) if self.alive is None else self.alive
        return mask if self.alive is None else mask & self.alive

    def rows(self, mask: Mask) -> int:
        """The number of rows of some slots in the collection."""
        return int(self.slots_table.row_counts.view(self.slots)[mask].sum())

    @property
    def table(self) -> object:
        """Identifies what the slots refer to."""
        return self.slots_table

    def slots_of(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """The slots of products; -1 for those that are not there."""
        known = self.slots_table.slot_of
        return np.fromiter((known.get(id, -1) for id in ids), np.int64, len(ids))

    def words(self, probe: Probe) -> tuple[Added, Mask | None] | None:
        """The word score of each slot, and the slots that match the words."""
        return None if probe.words is None else probe.words.by_slot(self)

    def referred(self, probe: Probe, mask: Mask) -> Mask:
        """The slots under a mask that match the words of a query; all of them if it has no such words."""
        words = self.words(probe)
        return mask if words is None or words[1] is None else mask & words[1]

    def counts(self, probe: Probe, name: str) -> tuple[FacetCount, ...]:
        """Facet counts; each ignores its own filter, so that a second value can be chosen."""
        mask = self.referred(probe, self.passing(probe.where.without(name).conditions))
        return self.slots_table.columns.counts(name, mask, self.slots)

    def without(self, passing: Mask, exclude: Iterable[str]) -> Mask:
        """The passing slots without those of some products."""
        slots = [self.slots_table.slot_of.get(id, self.slots) for id in exclude]
        slots = [slot for slot in slots if slot < self.slots]
        if not slots:
            return passing
        mask = passing.copy()
        mask[slots] = False
        return mask

    def added(self, probe: Probe, eligible: Mask, euclidean: bool) -> Added | None:
        """The score of each slot without its vector: TF-IDF words, words and bonus; None if there is none."""
        counted = probe.text if isinstance(probe.text, SparseRow) and probe.text_weight else None
        words = self.words(probe)
        if counted is None and not probe.bonus and words is None:
            return None
        added = np.zeros(self.slots, np.float32)
        if words is not None:
            # Vectors are fetched only for the highest scores; most queries match too many products.
            most = worth_most(words[0], eligible)
            added[most] = words[0][most] * np.float32(probe.word_weight)
        if counted is not None:
            added += probe.text_weight * self._words(counted, euclidean)
        for product, value in probe.bonus.items():
            slot = self.slots_table.slot_of.get(product)
            if slot is not None and slot < self.slots:
                added[slot] += value
        return added

    def _words(self, text: SparseRow, euclidean: bool) -> Added:
        near = np.zeros(self.slots, np.float32)
        if self.postings is not None:
            near = self.postings.dot(text, self.slots)
        if not euclidean:
            return near
        lengths = np.zeros(self.slots, np.float32)
        for slot, row in list(self.slots_table.sparse.items()):
            if slot < self.slots:
                lengths[slot] = row.values @ row.values
        return 2 * near - lengths - np.float32(text.values @ text.values)
