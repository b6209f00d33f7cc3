"""The papers' experiment: how many principal components of the photo vectors are enough.

At each number of components: the variance they explain, the accuracy of the nearest neighbor, and P@5,
F1@5 and F1@10 of the category.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from lookalike.analysis.evaluate.intervals import Figure, difference, figure, sample
from lookalike.analysis.snapshot import Snapshot
from lookalike.types import Vector
from lookalike.vectors.pca import Pca, unit

NUMBERS = (2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048)
DEPTHS = (5, 10)
VARIANCE = 0.9
QUERIES = 1000
TOLERATED = 0.01

Agreement: TypeAlias = "np.ndarray[Any, Any]"


@dataclass(frozen=True, slots=True)
class Step:
    """Quality of a recipe with a number of components, and the variance they explain."""

    recipe: str
    components: int
    explained: float
    precision: Figure
    accuracy: float
    f1_at_5: float
    f1_at_10: float
    plateau: bool = False
    ninety: bool = False
    """Whether this is the first number of components that explains 90% of the variance."""

    def as_json(self) -> dict[str, Any]:
        """The step as JSON."""
        return {
            "recipe": self.recipe,
            "components": self.components,
            "explained": round(self.explained, 4),
            "P@5": round(self.precision.value, 5),
            "low": round(self.precision.low, 5),
            "high": round(self.precision.high, 5),
            "accuracy": round(self.accuracy, 5),
            "F1@5": round(self.f1_at_5, 5),
            "F1@10": round(self.f1_at_10, 5),
            "ninety": self.ninety,
            "plateau": self.plateau,
        }


def components(snapshot: Snapshot, recipe: str) -> list[Step]:
    """Quality over the number of components; from the plateau on, more of them add nothing."""
    facet = snapshot.category()
    looks = snapshot.looks()
    usable = np.flatnonzero(snapshot.has_photo() & (snapshot.labels(facet) != "")) if facet else []
    if len(usable) <= DEPTHS[0]:
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
    ninety = int(np.searchsorted(shares, VARIANCE)) + 1
    carrying = Counter(labels.tolist())
    relevant = np.array([carrying[label] - 1 for label in labels[asked].tolist()])
    steps: list[tuple[int, Agreement]] = []
    for number in sorted({min(number, most) for number in (*NUMBERS, ninety)}):
        near = _nearest(unit(reduced[:, :number]), asked)
        steps.append((number, labels[near] == labels[asked][:, None]))
    values = [_by_query(ids, asked, agree[:, : DEPTHS[0]].mean(axis=1)) for _, agree in steps]
    best = max(values, key=lambda each: sum(each.values()))
    found: list[Step] = []
    for (number, agree), precision in zip(steps, values, strict=True):
        lost = difference(best, precision, units)
        five, ten = (_f1(agree[:, :depth], relevant) for depth in DEPTHS)
        found.append(
            Step(
                recipe=recipe,
                components=number,
                explained=float(shares[number - 1]),
                precision=figure(precision, units),
                accuracy=float(agree[:, 0].mean()),
                f1_at_5=five,
                f1_at_10=ten,
                plateau=lost.value <= TOLERATED and not any(step.plateau for step in found),
                ninety=number == ninety,
            )
        )
    return found


def _by_query(ids: list[str], asked: list[int], values: Agreement) -> dict[str, float]:
    return dict(zip((ids[place] for place in asked), values.tolist(), strict=True))


def _f1(agree: Agreement, relevant: Agreement) -> float:
    """The mean over queries of the harmonic mean of precision and recall."""
    hits = agree.sum(axis=1)
    precision, recall = hits / agree.shape[1], hits / np.maximum(relevant, 1)
    both = precision + recall
    return float(np.where(both > 0, 2 * precision * recall / np.maximum(both, 1e-12), 0.0).mean())


def _nearest(rows: Vector, asked: list[int]) -> np.ndarray[Any, np.dtype[np.int64]]:
    near: list[np.ndarray[Any, np.dtype[np.int64]]] = []
    for start in range(0, len(asked), 256):
        piece = asked[start : start + 256]
        similar = rows[piece] @ rows.T
        similar[np.arange(len(piece)), piece] = -np.inf
        near.append(np.argsort(-similar, axis=1, kind="stable")[:, : DEPTHS[-1]])
    return np.concatenate(near)
