"""K-means clustering, so that a search can be limited to the nearest clusters."""

from __future__ import annotations

import hashlib
import io
from typing import Any, Self

import numpy as np

from lookalike.errors import Conflict, UsageError
from lookalike.types import Vector

ROUNDS = 300
STARTS = 4
STILL = 1e-4
SEED = 7


class Clusters:
    """The cluster centers."""

    def __init__(self, centres: Vector) -> None:
        self.centres = centres

    @classmethod
    def fit(cls, rows: Vector, count: int, start: Vector | None = None) -> Self:
        """Fit by Lloyd's algorithm, from given centers or the best of a few k-means++ starts."""
        if not 0 < count <= len(rows):
            raise UsageError(f"{len(rows)} rows cannot be put into {count} clusters.")
        if start is not None:
            return cls(_rounds(rows, start)[0])
        random = np.random.default_rng(SEED)
        found = [_rounds(rows, _spread(rows, count, random)) for _ in range(STARTS)]
        return cls(min(found, key=lambda each: each[1])[0])

    def __len__(self) -> int:
        return len(self.centres)

    @property
    def space(self) -> str:
        """The identity of the clusters."""
        return f"clusters{len(self)}@{hashlib.sha256(self.centres.tobytes()).hexdigest()[:16]}"

    def assign(self, rows: Vector) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Return the number of the nearest cluster of each row."""
        return _distances(rows, self.centres).argmin(axis=1)

    def nearest(self, row: Vector, count: int = 1) -> list[int]:
        """Return the numbers of the clusters nearest to a row, nearest first."""
        order = np.argsort(_distances(row[None], self.centres)[0], kind="stable")
        return [int(number) for number in order[:count]]

    def dumps(self) -> bytes:
        """Serialize for the database."""
        held = io.BytesIO()
        np.save(held, self.centres, allow_pickle=False)
        return held.getvalue()

    @classmethod
    def loads(cls, data: bytes) -> Self:
        """Deserialize from the database."""
        try:
            return cls(np.load(io.BytesIO(data), allow_pickle=False))
        except (ValueError, OSError, EOFError) as error:
            raise Conflict(
                "The stored clusters of this catalog are damaged. Import its feed again."
            ) from error


def _rounds(rows: Vector, start: Vector) -> tuple[Vector, float]:
    """Run Lloyd's algorithm to convergence; also returns the sum of squared distances."""
    centres = start.astype(np.float32)
    enough = STILL * float(rows.var(axis=0).mean())
    for _ in range(ROUNDS):
        distances = _distances(rows, centres)
        labels = distances.argmin(axis=1)
        counts = np.bincount(labels, minlength=len(centres))
        sums = np.zeros(centres.shape, np.float64)
        np.add.at(sums, labels, rows)
        moved = centres.copy()
        filled = counts > 0
        moved[filled] = (sums[filled] / counts[filled, None]).astype(np.float32)
        for empty in np.flatnonzero(~filled):
            # An empty cluster restarts at the row farthest from its center.
            worst = int(distances.min(axis=1).argmax())
            moved[empty] = rows[worst]
            distances[worst] = 0
        shift = float(((moved - centres) ** 2).sum())
        centres = moved
        if shift <= enough:
            break
    return centres, float(_distances(rows, centres).min(axis=1).sum())


def _spread(rows: Vector, count: int, random: np.random.Generator) -> Vector:
    """Choose initial centers: each is drawn with a probability by its distance from those chosen."""
    chosen = [int(random.integers(len(rows)))]
    nearest = _distances(rows, rows[chosen])[:, 0]
    while len(chosen) < count:
        total = nearest.sum()
        odds = nearest / total if total > 0 else None
        chosen.append(int(random.choice(len(rows), p=odds)))
        nearest = np.minimum(nearest, _distances(rows, rows[chosen[-1:]])[:, 0])
    return rows[chosen]


def _distances(rows: Vector, centres: Vector) -> np.ndarray[Any, np.dtype[np.float64]]:
    squared = (rows**2).sum(axis=1)[:, None] + (centres**2).sum(axis=1)[None] - 2 * (rows @ centres.T)
    return np.maximum(squared, 0).astype(np.float64)
