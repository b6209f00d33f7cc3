"""Whether a picture shows the kind of thing that shops sell: one score from a picture's vector.

A linear score and some fixed random ramps of it, weighed by ridge regression: fitted in a second, the same on
every machine, and small enough to lie beside an encoder.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, Self, TypeAlias

import numpy as np

from lookalike.types import Vector

Weights: TypeAlias = "np.ndarray[Any, np.dtype[np.float32]]"
Numbers: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"

RAMPS = 256
RIDGE = 1e-3
DIGITS = 5
SHIPPED = "outsiders.json"


@dataclass(frozen=True, slots=True)
class OutOfDomainClassifier:
    """Scores the vectors of one space: above 0 what is rather sold, below 0 what is rather not."""

    space: str
    weights: tuple[float, ...]

    @classmethod
    def fit(cls, space: str, inside: Vector, outside: Vector) -> Self:
        """Learn from vectors of what a shop sells and of what it does not; both count the same."""
        rows = _features(np.concatenate([inside, outside])).astype(np.float64)
        wanted = np.concatenate([np.ones(len(inside)), -np.ones(len(outside))])
        share = np.where(wanted > 0, 0.5 / len(inside), 0.5 / len(outside))
        weighed = rows * share[:, None]
        normal = rows.T @ weighed
        normal[np.diag_indices_from(normal)] += RIDGE
        found = np.linalg.solve(normal, weighed.T @ wanted)
        return cls(space, tuple(round(float(weight), DIGITS) for weight in found))

    @classmethod
    def loads(cls, text: str) -> Self:
        """Back from JSON."""
        values = json.loads(text)
        return cls(values["space"], tuple(values["weights"]))

    def dumps(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self))

    def score(self, rows: Vector) -> Numbers:
        """One score for each row."""
        return _features(rows).astype(np.float64) @ np.array(self.weights)


def shipped(space: str) -> OutOfDomainClassifier | None:
    """What lies beside the built-in encoder, if it was learned for its vectors as they are now."""
    from importlib.resources import files

    place = files("lookalike.encoders").joinpath("builtin", SHIPPED)
    if not place.is_file():
        return None
    found = OutOfDomainClassifier.loads(place.read_text("utf-8"))
    return found if found.space == space else None


def _features(rows: Vector) -> Weights:
    rows = np.atleast_2d(rows).astype(np.float32)
    directions, starts = _ramps(rows.shape[1])
    ramps = np.maximum(rows @ directions - starts, 0)
    return np.concatenate([rows, ramps, np.ones((len(rows), 1), np.float32)], axis=1)


@cache
def _ramps(dim: int) -> tuple[Weights, Weights]:
    """Directions of random signs, from a hash: generators of random numbers change with their library."""
    digest = hashlib.shake_256(b"outsiders").digest(-(-dim * RAMPS // 8))
    bits = np.unpackbits(np.frombuffer(digest, np.uint8))
    signs = bits[: dim * RAMPS].reshape(dim, RAMPS).astype(np.float32) * 2 - 1
    return signs, np.linspace(-1.0, 1.0, RAMPS, dtype=np.float32)
