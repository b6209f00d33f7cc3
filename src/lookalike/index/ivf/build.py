"""Build the cells: cluster a sample, assign each row, and measure how many cells a search must read."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import numpy as np
from numpy.typing import NDArray

from lookalike.index.ivf.cells import Cells, faiss_library
from lookalike.index.ivf.probe_plan import (
    LEVELS,
    PROMISED,
    QUERIES,
    WORDS,
    Plan,
    ProbeTrial,
    plan_of,
    trials_of,
)
from lookalike.types import Vector

CHUNK = 8192
ROUNDS = 6
SAMPLED_FOR_EACH = 40
MORE = 1.5
SEED = 20

Rows = NDArray[np.intp]


class Stopped(Exception):
    """The build was cancelled."""


@dataclass(frozen=True, slots=True)
class Source:
    """The rows to assign; `some` returns rows by ascending number."""

    count: int
    image_dim: int
    rows: Callable[[Rows], Vector]
    stop: Event

    def chunks(self) -> Iterator[tuple[int, Vector]]:
        """All rows in chunks, each with the number of its first row."""
        for start in range(0, self.count, CHUNK):
            if self.stop.is_set():
                raise Stopped
            yield start, self.rows(np.arange(start, min(start + CHUNK, self.count)))

    def split(self, asked: int, learned: int, random: np.random.Generator) -> tuple[Rows, Rows]:
        """Sampled rows: some serve as queries, others train the clusters."""
        chosen = random.permutation(self.count)
        asked = min(asked, -(-self.count // 2))
        return np.sort(chosen[:asked]), np.sort(chosen[-min(learned, max(self.count - asked, 1)) :])


@dataclass(frozen=True, slots=True)
class Gathered:
    """Where each row is stored, how many cells a search must read, and the recall measured with that."""

    cell: NDArray[np.int32]
    place: NDArray[np.int32]
    plan: Plan
    recall: float


def gather(source: Source, path: Path) -> Gathered:
    """Write the rows into cells and measure how many a search must read."""
    faiss = faiss_library()
    random = np.random.default_rng(SEED)
    count = max(1, round(2 * math.sqrt(source.count)))
    own, others = source.split(QUERIES, SAMPLED_FOR_EACH * count, random)
    centroids = _centroids(source, source.rows(others), count, random)
    count = len(centroids)
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(centroids.shape[1]),
        centroids.shape[1],
        count,
        faiss.ScalarQuantizer.QT_fp16,
        faiss.METRIC_INNER_PRODUCT,
        False,
    )
    index.quantizer.add(centroids)
    index.train(centroids)
    cell = np.empty(source.count, np.int32)
    for start, chunk in source.chunks():
        nearest = _assigned(chunk, centroids)
        cell[start : start + len(chunk)] = nearest
        index.add_core(len(chunk), faiss.swig_ptr(chunk), None, faiss.swig_ptr(nearest))
    faiss.write_index(index, str(path))
    del index
    most = max(1, min(LEVELS[-1], source.count // 20))
    trials = trials_of(source.rows(own), own, source.image_dim, source.chunks, most)
    cells = Cells(path, cell, _places(cell, count), plan_of(trials, centroids, cell))
    return _promised(cells, cell, trials, source.stop)


def _promised(cells: Cells, cell: NDArray[np.int32], trials: Sequence[ProbeTrial], stop: Event) -> Gathered:
    """Raise the number of cells until real searches reach the promised recall."""
    while True:
        recall = min(_recall(cells, trial) for trial in trials)
        if recall >= PROMISED or cells.plan.looks_into_all():
            return Gathered(cell, _places(cell, cells.plan.count), cells.plan, recall)
        if stop.is_set():
            raise Stopped
        cells.plan = cells.plan.widened(MORE)


def _recall(cells: Cells, trial: ProbeTrial) -> float:
    """Recall: the share of the exact nearest rows that searches find, the query row left out."""
    reach = min(LEVELS[0], trial.truth.shape[1])
    kind: str | float = WORDS if trial.kind == WORDS else float(trial.kind)
    found = 0
    for query, own, truth in zip(trial.queries, trial.own, trial.truth, strict=True):
        near = cells.nearest(query, kind, None, reach + 1, 1.0)
        others = near.rows != own
        # Ties: any of several equally near rows is correct.
        least = min(float(cells.row(int(row)) @ query) for row in truth[:reach])
        right = np.isin(near.rows[others][:reach], truth[:reach])
        found += max(int(right.sum()), int((near.scores[others][:reach] >= least).sum()))
    return found / (reach * len(trial.own))


def _centroids(source: Source, sample: Vector, count: int, random: np.random.Generator) -> Vector:
    """Cluster centers of unit length: spherical k-means."""
    count = min(count, len(sample))
    centroids = _unit(sample[random.choice(len(sample), count, replace=False)])
    for _ in range(ROUNDS):
        if source.stop.is_set():
            raise Stopped
        nearest = np.concatenate(
            [_assigned(sample[at : at + CHUNK], centroids) for at in range(0, len(sample), CHUNK)]
        )
        order = np.argsort(nearest, kind="stable")
        filled, starts = np.unique(nearest[order], return_index=True)
        sums = np.add.reduceat(sample[order], starts, axis=0)
        # Reseed an empty cluster.
        centroids = _unit(sample[random.choice(len(sample), count, replace=False)])
        centroids[filled] = _unit(sums)
    return centroids


def _assigned(rows: Vector, centroids: Vector) -> NDArray[np.int64]:
    return np.argmax(rows @ centroids.T, axis=1).astype(np.int64)


def _places(cell: NDArray[np.int32], count: int) -> NDArray[np.int32]:
    """The position of each row within its cell; cells store their rows in ascending order."""
    order = np.argsort(cell, kind="stable")
    sizes = np.bincount(cell, minlength=count)
    starts = np.repeat(np.cumsum(sizes) - sizes, sizes)
    places = np.empty(len(cell), np.int32)
    places[order] = np.arange(len(cell)) - starts
    return places


def _unit(rows: Vector) -> Vector:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.maximum(lengths, 1e-12)).astype(np.float32)
