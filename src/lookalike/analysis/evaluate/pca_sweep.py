"""The papers' experiment: how many principal components of the photos' rows are enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lookalike.analysis.evaluate.intervals import Figure, difference, figure, sample
from lookalike.analysis.snapshot import Snapshot
from lookalike.types import Vector
from lookalike.vectors.pca import Pca, unit

NUMBERS = (2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048)
NEIGHBOURS = 5
QUERIES = 1000
TOLERATED = 0.01


@dataclass(frozen=True, slots=True)
class Step:
    """A recipe's agreement on the category with that many components, and the variance they explain."""

    recipe: str
    components: int
    explained: float
    precision: Figure
    plateau: bool = False

    def as_json(self) -> dict[str, Any]:
        """The step as programs read it."""
        return {
            "recipe": self.recipe,
            "components": self.components,
            "explained": round(self.explained, 4),
            "P@5": round(self.precision.value, 5),
            "low": round(self.precision.low, 5),
            "high": round(self.precision.high, 5),
            "plateau": self.plateau,
        }


def components(snapshot: Snapshot, recipe: str) -> list[Step]:
    """Quality over the number of components; from the plateau on, more of them add nothing."""
    facet = snapshot.category()
    looks = snapshot.looks()
    usable = np.flatnonzero(snapshot.has_photo() & (snapshot.labels(facet) != "")) if facet else []
    if len(usable) <= NEIGHBOURS:
        return []
    rows, labels = looks[usable], snapshot.labels(facet)[usable]
    ids = [snapshot.ids[place] for place in usable]
    units = {product.id: product.group or product.id for product in snapshot.products}
    chosen = set(sample(ids, QUERIES, "components"))
    asked = [place for place, id in enumerate(ids) if id in chosen]
    most = min(rows.shape)
    pca = Pca.fit(rows, most)
    reduced = pca.transform(rows)
    shares = np.cumsum(pca.shares)
    steps: list[tuple[int, dict[str, float]]] = []
    for number in sorted({min(number, most) for number in NUMBERS}):
        near = _nearest(unit(reduced[:, :number]), asked)
        agree = (labels[near] == labels[asked][:, None]).mean(axis=1)
        steps.append((number, dict(zip((ids[place] for place in asked), agree.tolist(), strict=True))))
    best = max(steps, key=lambda step: sum(step[1].values()))[1]
    found: list[Step] = []
    for number, values in steps:
        lost = difference(best, values, units)
        enough = lost.value <= TOLERATED and not any(step.plateau for step in found)
        found.append(Step(recipe, number, float(shares[number - 1]), figure(values, units), enough))
    return found


def _nearest(rows: Vector, asked: list[int]) -> np.ndarray[Any, np.dtype[np.int64]]:
    near: list[np.ndarray[Any, np.dtype[np.int64]]] = []
    for start in range(0, len(asked), 256):
        piece = asked[start : start + 256]
        similar = rows[piece] @ rows.T
        similar[np.arange(len(piece)), piece] = -np.inf
        near.append(np.argsort(-similar, axis=1, kind="stable")[:, :NEIGHBOURS])
    return np.concatenate(near)
