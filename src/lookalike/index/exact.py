"""The exact index: every search scans all rows.

Each product takes a slot. Each of its photos takes a row of the image matrix; its text takes one row of the
text matrix, at the slot.
"""

from __future__ import annotations

import threading

import numpy as np

from lookalike.index import scoring
from lookalike.index.base import Answer, Changes, IndexFacts, Probe
from lookalike.index.memory.segment import Segment, View, is_wasteful
from lookalike.types import Metric


class ExactIndex:
    """Scans all rows; filters, counts and groups in process."""

    def __init__(self, image_dim: int, text_dim: int, metric: Metric = "cosine") -> None:
        self._writing = threading.Lock()
        self._now = View.of(Segment(image_dim, text_dim, metric), np.ones(0, np.bool_), 0)

    @property
    def kind(self) -> str:
        """The kind of index."""
        return "exact"

    @property
    def revision(self) -> int:
        """The last change applied."""
        return self._now.revision

    def __len__(self) -> int:
        return self._now.size

    def close(self) -> None:
        """Nothing to release but memory."""

    def facet_names(self) -> list[str]:
        """The fields that at least one product has."""
        return self._now.segment.columns.names()

    def should_reopen(self) -> bool:
        """Whether enough slots are unused for a rebuild to pay."""
        return is_wasteful(self._now.slots, self._now.size)

    def facts(self) -> IndexFacts:
        """The number of rows scanned."""
        return IndexFacts(self._now.rows)

    def apply(self, changes: Changes) -> None:
        """Apply changes; running searches keep their state."""
        with self._writing:
            self._now = self._now.after(changes)

    def search(self, probe: Probe) -> Answer:
        """The best products for a probe, the number that pass the filter, and facet counts."""
        now = self._now
        passing = now.passing(probe.where.conditions)
        counts = now.counts(probe, passing)
        scored = scoring.scan(now, probe, now.without(passing, probe.exclude))
        found = scoring.best(now, probe, scored)[probe.offset :]
        matches = tuple(scoring.match(now, probe, each) for each in found)
        return Answer(matches, scoring.total(now, probe, passing, scored), counts, now.revision)
