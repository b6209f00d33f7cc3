"""Scan rows for the in-process indexes: scores, the best products, and the parts of each score.

The score of a photo (see fusion.py) is computed without storing the text once per photo.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.index.base import Match, Probe
from lookalike.index.fusion import likeness, sparse_likeness
from lookalike.index.memory.columns import Mask
from lookalike.index.memory.segment import Rows, View, referred
from lookalike.types import Vector
from lookalike.vectors.sparse import SparseRow

GATHER_BELOW = 0.2
# The number of products with the best word scores that an approximate index scores in full.
MOST_BY_WORDS = 2000
# Lower than any real score, higher than that of a row that does not pass.
NOTHING = float(np.finfo(np.float32).min)

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Scored:
    """Rows and their scores; rows that do not pass score minus infinity."""

    rows: Rows | range
    scores: Scores

    def owners(self, now: View) -> NDArray[np.int64]:
        """The slots that the rows belong to."""
        rows = self.rows
        return now.owners(slice(rows.start, rows.stop) if isinstance(rows, range) else rows)


@dataclass(frozen=True, slots=True)
class Found:
    """The best row of a product or group."""

    row: int
    score: float


def scan(now: View, probe: Probe, mask: Mask | None) -> Scored:
    """Score the rows in memory: only the passing ones if they are few, otherwise all."""
    first = now.segment.images.first
    by_row = now.of_rows(mask)
    passing = None if by_row is None else by_row[first:]
    rows: Rows | None = None
    if passing is not None and np.count_nonzero(passing) < GATHER_BELOW * len(passing):
        rows = np.flatnonzero(passing) + first
    scored = Scored(range(first, now.rows) if rows is None else rows, _image_scores(now, probe, rows))
    scores, owners = scored.scores, scored.owners(now)
    if probe.text is not None and probe.text_weight:
        near = _text_scores(now, probe.text, probe.text_weight)
        whole = rows is None and now.rows == now.slots
        scores += near if whole else near[owners - now.segment.first_slot]
    add_bonus(now, probe, owners, scores)
    if passing is not None and rows is None:
        scores[~passing] = -np.inf
    return scored


def add_bonus(now: View, probe: Probe, owners: NDArray[np.int64], scores: Scores) -> None:
    """Add the words and the bonus of each product to the scores of its rows."""
    words = now.words(probe)
    if not probe.bonus and words is None:
        return
    added = np.zeros(now.slots, np.float32) if words is None else words[0] * np.float32(probe.word_weight)
    for product, value in probe.bonus.items():
        added[now.known((product,))] += value
    scores += added[owners]


def best(now: View, probe: Probe, scored: Scored) -> list[Found]:
    """The best row per product and group, in order; extends the reach until the page is full."""
    wanted = probe.offset + probe.k
    least = NOTHING if probe.min_score is None else max(probe.min_score, NOTHING)
    eligible = int(np.count_nonzero(scored.scores >= least))
    reach = min(eligible, reach_for(now, probe))
    while True:
        found = _distinct(now, probe, scored, reach)
        if len(found) >= wanted or reach >= eligible:
            return found[:wanted]
        reach = min(eligible, reach * 4)


def reach_for(now: View, probe: Probe) -> int:
    """The number of rows that will probably fill a page."""
    wanted = probe.offset + probe.k
    crowded = now.rows > now.slots or (probe.grouped and now.segment.grouped)
    return wanted * 4 + 16 if crowded else wanted


def total(now: View, probe: Probe, passing: Mask | None, scored: Scored) -> int:
    """The number of products that pass the filter, or reach the minimum score."""
    if probe.min_score is not None:
        owners = np.unique(scored.owners(now)[scored.scores >= probe.min_score])
        words = referred(now.words(probe), None)
        return len(owners) if words is None else int(np.count_nonzero(words[owners]))
    passing = referred(now.words(probe), passing)
    return now.size if passing is None else int(np.count_nonzero(passing))


def match(now: View, probe: Probe, found: Found) -> Match:
    """The match for a row, with the exact parts of its score."""
    segment, row = now.segment, found.row
    slot = int(now.owners(slice(None))[row])
    product = segment.ids[slot]
    image = text = None
    if probe.image is not None:
        image = likeness(segment.metric, probe.image, segment.image(row))
    if isinstance(probe.text, SparseRow):
        text = sparse_likeness(segment.metric, probe.text, segment.sparse.get(slot))
    elif probe.text is not None and (own := segment.text(row, slot)) is not None:
        text = likeness(segment.metric, probe.text, own)
    bonus = probe.bonus.get(product, 0.0)
    photo = segment.photos[row] or None
    return Match(product, found.score, image, text, bonus, photo, *words_of(now.words(probe), slot))


def worth_most(scores: Scores, allowed: Mask | None) -> NDArray[np.intp]:
    """Return the slots with the highest word scores, for an index that does not scan all rows."""
    slots = np.flatnonzero(scores > 0)
    if allowed is not None:
        slots = slots[allowed[slots]]
    if len(slots) > MOST_BY_WORDS:
        slots = slots[np.argpartition(scores[slots], len(slots) - MOST_BY_WORDS)[-MOST_BY_WORDS:]]
    return slots


def words_of(words: tuple[Scores, Mask | None] | None, slot: int) -> tuple[float, bool]:
    """Return the word score of a slot, and whether the words match it."""
    if words is None:
        return 0.0, False
    scores, refers = words
    return float(scores[slot]), bool(refers is not None and refers[slot])


def _distinct(now: View, probe: Probe, scored: Scored, reach: int) -> list[Found]:
    if reach <= 0:
        return []
    scores, segment, owners = scored.scores, now.segment, now.owners(slice(None))
    top = np.argpartition(scores, len(scores) - reach)[len(scores) - reach :]
    candidates: list[tuple[float, str, int, int]] = []
    for position in top:
        row = int(scored.rows[position])
        slot = int(owners[row])
        candidates.append((-float(scores[position]), segment.ids[slot], row, slot))
    found: list[Found] = []
    seen: set[tuple[str, str]] = set()
    for negative, product, row, slot in sorted(candidates):
        group = segment.groups[slot] if probe.grouped else ""
        key = ("group", group) if group else ("product", product)
        if key not in seen:
            seen.add(key)
            found.append(Found(row, -negative))
    return found


def _image_scores(now: View, probe: Probe, rows: Rows | None) -> Scores:
    images, weight = now.segment.images, np.float32(probe.image_weight)
    if probe.image is None or not probe.image_weight:
        return np.zeros(now.rows - images.first if rows is None else len(rows), np.float32)
    query = (probe.image * weight).astype(np.float32)
    near = images.dot(query, now.rows) if rows is None else images.dot_some(query, rows)
    if now.segment.metric == "euclidean":
        norms = now.segment.image_norms.view(now.rows)
        distances = (norms if rows is None else norms[rows]) + np.float32(probe.image @ probe.image)
        return (2 * near - weight * distances).astype(np.float32)
    return near


def _text_scores(now: View, text: Vector | SparseRow, weight: float) -> Scores:
    """Return the weighted text part of the score for each slot in memory."""
    segment = now.segment
    own = text.values if isinstance(text, SparseRow) else text
    near = np.zeros(now.slots - segment.first_slot, np.float32)
    if isinstance(text, SparseRow):
        if now.postings is not None:
            near = now.postings.dot(text, now.slots)[segment.first_slot :] * np.float32(weight)
    elif segment.dims[1]:
        near = segment.texts.dot(text * np.float32(weight), now.slots)
    if segment.metric == "euclidean":
        distances = segment.text_norms.view(now.slots) + np.float32(own @ own)
        return (2 * near - np.float32(weight) * distances).astype(np.float32)
    return near
