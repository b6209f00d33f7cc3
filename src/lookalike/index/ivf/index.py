"""The approximate index: most rows in cells on disk, newer rows scanned exactly.

It starts as an exact index. Once it is large enough, a thread seals its state into files by cells and asks to
be reopened. The reopened index maps those rows and keeps only later changes in memory. When these grow, it
seals again.
"""

from __future__ import annotations

import atexit
import importlib.util
import logging
import threading

import numpy as np

from lookalike.errors import LookalikeError
from lookalike.index import scoring
from lookalike.index.base import Answer, Changes, IndexFacts, Probe, Space
from lookalike.index.fusion import fused_query
from lookalike.index.ivf import files as sealed
from lookalike.index.ivf.build import Stopped
from lookalike.index.ivf.cells import WITHOUT_FAISS
from lookalike.index.ivf.probe_plan import kind_of
from lookalike.index.memory.columns import Mask
from lookalike.index.memory.segment import Segment, View, is_wasteful
from lookalike.index.scoring import Found, Scored

# Below this size a full scan takes a few milliseconds at most (docs/decisions/0090).
BEGINS_AT = 50_000
# The smallest size sealed on request: recall cannot be measured on fewer rows.
LEAST = 10_000
FRESH_SHARE = 0.05
FRESH_LEAST = 1_000
HARDER = 4

log = logging.getLogger(__name__)


class ApproximateIndex:
    """Searches the cells near a probe, and all rows in memory."""

    def __init__(self, space: Space, begins_at: int = BEGINS_AT) -> None:
        self._space = space
        self._begins_at = begins_at
        self._writing = threading.Lock()
        self._stop = threading.Event()
        self._sealing: threading.Thread | None = None
        self._superseded = False
        self._note = ""
        self._recall: float | None = None
        opened = sealed.unseal(space)
        self._opened = opened.revision if opened else -1
        frozen, revision = (opened.frozen, opened.revision) if opened else (None, 0)
        segment = Segment(space.image_dim, space.text_dim, space.metric, frozen)
        self._recall = opened.recall if opened else None
        self._now = View.of(segment, np.ones(segment.first_slot, np.bool_), revision)

    @property
    def kind(self) -> str:
        """The kind of index: exact while all rows are scanned."""
        return "exact" if self._now.segment.frozen is None else "approximate"

    @property
    def revision(self) -> int:
        """The last change applied."""
        return self._now.revision

    def __len__(self) -> int:
        return self._now.size

    def facet_names(self) -> list[str]:
        """The fields that at least one product has."""
        return self._now.segment.columns.names()

    def facts(self) -> IndexFacts:
        """The number of rows, how many of them are in cells, and the measured recall."""
        now = self._now
        return IndexFacts(now.rows, now.segment.images.first, self._recall, self._note)

    def should_reopen(self) -> bool:
        """Whether reopening pays: newer files exist, or many slots are unused."""
        if self._superseded:
            return True
        now = self._now
        return now.segment.frozen is None and self._sealing is None and is_wasteful(now.slots, now.size)

    def close(self) -> None:
        """Cancel the sealing."""
        atexit.unregister(self.close)
        self._stop.set()
        self.settle()

    def settle(self) -> None:
        """Wait until the files are written."""
        if self._sealing is not None:
            self._sealing.join()

    def apply(self, changes: Changes) -> None:
        """Apply changes; running searches keep their state."""
        with self._writing:
            moved = changes.revision > self._now.revision
            self._now = self._now.after(changes)
            # A chunk in the middle of the changes is not a state of the catalog.
            if moved and self._sealing is None and not self._note and self._pays(self._now):
                work = threading.Thread(target=self._seal, args=(self._now,), name="sealing", daemon=True)
                self._sealing = work
                work.start()
                # A daemon thread: a process that exits does not wait for it.
                atexit.register(self.close)

    def _pays(self, now: View) -> bool:
        first = now.segment.images.first
        if now.rows < self._begins_at:
            return False
        self._note = self._note or _obstacle(self._space, now)
        if self._note:
            log.info("%s", self._note)
            return False
        fresh = now.rows - first + now.slots - now.size
        return fresh >= max(FRESH_SHARE * first, min(self._begins_at, FRESH_LEAST))

    def _seal(self, now: View) -> None:
        assert self._space.folder is not None
        try:
            sealed.seal(now, self._space, self._space.folder, self._opened, self._stop)
            self._superseded = True
        except Stopped:
            log.info("The approximate index was not finished. The next process starts it again.")
        except (OSError, LookalikeError) as error:
            self._note = f"The index files could not be written, so all rows are scanned: {error}"
            log.warning("The approximate index in %s was not written: %s", self._space.folder, error)

    def search(self, probe: Probe) -> Answer:
        """The best products for a probe, the number that pass the filter, and facet counts."""
        now = self._now
        passing = now.passing(probe.where.conditions)
        counts = now.counts(probe, passing)
        allowed = now.without(passing, probe.exclude)
        in_memory = scoring.scan(now, probe, allowed)
        if now.segment.frozen is None:
            scored, found = in_memory, scoring.best(now, probe, in_memory)
        else:
            scored, found = _nearest(now, probe, allowed, in_memory)
        matches = tuple(scoring.match(now, probe, each) for each in found[probe.offset :])
        return Answer(matches, scoring.total(now, probe, passing, scored), counts, now.revision)


