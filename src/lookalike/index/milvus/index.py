"""The Milvus index: Milvus finds the nearest vectors; this process filters, counts, groups and pages.

Every product's facets are held here, so totals, counts and groups equal those of the exact index, and a stale
row in Milvus is never a hit. Milvus stores the fused vectors and, for filters that many products pass, the
facets as well.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import LookalikeError
from lookalike.index.base import Answer, Changes, Entry, IndexFacts, Match, Probe, Space
from lookalike.index.fusion import fused_score, sparse_likeness
from lookalike.index.memory.columns import Mask
from lookalike.index.memory.segment import is_wasteful
from lookalike.index.milvus.client import MilvusAddress, Server
from lookalike.index.milvus.collection import MOST_ROWS, Collection, naming
from lookalike.index.milvus.facts import Added, Facts
from lookalike.index.milvus.rows import (
    Fused,
    Row,
    expression,
    in_parts,
    item_of,
    key_of,
    parts_of_key,
    rows_of,
)
from lookalike.index.scoring import words_of
from lookalike.types import Vector
from lookalike.vectors.sparse import SparseRow

# Up to this many rows are fetched and scored here: Milvus searches only an eighth of unflushed rows, so a
# narrow filter would miss most of them.
FEW_FETCHED = 500
MOST_FETCHED = 5000
# Above this share of passing rows, Milvus's graph loses a tenth of the nearest; below it, Milvus scans all
# passing rows. Queries are therefore split into parts that are small enough.
SPARSE, DENSE = 0.05, 0.4
# Milvus Lite reads facets a hundred times slower than ids.
FEW_NAMED_LITE = 50_000
# The number of products with a bonus or TF-IDF words that are scored first.
FIRST_LIFTED = 500
# The most rows read to fill a page, or to count the rows above a score.
MOST_LOOKED_AT = 65_536
MOST_COUNTED = MOST_ROWS
SPARE = 16

Ranked: TypeAlias = list[tuple[float, int, int]]


@dataclass(frozen=True, slots=True)
class _Aim:
    """One search: the query vector, the extra score per slot, and the eligible slots and rows."""

    query: Vector
    rest: float
    added: Added | None
    eligible: Mask
    rows: int
    where: str


@dataclass(frozen=True, slots=True)
class _Sight:
    """Rows as score, slot and photo, best first; no missing row scores above the bound."""

    rows: Ranked
    bound: float


class MilvusIndex:
    """An index whose vectors are a collection in Milvus."""

    def __init__(self, server: Server, collection: Collection) -> None:
        self.collection = collection
        self.space = collection.space
        self._server = server
        self._fused = Fused.of(self.space)
        # Milvus Lite scans every row.
        self._by_graph = not server.place.lite
        self._few_named = FEW_NAMED_LITE if server.place.lite else 0
        self._writing = threading.Lock()
        self._now = Facts.none()
        self._kept = collection.revision()
        # Whether chunks of the current changes were skipped because other processes wrote them.
        self._passed_over = False

    @classmethod
    def open(cls, url: str, space: Space) -> MilvusIndex:
        """Open the index of a catalog at a URL, or create it."""
        server = Server(MilvusAddress.parse(url))
        try:
            collection = Collection(server, space)
            collection.open()
            return cls(server, collection)
        except LookalikeError:
            server.close()
            raise

    def beside(self) -> MilvusIndex:
        """An empty index of the same catalog, not searched yet."""
        return MilvusIndex(self._server, self.collection.begin())

    def take_place(self) -> None:
        """Become the index that every process searches."""
        self.collection.take_place()

    @property
    def kind(self) -> str:
        """The kind of index."""
        return "milvus"

    @property
    def revision(self) -> int:
        """The last change that this process and the collection have applied."""
        return self._now.revision

    def __len__(self) -> int:
        return self._now.size

    def close(self) -> None:
        """Close the connection; the collection remains."""
        self._server.close()

    def facet_names(self) -> list[str]:
        """The fields that at least one product has."""
        return self._now.slots_table.columns.names()

    def facts(self) -> IndexFacts:
        """The number of rows; all are stored outside this process."""
        rows = self._now.rows(self._now.passing(()))
        return IndexFacts(rows, rows)

    def should_reopen(self) -> bool:
        """Whether enough slots are unused for a reload to pay."""
        return is_wasteful(self._now.slots, self._now.size)

    def apply(self, changes: Changes) -> None:
        """Apply changes to the collection, unless another process has, then to this process's facets.

        A running search keeps its facets but may already see the new vectors.
        """
        vectors = [self._fused.rows(entry) for entry in changes.upserts]
        with self._writing:
            before, reached = self._now, changes.revision
            if self._kept <= reached:
                self._kept = self.collection.revision()
            # A chunk in the middle of the changes does not complete a revision.
            middle = reached == before.revision
            theirs = self._kept > reached if middle else self._passed_over or self._kept >= reached
            # Rows written by this process are written again: it may have been the later of two writers.
            mine = [
                (entry, rows)
                for entry, rows in zip(changes.upserts, vectors, strict=True)
                if not theirs or entry.id in before.slots_table.written
            ]
            self._write(before, mine, reached)
            written = before.slots_table.written
            gone = [id for id in changes.removed if not theirs or id in written]
            self.collection.delete_items([item_of(id) for id in gone])
            # A collection that was reset, or that others have advanced but not to here, lacks rows:
            # set no mark and continue from its own.
            lacking = self._kept < before.revision or (self._passed_over and self._kept < reached)
            if not (middle or theirs or lacking):
                self.collection.put_mark(reached)
                self._kept = reached
            revision = self._kept if lacking and not middle else reached
            self._passed_over = middle and (theirs or self._passed_over)
            self._now = before.after(changes.upserts, changes.removed, revision)
            self._now.slots_table.written.update(entry.id for entry, _ in mine)

    def _write(self, before: Facts, entries: list[tuple[Entry, Vector]], revision: int) -> None:
        rows: list[Row] = []
        gone: list[str] = []
        for entry, vectors in entries:
            rows.extend(rows_of(entry, vectors, revision))
            slot = before.slots_table.slot_of.get(entry.id)
            if slot is not None:
                item = before.slots_table.items[slot]
                gone.extend(
                    key_of(item, place) for place in range(len(vectors), before.slots_table.rows(slot))
                )
        self.collection.write(rows, gone)

    def search(self, probe: Probe) -> Answer:
        """The best products for a probe, the number that pass the filter, and facet counts."""
        now = self._now
        passing = now.passing(probe.where.conditions)
        counts = {name: now.counts(probe, name) for name in probe.count}
        eligible = now.without(passing, probe.exclude)
        added = now.added(probe, eligible, self._fused.euclidean)
        asked = self._fused.query(probe)
        total = int(np.count_nonzero(now.referred(probe, passing)))
        if asked is None or not eligible.any():
            scores = np.zeros(now.slots, np.float32) if added is None else added
            if probe.min_score is not None:
                eligible = eligible & (scores >= probe.min_score)
                total = int(np.count_nonzero(now.referred(probe, eligible)))
            found = _distinct(now, probe, _ranked_here(now, eligible, scores))
        else:
            rows = now.rows(eligible)
            sight = self._seen(
                now, probe, _Aim(*asked, added, eligible, rows, self._where(now, probe, eligible))
            )
            found = _distinct(now, probe, sight.rows)
            if probe.min_score is not None:
                counted = now.referred(probe, np.ones(now.slots, np.bool_))
                near = {slot for score, slot, _ in sight.rows if score >= probe.min_score}
                total = sum(1 for slot in near if counted[slot])
        page = found[probe.offset : probe.offset + probe.k]
        return Answer(tuple(self._matches(now, probe, page)), total, counts, now.revision)

    def _where(self, now: Facts, probe: Probe, eligible: Mask) -> str:
        if probe.where.conditions and np.count_nonzero(eligible) <= self._few_named:
            return naming([now.slots_table.items[slot] for slot in np.flatnonzero(eligible)])
        return expression(probe.where)

    def _seen(self, now: Facts, probe: Probe, vectors: _Aim) -> _Sight:
        """Extend the search until the page is full and all rows above the minimum score are counted."""
        wanted = probe.offset + probe.k
        crowded = now.slots_table.crowded
        reach, lifted = (wanted * 4 if crowded else wanted) + SPARE, FIRST_LIFTED
        while True:
            sight = self._look(now, vectors, reach, lifted)
            sure = _Sight([row for row in sight.rows if row[0] >= sight.bound], sight.bound)
            full = len(_distinct(now, probe, sure.rows)) >= wanted
            if full and (probe.min_score is None or reach > MOST_COUNTED):
                return sure
            if sight.bound == -np.inf or (probe.min_score is not None and sight.bound < probe.min_score):
                return sure
            if reach > min(vectors.rows, MOST_LOOKED_AT):
                return sight
            reach, lifted = reach * 4, lifted * 4

    def _look(self, now: Facts, vectors: _Aim, reach: int, few: int) -> _Sight:
        if vectors.rows <= FEW_FETCHED:
            return self._all(now, vectors)
        share = vectors.rows / now.rows(now.passing(()))
        found = self._nearest(vectors, reach, share)
        if len(found) < min(reach - SPARE, vectors.rows) and vectors.rows <= MOST_FETCHED:
            return self._all(now, vectors)
        rows, rest = dict(found), 0.0
        if vectors.added is not None:
            lifted, rest = _lifted(vectors.added, vectors.eligible, few)
            rows |= self._fetched(now, vectors, lifted)
        known = self._known(now, vectors, rows)
        # The graph may miss rows; the result is complete only if none is missing.
        if len(known) >= vectors.rows or not found:
            return _Sight(known, -np.inf)
        return _Sight(known, found[-1][1] + vectors.rest + rest)

    def _nearest(self, vectors: _Aim, reach: int, share: float) -> list[tuple[str, float]]:
        """The keys and similarities of the nearest passing rows."""
        if not (self._by_graph and vectors.where and share < DENSE):
            found = self.collection.search(vectors.query, vectors.where, reach).rows
            short = len(found) < min(reach - SPARE, vectors.rows)
            if not (self._by_graph and vectors.where and short):
                return found
        parts = in_parts(vectors.where, math.ceil(share / SPARSE))
        found = [row for where in parts for row in self.collection.search(vectors.query, where, reach).rows]
        return sorted(found, key=lambda row: -row[1])[:reach]

    def _all(self, now: Facts, vectors: _Aim) -> _Sight:
        return _Sight(
            self._known(now, vectors, self._fetched(now, vectors, np.flatnonzero(vectors.eligible))), -np.inf
        )

    def _fetched(self, now: Facts, vectors: _Aim, slots: NDArray[np.intp]) -> dict[str, float]:
        """The similarities of all rows of some slots."""
        slots_table = now.slots_table
        keys = [
            key_of(slots_table.items[slot], place)
            for slot in slots
            for place in range(slots_table.rows(slot))
        ]
        return {key: float(row @ vectors.query) for key, row in self.collection.vectors(keys).items()}

    def _known(self, now: Facts, vectors: _Aim, rows: dict[str, float]) -> Ranked:
        """The rows that this process also knows, by their total score."""
        known: Ranked = []
        slots_table = now.slots_table
        for key, product in rows.items():
            item, place = parts_of_key(key)
            slot = slots_table.slot_of_item.get(item, now.slots)
            if slot < now.slots and vectors.eligible[slot] and place < max(len(slots_table.photos[slot]), 1):
                extra = 0.0 if vectors.added is None else float(vectors.added[slot])
                known.append((product + vectors.rest + extra, slot, place))
        return sorted(known, key=lambda row: (-row[0], slots_table.ids[row[1]], row[2]))

    def _matches(self, now: Facts, probe: Probe, page: Ranked) -> list[Match]:
        """Matches with exact parts and scores, free of the index's rounding."""
        slots_table = now.slots_table
        keys = [key_of(slots_table.items[slot], place) for _, slot, place in page]
        visible = probe.image is not None or not (probe.text is None or isinstance(probe.text, SparseRow))
        vectors = self.collection.vectors(keys) if visible and keys else {}
        matches: list[Match] = []
        for key, (_, slot, place) in zip(keys, page, strict=True):
            if visible and key not in vectors:
                continue
            look, read = self._fused.parts(probe, vectors[key]) if visible else (None, None)
            if isinstance(probe.text, SparseRow):
                read = sparse_likeness(self.space.metric, probe.text, slots_table.sparse.get(slot))
            bonus = probe.bonus.get(slots_table.ids[slot], 0.0)
            worth, refers = words_of(now.words(probe), slot)
            score = fused_score(probe, look, read, bonus, worth)
            photo = slots_table.photos[slot][place] if slots_table.photos[slot] else None
            matches.append(Match(slots_table.ids[slot], score, look, read, bonus, photo, worth, refers))
        return sorted(matches, key=lambda match: (-match.score, match.id))


