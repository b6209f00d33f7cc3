"""The data of an in-process index: product slots, photo rows, and the view that one search sees."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import BadVector
from lookalike.index.base import Changes, Entry, FrozenRows, Probe
from lookalike.index.filters import Condition
from lookalike.index.memory.columns import Columns, KeptColumn, Mask
from lookalike.index.memory.growing import BlockMatrix, GrowingArray, Strings
from lookalike.index.memory.postings import Postings
from lookalike.types import FacetCount, Metric, Vector
from lookalike.vectors.packed import Packed
from lookalike.vectors.sparse import SparseRow

LEFT = -1
FEW = 5000
# A rebuild pays if more than this share of the slots, and more than so many in all, are unused.
WASTED_ABOVE = 0.3
FEW_SLOTS = 1000

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class FrozenSegment:
    """The slots and rows in a file, ordered by product id."""

    cells: FrozenRows
    ids: Packed
    groups: Packed
    photos: Packed
    row_slot: NDArray[np.int64]
    columns: dict[str, KeptColumn]


class Segment:
    """The growing arrays behind an index; slots are never reused."""

    def __init__(
        self, image_dim: int, text_dim: int, metric: Metric, frozen: FrozenSegment | None = None
    ) -> None:
        self.dims = (image_dim, text_dim)
        self.metric: Metric = metric
        self.frozen = frozen
        self.first_slot = len(frozen.ids) if frozen else 0
        self.images = BlockMatrix(image_dim, len(frozen.row_slot) if frozen else 0)
        self.texts = BlockMatrix(text_dim, self.first_slot)
        self.sparse: dict[int, SparseRow] = {}
        self.ids = Strings(frozen.ids if frozen else None)
        self.groups = Strings(frozen.groups if frozen else None)
        self.photos = Strings(frozen.photos if frozen else None)
        self.columns = Columns(frozen.columns if frozen else None)
        self.row_slot = GrowingArray(np.int64, 0, frozen.row_slot if frozen else None)
        self.image_norms = GrowingArray(np.float32)
        self.text_norms = GrowingArray(np.float32)
        self.grouped = frozen is not None and len(frozen.groups.data) > 0
        self._slots: dict[str, int] = {}

    def slot(self, id: str) -> int | None:
        """The slot of a product, None if there is none."""
        slot = self._slots.get(id)
        if slot is None:
            return self.ids.place_in_front(id)
        return None if slot == LEFT else slot

    def slots_of(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """The slots of many products; -1 for those that are not there."""
        if self.frozen is not None and isinstance(ids, Packed) and ids.same_as(self.frozen.ids):
            slots = np.arange(len(ids), dtype=np.int64)
            for id in tuple(self._slots):
                place = self.ids.place_in_front(id)
                if place is not None:
                    slots[place] = self._slots[id]
            return slots
        if self.frozen is not None and len(ids) > FEW:
            # Searching a file for each id takes longer than reading all ids.
            known = {self.frozen.ids[slot]: slot for slot in range(len(self.frozen.ids))}
            known.update(self._slots)
            return np.fromiter((known.get(id, LEFT) for id in ids), np.int64, len(ids))
        slots = (self.slot(id) for id in ids)
        return np.fromiter((LEFT if slot is None else slot for slot in slots), np.int64, len(ids))

    def leave(self, id: str) -> int | None:
        """Remove a product; returns the slot it occupied."""
        slot = self.slot(id)
        if slot is not None:
            self.sparse.pop(slot, None)
            self._slots[id] = LEFT
        return slot

    def place(self, entry: Entry) -> None:
        """Store a product in the next slot."""
        slot = len(self.ids)
        images = entry.images
        photos: Iterable[str] = entry.photos
        if images is None or not len(images):
            images, photos = np.zeros((1, self.dims[0]), np.float32), ("",)
        for offset, row in enumerate(images):
            self.row_slot.set(self.images.length + offset, slot)
            if self.metric == "euclidean":
                self.image_norms.set(self.images.length + offset, float(row @ row))
        self.images.append(images)
        self.photos.extend(photos)
        if isinstance(entry.text, SparseRow):
            self.sparse[slot] = entry.text
            self.text_norms.set(slot, float(np.vdot(entry.text.values, entry.text.values)))
        elif self.dims[1]:
            text = np.zeros((1, self.dims[1]), np.float32) if entry.text is None else entry.text[None]
            self.texts.append(text)
            if self.metric == "euclidean":
                self.text_norms.set(slot, float(np.vdot(text, text)))
        facts = entry.facts()
        self.columns.set(slot, facts)
        self.grouped |= bool(entry.group)
        self._slots[entry.id] = slot
        self.groups.append(entry.group)
        self.ids.append(entry.id)

    def check(self, entry: Entry) -> None:
        """Raise BadVector for a vector that would corrupt the matrix, before the batch is applied."""
        rows = [(entry.images, self.dims[0])] if entry.images is not None else []
        if entry.text is not None and not isinstance(entry.text, SparseRow):
            rows.append((entry.text[None], self.dims[1]))
        for matrix, dim in rows:
            if matrix.shape[1:] != (dim,) or not np.isfinite(matrix).all():
                raise BadVector(
                    f"The vectors of '{entry.id}' must have {dim} finite numbers. Embed the product again."
                )

    def image(self, row: int) -> Vector:
        """The image row of a photo."""
        if self.frozen is not None and row < self.images.first:
            return self.frozen.cells.row(row)[: self.dims[0]]
        return self.images.row(row)

    def text(self, row: int, slot: int) -> Vector | None:
        """The dense text row of a photo's product; None for sparse texts."""
        if not self.dims[1]:
            return None
        if self.frozen is not None and slot < self.first_slot:
            return self.frozen.cells.row(row)[self.dims[0] :]
        return self.texts.row(slot)

    def fused(self, rows: Rows) -> Vector:
        """The fused rows of photos, given in ascending order."""
        fused = np.empty((len(rows), sum(self.dims)), np.float32)
        behind = int(np.searchsorted(rows, self.images.first))
        if self.frozen is not None:
            for position in range(behind):
                fused[position] = self.frozen.cells.row(int(rows[position]))
        fused[behind:, : self.dims[0]] = self.images.some(rows[behind:])
        if self.dims[1]:
            slots = self.row_slot.view(self.images.length)[rows[behind:]]
            fused[behind:, self.dims[0] :] = self.texts.some(slots)
        return fused


