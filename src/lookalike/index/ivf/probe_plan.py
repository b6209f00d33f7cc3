"""How many cells a search must read to reach the promised recall, as measured by the build."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lookalike.index.base import Probe
from lookalike.types import Vector

PROMISED = 0.99
# Aimed at while counting cells, with a margin so that unseen queries keep the promise.
AIM = 0.998
QUERIES = 200
FEWEST = 10
# Typed queries are further from any product than another product's title is.
FURTHER = 4
LEVELS = (10, 30, 100, 300, 1000)
WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)
# Text whose vector also stands for a photo, as with joint encoders.
WORDS = "words"

Chunks: TypeAlias = Callable[[], Iterator[tuple[int, Vector]]]


@dataclass(frozen=True, slots=True)
class Plan:
    """The number of cells per kind of query for its nearest 10, 30, … rows."""

    cells: Mapping[str, tuple[int, ...]]
    levels: tuple[int, ...]
    count: int

    def needed(self, kind: str | float, reach: float) -> int:
        """The number of nearest cells that hold the rows within reach, at the promised recall."""
        rows = [self.cells[name] for name in self._around(kind)]
        if kind == WORDS:
            reach *= FURTHER
        place = next((n for n, level in enumerate(self.levels) if level >= reach), len(self.levels) - 1)
        beyond = max(1.0, reach / self.levels[place])
        return min(self.count, math.ceil(max(row[place] for row in rows) * beyond))

    def _around(self, kind: str | float) -> list[str]:
        if isinstance(kind, str):
            return [kind]
        weights = sorted(float(name) for name in self.cells if name != WORDS)
        near = [pair for pair in pairwise(weights) if pair[0] <= kind <= pair[1]]
        return [str(weight) for weight in (near[0] if near else (weights[0],))]

    def widened(self, factor: float) -> Plan:
        """The same plan with more cells."""
        more = {
            kind: tuple(min(self.count, math.ceil(each * factor)) for each in needed)
            for kind, needed in self.cells.items()
        }
        return Plan(more, self.levels, self.count)

    def looks_into_all(self) -> bool:
        """Whether every search reads all cells."""
        return all(each == self.count for needed in self.cells.values() for each in needed)

    def dumps(self) -> dict[str, Any]:
        """As a JSON object."""
        return {"cells": {kind: list(each) for kind, each in self.cells.items()}, "levels": self.levels}

    @classmethod
    def loads(cls, values: Mapping[str, Any], count: int) -> Plan:
        """From a JSON object."""
        cells = {kind: tuple(each) for kind, each in values["cells"].items()}
        return cls(cells, tuple(values["levels"]), count)


def kind_of(probe: Probe) -> str | float:
    """The kind of query in the plan that a probe resembles."""
    image = probe.image if probe.image_weight else None
    text = probe.text if probe.text_weight else None
    if isinstance(image, np.ndarray) and isinstance(text, np.ndarray) and np.array_equal(image, text):
        return WORDS
    if image is None or text is None:
        return 0.0 if image is None else 1.0
    return probe.image_weight / (probe.image_weight + probe.text_weight)


@dataclass(frozen=True, slots=True)
class ProbeTrial:
    """Queries of one kind, built from catalog rows, with their exact nearest rows."""

    kind: str
    queries: Vector
    own: NDArray[np.intp]
    truth: NDArray[np.intp]


def trials_of(
    rows: Vector, own: NDArray[np.intp], image_dim: int, chunks: Chunks, most: int
) -> list[ProbeTrial]:
    """Build queries from catalog rows, in every mixture of image and text."""
    asked: list[tuple[str, Vector, NDArray[np.intp]]] = []
    for kind, queries in _queries(rows, image_dim):
        # An empty text is equally far from everything and asks for nothing.
        asks = queries.any(axis=1)
        asks |= np.count_nonzero(asks) < FEWEST
        asked.append((kind, queries[asks], own[asks]))
    stacked = np.concatenate([queries for _, queries, _ in asked])
    best = _nearest(stacked, np.concatenate([owners for _, _, owners in asked]), chunks, most)
    bounds = np.cumsum([len(queries) for _, queries, _ in asked])[:-1]
    return [ProbeTrial(*each, truth) for each, truth in zip(asked, np.split(best, bounds), strict=True)]


def plan_of(trials: Sequence[ProbeTrial], centroids: Vector, cell: NDArray[np.int32]) -> Plan:
    """The fewest cells that hold the expected rows."""
    count, most = len(centroids), trials[0].truth.shape[1]
    levels = tuple(level for level in LEVELS if level <= most) or (most,)
    cells: dict[str, tuple[int, ...]] = {}
    for trial in trials:
        order = np.argsort(-(trial.queries @ centroids.T), axis=1, kind="stable")
        ranks = np.empty_like(order)
        np.put_along_axis(ranks, order, np.arange(count)[None], axis=1)
        deep = np.take_along_axis(ranks, cell[trial.truth].astype(np.intp), axis=1)
        needed = (_covering(deep[:, :level]) for level in levels)
        known = cells.get(trial.kind, (1,) * len(levels))
        cells[trial.kind] = tuple(max(each) for each in zip(needed, known, strict=True))
    return Plan(cells, levels, count)


def _queries(rows: Vector, image_dim: int) -> Iterator[tuple[str, Vector]]:
    text_dim = rows.shape[1] - image_dim
    if not image_dim or not text_dim:
        yield str(1.0 if image_dim else 0.0), rows
        return
    # The photo of one product with the words of another, as in "like this, but red".
    crossed = np.concatenate([rows[:, :image_dim], np.roll(rows[:, image_dim:], 1, axis=0)], axis=1)
    for weight in WEIGHTS:
        scale = np.repeat(np.array([weight, 1 - weight], np.float32), [image_dim, text_dim])
        yield str(weight), rows * scale
        if 0 < weight < 1:
            yield str(weight), crossed * scale
    if image_dim == text_dim:
        words = (rows[:, image_dim:] / 2).astype(np.float32)
        yield WORDS, np.concatenate([words, words], axis=1)


def _nearest(queries: Vector, own: NDArray[np.intp], chunks: Chunks, most: int) -> NDArray[np.intp]:
    """The exact nearest rows of each query, its own left out."""
    rows = np.zeros((len(queries), 0), np.intp)
    scores = np.zeros((len(queries), 0), np.float32)
    for start, chunk in chunks():
        fresh = queries @ chunk.T
        mine = np.flatnonzero((own >= start) & (own < start + len(chunk)))
        fresh[mine, own[mine] - start] = -np.inf
        number = np.broadcast_to(np.arange(start, start + len(chunk)), fresh.shape)
        scores, rows = np.hstack([scores, fresh]), np.hstack([rows, number])
        if scores.shape[1] > most:
            kept = np.argpartition(-scores, most - 1, axis=1)[:, :most]
            scores, rows = np.take_along_axis(scores, kept, 1), np.take_along_axis(rows, kept, 1)
    order = np.argsort(-scores, axis=1, kind="stable")
    return np.take_along_axis(rows, order, 1)


def _covering(ranks: NDArray[np.intp]) -> int:
    """The number of nearest cells that hold the targeted share of the rows."""
    deep = np.sort(ranks, axis=None)
    return int(deep[min(len(deep) - 1, math.ceil(AIM * len(deep)) - 1)]) + 1