def _ranked_here(now: Facts, eligible: Mask, scores: Added) -> Ranked:
    """The products ranked by what they score without a vector."""
    slots = np.flatnonzero(eligible)
    if len(slots) > MOST_LOOKED_AT:
        slots = slots[np.argpartition(-scores[slots], MOST_LOOKED_AT)[:MOST_LOOKED_AT]]
    ranked = [(float(scores[slot]), int(slot), 0) for slot in slots]
    return sorted(ranked, key=lambda row: (-row[0], now.slots_table.ids[row[1]]))


def _lifted(added: Added, eligible: Mask, few: int) -> tuple[NDArray[np.intp], float]:
    """The slots with the largest extra scores, and the largest among the others."""
    slots = np.flatnonzero(eligible)
    values = added[slots]
    above = slots[values > values.min()]
    order = np.argsort(-added[above], kind="stable")
    chosen = above[order[:few]]
    others = np.delete(values, np.searchsorted(slots, chosen))
    return chosen, float(others.max(initial=values.min()))


def _distinct(now: Facts, probe: Probe, ranked: Ranked) -> Ranked:
    """The best row per product and group."""
    found: Ranked = []
    seen: set[tuple[str, str | int]] = set()
    least = -np.inf if probe.min_score is None else probe.min_score
    for score, slot, place in ranked:
        if score < least:
            break
        group = now.slots_table.groups[slot] if probe.grouped else ""
        key = ("group", group) if group else ("slot", slot)
        if key not in seen:
            seen.add(key)
            found.append((score, slot, place))
    return found