def _obstacle(space: Space, now: View) -> str:
    """Why these rows cannot be stored in cells; empty if they can."""
    if now.segment.sparse:
        return "TF-IDF vectors are searched exactly: all rows are scanned."
    if space.metric == "euclidean":
        return "Euclidean distances are searched exactly: all rows are scanned."
    if space.folder is None:
        return "There is no folder for index files: all rows are scanned."
    if importlib.util.find_spec("faiss") is None:
        return f"{WITHOUT_FAISS} Until then all rows are scanned."
    return ""


def _nearest(now: View, probe: Probe, allowed: Mask | None, in_memory: Scored) -> tuple[Scored, list[Found]]:
    """The page and its candidate rows; reads more cells until nothing else can be on it."""
    frozen = now.segment.frozen
    assert frozen is not None
    by_row = now.of_rows(allowed)
    mask = None if by_row is None else by_row[: len(frozen.cells)]
    fixed = _with_bonus(now, probe, allowed, mask)
    if fixed is not None:
        mask = np.ones(len(frozen.cells), np.bool_) if mask is None else mask.copy()
        mask[fixed.rows] = False
    query, wanted = fused_query(probe, *now.segment.dims), probe.offset + probe.k
    reach, effort = scoring.reach_for(now, probe), 1.0
    near = frozen.cells.nearest(query, kind_of(probe), mask, reach, effort)
    while True:
        scored = _joined([Scored(near.rows, near.scores), in_memory, *([fixed] if fixed else [])])
        found = scoring.best(now, probe, scored)
        if near.complete:
            return scored, found
        seen = float(near.scores[-1]) if len(near.rows) == reach else np.inf
        full = len(found) >= wanted and found[-1].score >= seen
        counted = probe.min_score is None or seen < probe.min_score
        if full and counted:
            return scored, found
        if probe.min_score is not None:
            near = frozen.cells.above(query, probe.min_score, mask)
            continue
        reach, effort = min(reach * HARDER, len(frozen.cells) + 1), effort * HARDER
        near = frozen.cells.nearest(query, kind_of(probe), mask, reach, effort)


def _with_bonus(now: View, probe: Probe, allowed: Mask | None, mask: Mask | None) -> Scored | None:
    """The rows in the file whose products have a bonus or the best words; none is skipped."""
    segment, frozen = now.segment, now.segment.frozen
    assert frozen is not None
    chosen = np.zeros(segment.first_slot, np.bool_)
    chosen[[slot for slot in now.known(probe.bonus) if slot < segment.first_slot]] = True
    if (words := now.words(probe)) is not None:
        chosen[scoring.worth_most(words[0][: segment.first_slot], allowed)] = True
    if not chosen.any():
        return None
    rows = np.flatnonzero(chosen[frozen.row_slot])
    rows = rows if mask is None else rows[mask[rows]]
    scores = segment.fused(rows) @ fused_query(probe, *segment.dims)
    scoring.add_bonus(now, probe, now.owners(rows), scores)
    return Scored(rows, scores)


def _joined(parts: list[Scored]) -> Scored:
    return Scored(
        np.concatenate([np.asarray(part.rows, np.intp) for part in parts]),
        np.concatenate([part.scores for part in parts]),
    )