@dataclass(frozen=True, slots=True)
class View:
    """A consistent state for one search."""

    segment: Segment
    slots: int
    rows: int
    alive: Mask | None
    postings: Postings | None
    size: int
    revision: int

    @classmethod
    def of(cls, segment: Segment, alive: Mask, revision: int) -> View:
        """The current state of a segment."""
        slots = len(segment.ids)
        alive = alive[:slots]
        size = int(np.count_nonzero(alive))
        postings = Postings(segment.sparse) if segment.sparse else None
        everyone = None if size == slots else alive
        return cls(segment, slots, segment.images.length, everyone, postings, size, revision)

    def after(self, changes: Changes) -> View:
        """The state after some changes; searches that use this one are not affected."""
        segment = self.segment
        for entry in changes.upserts:
            segment.check(entry)
        alive = np.ones(self.slots + len(changes.upserts), np.bool_)
        if self.alive is not None:
            alive[: self.slots] = self.alive
        for gone in changes.removed:
            slot = segment.leave(gone)
            if slot is not None:
                alive[slot] = False
        for entry in changes.upserts:
            before = segment.leave(entry.id)
            if before is not None:
                alive[before] = False
            segment.place(entry)
        return View.of(segment, alive, changes.revision)

    def passing(self, conditions: tuple[Condition, ...]) -> Mask | None:
        """A mask of the products that meet all conditions; None means all."""
        if not conditions:
            return self.alive
        mask = self.segment.columns.passing(conditions, self.slots)
        if mask is None:
            return self.alive
        return mask if self.alive is None else mask & self.alive

    def counts(self, probe: Probe, passing: Mask | None) -> dict[str, tuple[FacetCount, ...]]:
        """Facet counts; each ignores its own filter, so that a second value can be chosen."""
        counted: dict[str, tuple[FacetCount, ...]] = {}
        words = self.words(probe)
        for name in probe.count:
            others = probe.where.without(name)
            mask = passing if others == probe.where else self.passing(others.conditions)
            mask = referred(words, mask)
            counted[name] = self.segment.columns.counts(name, mask, self.slots)
        return counted

    def without(self, passing: Mask | None, exclude: Iterable[str]) -> Mask | None:
        """The passing slots without those of some products."""
        slots = self.known(exclude)
        if not slots:
            return passing
        mask = np.ones(self.slots, np.bool_) if passing is None else passing.copy()
        mask[slots] = False
        return mask

    def known(self, ids: Iterable[str]) -> list[int]:
        """The slots of the products that exist in this state."""
        slots = (self.segment.slot(id) for id in ids)
        return [slot for slot in slots if slot is not None and slot < self.slots]

    def owners(self, rows: Rows | slice) -> NDArray[np.int64]:
        """The slots that rows belong to."""
        return self.segment.row_slot.view(self.rows)[rows]

    @property
    def table(self) -> object:
        """Identifies what the slots refer to."""
        return self.segment

    def slots_of(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """The slots of products; -1 for those that are not there."""
        return self.segment.slots_of(ids)

    def words(self, probe: Probe) -> tuple[NDArray[np.float32], Mask | None] | None:
        """The word score of each slot, and the slots that match the words."""
        return None if probe.words is None else probe.words.by_slot(self)

    def of_rows(self, mask: Mask | None) -> Mask | None:
        """Which rows belong to slots under a mask."""
        # One row per slot: row and slot numbers are the same.
        return mask if mask is None or self.rows == self.slots else mask[self.owners(slice(None))]


def referred(words: tuple[NDArray[np.float32], Mask | None] | None, mask: Mask | None) -> Mask | None:
    """The slots under a mask that match the words of a query; all of them if it has no such words."""
    if words is None or words[1] is None:
        return mask
    return words[1] if mask is None else words[1] & mask


def is_wasteful(slots: int, size: int) -> bool:
    """Whether enough slots are unused for a rebuild to pay."""
    return slots > FEW_SLOTS and size < (1 - WASTED_ABOVE) * slots
