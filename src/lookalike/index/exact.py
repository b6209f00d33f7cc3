"""The truth: every row is looked at, so the answer is the answer.

A product takes a slot; each of its photos takes a row of the image matrix, its words one row of the text
matrix at the slot. The score of a photo is image_weight * <image, query image> + text_weight * <text,
query text>: the inner product of the fused vectors, computed without storing the text once per photo.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.encoders.contract import SparseRow
from lookalike.errors import BadVector
from lookalike.index.columns import Columns, Mask
from lookalike.index.contract import Answer, Changes, Entry, Match, Probe
from lookalike.index.filters import Condition
from lookalike.index.growing import GrowingArray
from lookalike.index.matrix import BlockMatrix
from lookalike.index.postings import Postings
from lookalike.records import FacetCount, Metric, Vector

GATHER_BELOW = 0.2
WASTED_ABOVE = 0.3
FEW_SLOTS = 1000
# Below every score that a row can have, above that of a row which does not pass.
NOTHING = float(np.finfo(np.float32).min)

Rows = NDArray[np.intp]
Scores = NDArray[np.float32]


class _Shelf:
    """The growing arrays behind an index; slots are never reused, only left behind."""

    def __init__(self, image_dim: int, text_dim: int) -> None:
        self.images = BlockMatrix(image_dim)
        self.texts = BlockMatrix(text_dim)
        self.sparse: dict[int, SparseRow] = {}
        self.ids: list[str] = []
        self.groups: list[str] = []
        self.columns = Columns()
        self.slot_of: dict[str, int] = {}
        self.row_slot = GrowingArray(np.int64)
        self.image_norms = GrowingArray(np.float32)
        self.text_norms = GrowingArray(np.float32)
        self.photo_of: list[str | None] = []
        self.grouped = False


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """What one search sees from its first line to its last."""

    shelf: _Shelf
    slots: int
    rows: int
    alive: Mask | None
    postings: Postings | None
    size: int
    revision: int


class ExactIndex:
    """Scans all rows; filters, counts and groups in process."""

    def __init__(self, image_dim: int, text_dim: int, metric: Metric = "cosine") -> None:
        self._dims = (image_dim, text_dim)
        self._metric = metric
        self._writing = threading.Lock()
        self._now = _Snapshot(_Shelf(*self._dims), 0, 0, None, None, 0, 0)

    @property
    def revision(self) -> int:
        """The last change this index has seen."""
        return self._now.revision

    def __len__(self) -> int:
        return self._now.size

    def close(self) -> None:
        """Nothing is held but memory."""

    def facet_names(self) -> list[str]:
        """The fields that any product has."""
        return self._now.shelf.columns.names()

    def wasteful(self) -> bool:
        """Whether so many slots were left behind that building it anew from the database pays."""
        return self._now.slots > FEW_SLOTS and self._now.size < (1 - WASTED_ABOVE) * self._now.slots

    def apply(self, changes: Changes) -> None:
        """Take in what changed; a search that runs meanwhile keeps the state it began with."""
        for entry in changes.upserts:
            self._check(entry)
        with self._writing:
            shelf, slots = self._now.shelf, self._now.slots
            alive = np.ones(slots + len(changes.upserts), np.bool_)
            if self._now.alive is not None:
                alive[:slots] = self._now.alive
            for gone in changes.removed:
                slot = shelf.slot_of.pop(gone, None)
                if slot is not None:
                    alive[slot] = False
                    shelf.sparse.pop(slot, None)
            for entry in changes.upserts:
                before = shelf.slot_of.get(entry.id)
                if before is not None:
                    alive[before] = False
                    shelf.sparse.pop(before, None)
                self._place(shelf, entry)
            self._publish(shelf, alive, changes.revision)

    def _place(self, shelf: _Shelf, entry: Entry) -> None:
        slot = len(shelf.ids)
        images = entry.images
        if images is None or not len(images):
            images, photos = np.zeros((1, self._dims[0]), np.float32), (None,)
        else:
            photos = entry.photos
        for offset, row in enumerate(images):
            shelf.row_slot.set(shelf.images.length + offset, slot)
            if self._metric == "euclidean":
                shelf.image_norms.set(shelf.images.length + offset, float(row @ row))
        shelf.images.append(images)
        shelf.photo_of.extend(photos)
        if isinstance(entry.text, SparseRow):
            shelf.sparse[slot] = entry.text
            shelf.text_norms.set(slot, float(np.vdot(entry.text.values, entry.text.values)))
        elif self._dims[1]:
            text = np.zeros((1, self._dims[1]), np.float32) if entry.text is None else entry.text[None]
            shelf.texts.append(text)
            shelf.text_norms.set(slot, float(np.vdot(text, text)))
        facts = {**entry.facets, "price": entry.price, "stock": entry.stock, "group": entry.group}
        shelf.columns.set(slot, facts)
        shelf.grouped |= bool(entry.group)
        shelf.slot_of[entry.id] = slot
        shelf.ids.append(entry.id)
        shelf.groups.append(entry.group)

    def _check(self, entry: Entry) -> None:
        """Refuse what would poison the matrix, before anything of the batch is in it."""
        rows = [(entry.images, self._dims[0])] if entry.images is not None else []
        if entry.text is not None and not isinstance(entry.text, SparseRow):
            rows.append((entry.text[None], self._dims[1]))
        for matrix, dim in rows:
            if matrix.shape[1:] != (dim,) or not np.isfinite(matrix).all():
                raise BadVector(f"A vector here has {dim} finite numbers; embed '{entry.id}' again.")

    def _publish(self, shelf: _Shelf, alive: Mask, revision: int) -> None:
        slots = len(shelf.ids)
        alive = alive[:slots]
        postings = Postings(shelf.sparse) if shelf.sparse else None
        size = int(np.count_nonzero(alive))
        everyone = None if size == slots else alive
        self._now = _Snapshot(shelf, slots, shelf.images.length, everyone, postings, size, revision)

    def search(self, probe: Probe) -> Answer:
        """The best products for a probe, with their parts, the number that passes the filter, and counts."""
        now = self._now
        passing = self._passing(now, probe.where.conditions)
        counts = {name: self._counts(now, probe, name, passing) for name in probe.count}
        rows, scores = self._scores(now, probe, self._without(now, passing, probe.exclude))
        total = now.size if passing is None else int(np.count_nonzero(passing))
        if probe.min_score is not None:
            above = scores >= probe.min_score
            owners = now.shelf.row_slot.view(now.rows)
            total = len(np.unique((owners if rows is None else owners[rows])[above]))
        matches = self._best(now, probe, rows, scores)
        return Answer(tuple(matches), total, counts, now.revision)

    def _passing(self, now: _Snapshot, conditions: tuple[Condition, ...]) -> Mask | None:
        mask = now.shelf.columns.passing(conditions, now.slots)
        if mask is None:
            return now.alive
        return mask if now.alive is None else mask & now.alive

    def _counts(
        self, now: _Snapshot, probe: Probe, name: str, passing: Mask | None
    ) -> tuple[FacetCount, ...]:
        """Counts of a facet ignore its own filter, so that a second value can still be chosen."""
        others = probe.where.without(name)
        mask = passing if others == probe.where else self._passing(now, others.conditions)
        return now.shelf.columns.counts(name, mask, now.slots)

    def _without(self, now: _Snapshot, passing: Mask | None, exclude: Iterable[str]) -> Mask | None:
        slots = [now.shelf.slot_of[each] for each in exclude if each in now.shelf.slot_of]
        slots = [slot for slot in slots if slot < now.slots]
        if not slots:
            return passing
        mask = np.ones(now.slots, np.bool_) if passing is None else passing.copy()
        mask[slots] = False
        return mask

    def _scores(self, now: _Snapshot, probe: Probe, mask: Mask | None) -> tuple[Rows | None, Scores]:
        """The scores of the rows that pass where they are few, or of all rows, minus infinity where not."""
        shelf = now.shelf
        owners = None if now.rows == now.slots else shelf.row_slot.view(now.rows)
        passing = mask if mask is None or owners is None else mask[owners]
        rows: Rows | None = None
        if passing is not None and np.count_nonzero(passing) < GATHER_BELOW * now.rows:
            rows = np.flatnonzero(passing)
        if owners is None:
            owners = rows if rows is not None else slice(None)
        elif rows is not None:
            owners = owners[rows]
        scores = self._image_scores(now, probe, rows)
        if probe.text is not None and probe.text_weight:
            scores += self._text_scores(now, probe.text, probe.text_weight)[owners]
        if probe.bonus:
            bonus = np.zeros(now.slots, np.float32)
            for product, value in probe.bonus.items():
                slot = shelf.slot_of.get(product)
                if slot is not None and slot < now.slots:
                    bonus[slot] = value
            scores += bonus[owners]
        if passing is not None and rows is None:
            scores[~passing] = -np.inf
        return rows, scores

    def _image_scores(self, now: _Snapshot, probe: Probe, rows: Rows | None) -> Scores:
        images, weight = now.shelf.images, np.float32(probe.image_weight)
        if probe.image is None or not probe.image_weight:
            return np.zeros(now.rows if rows is None else len(rows), np.float32)
        query = (probe.image * weight).astype(np.float32)
        near = images.dot(query, now.rows) if rows is None else images.dot_some(query, rows)
        if self._metric == "euclidean":
            norms = now.shelf.image_norms.view(now.rows)
            distances = (norms if rows is None else norms[rows]) + np.float32(probe.image @ probe.image)
            return (2 * near - weight * distances).astype(np.float32)
        return near

    def _text_scores(self, now: _Snapshot, text: Vector | SparseRow, weight: float) -> Scores:
        own = text.values if isinstance(text, SparseRow) else text
        near = np.zeros(now.slots, np.float32)
        if isinstance(text, SparseRow):
            if now.postings is not None:
                near = now.postings.dot(text, now.slots) * np.float32(weight)
        elif now.shelf.texts.length:
            near = now.shelf.texts.dot(text * np.float32(weight), now.slots)
        if self._metric == "euclidean":
            distances = now.shelf.text_norms.view(now.slots) + np.float32(own @ own)
            return (2 * near - np.float32(weight) * distances).astype(np.float32)
        return near

    def _best(self, now: _Snapshot, probe: Probe, rows: Rows | None, scores: Scores) -> list[Match]:
        """The best row of each product, and of each group, in order; looks further until the page is full."""
        wanted = probe.offset + probe.k
        crowded = now.rows > now.slots or (probe.grouped and now.shelf.grouped)
        least = NOTHING if probe.min_score is None else max(probe.min_score, NOTHING)
        eligible = int(np.count_nonzero(scores >= least))
        reach = min(eligible, wanted * 4 + 16 if crowded else wanted)
        while True:
            found = self._distinct(now, probe, rows, scores, reach)
            if len(found) >= wanted or reach >= eligible:
                break
            reach = min(eligible, reach * 4)
        return [self._match(now, probe, row, score) for row, score in found[probe.offset : wanted]]

    def _distinct(
        self, now: _Snapshot, probe: Probe, rows: Rows | None, scores: Scores, reach: int
    ) -> list[tuple[int, float]]:
        if reach <= 0:
            return []
        top = np.argpartition(scores, len(scores) - reach)[len(scores) - reach :]
        shelf, owners = now.shelf, now.shelf.row_slot.view(now.rows)
        candidates: list[tuple[float, str, int]] = []
        for position in top:
            row = int(position if rows is None else rows[position])
            candidates.append((-float(scores[position]), shelf.ids[int(owners[row])], row))
        found: list[tuple[int, float]] = []
        seen: set[tuple[str, str]] = set()
        for negative, product, row in sorted(candidates):
            group = shelf.groups[int(owners[row])] if probe.grouped else ""
            key = ("group", group) if group else ("product", product)
            if key not in seen:
                seen.add(key)
                found.append((row, -negative))
        return found

    def _match(self, now: _Snapshot, probe: Probe, row: int, score: float) -> Match:
        slot = int(now.shelf.row_slot.view(now.rows)[row])
        product = now.shelf.ids[slot]
        image = text = None
        if probe.image is not None:
            image = self._similarity(probe.image, now.shelf.images.row(row))
        if isinstance(probe.text, SparseRow):
            own = now.shelf.sparse.get(slot)
            text = _sparse_dot(probe.text, own) if own is not None else 0.0
            if self._metric == "euclidean":
                norms = float(now.shelf.text_norms.view(slot + 1)[slot])
                text = 2 * text - norms - float(probe.text.values @ probe.text.values)
        elif probe.text is not None and now.shelf.texts.length:
            text = self._similarity(probe.text, now.shelf.texts.row(slot))
        return Match(product, score, image, text, probe.bonus.get(product, 0.0), now.shelf.photo_of[row])

    def _similarity(self, query: Vector, row: Vector) -> float:
        if self._metric == "euclidean":
            return -float(np.sum((query - row) ** 2))
        return float(query @ row)


def _sparse_dot(left: SparseRow, right: SparseRow) -> float:
    _, ours, theirs = np.intersect1d(left.columns, right.columns, assume_unique=True, return_indices=True)
    return float(left.values[ours] @ right.values[theirs])
