"""Whether a head on frozen features finds more of the same kind, on products it was not learned from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from lookalike.analysis.evaluate.intervals import Difference, Figure, difference, figure
from lookalike.analysis.snapshot import Snapshot
from lookalike.errors import UsageError
from lookalike.types import Vector
from lookalike.vectors.discriminant import fit_head
from lookalike.vectors.pca import unit

NEAREST = 5
HELD_OUT = 0.3
FEWEST = 20


@dataclass(frozen=True, slots=True)
class HeadStudy:
    """P@5 of a facet on held-out products, with the frozen features as they are and with a head."""

    facet: str
    learned_from: int
    queries: int
    before: Figure
    after: Figure
    gain: Difference

    @property
    def better(self) -> bool:
        """Whether the gain is more than chance."""
        return self.gain.low > 0


def study_head(snapshot: Snapshot, facet: str) -> HeadStudy:
    """Learn a head from most products and judge it on the others, split by group."""
    labels = snapshot.labels(facet)
    usable = np.flatnonzero(snapshot.has_photo() & (labels != ""))
    units = {product.id: product.group or product.id for product in snapshot.products}
    aside = np.array([_held_out(units[snapshot.ids[place]]) for place in usable], np.bool_)
    rows = snapshot.looks()[usable]
    own = labels[usable]
    if min(int(aside.sum()), int((~aside).sum())) < FEWEST:
        raise UsageError(
            f"A head needs about {round(FEWEST / HELD_OUT)} products with a photo and a value of {facet!r}."
        )
    head = fit_head(rows[~aside], own[~aside].tolist())
    ids = [snapshot.ids[place] for place in usable[aside]]
    before = _precision(rows[aside], own[aside].tolist(), ids)
    after = _precision(unit(head.transform(rows[aside])), own[aside].tolist(), ids)
    return HeadStudy(
        facet=facet,
        learned_from=int((~aside).sum()),
        queries=len(ids),
        before=figure(before, units),
        after=figure(after, units),
        gain=difference(after, before, units),
    )


def _held_out(unit: str) -> bool:
    return hashlib.sha256(f"head {unit}".encode()).digest()[0] < 256 * HELD_OUT


def _precision(rows: Vector, labels: list[str], ids: list[str]) -> dict[str, float]:
    similar = rows @ rows.T
    np.fill_diagonal(similar, -np.inf)
    near = np.argsort(-similar, axis=1, kind="stable")[:, :NEAREST]
    own = np.array(labels)
    agree = (own[near] == own[:, None]).mean(axis=1)
    return dict(zip(ids, agree.tolist(), strict=True))
