"""Whether a query belongs to a shop's domain: kernel ridge regression of the shop against the world.

The world is a sample of many kinds of goods and phrases, shipped beside the built-in encoder. Rows that
resemble the shop's own products are left out, so that only the shop defines its domain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self, TypeAlias

import numpy as np

from lookalike.types import Vector

Numbers: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"
Rows: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"

WIDTH = 2.0
RIDGE = 0.1
# Share of the shop's products whose nearest neighbor is as close as the excluded world rows.
LIKE_THE_SHOP = 0.25
FEWEST_OTHERS = 50
FEWEST_OWN = 8
CLOSE = 0.9
# Number of products at which the shop's own figures weigh as much as the prior.
SHRINKAGE = 20
LOWEST, HIGHEST = -8.0, 3.0


@dataclass(frozen=True, slots=True)
class Usual:
    """The usual value of a measure among the shop's products: its median, and the distance to the lowest 5%.

    It makes measures comparable across shops and encoders.
    """

    middle: float
    spread: float

    @classmethod
    def of(cls, values: Numbers, elsewhere: Usual) -> Self:
        """Return the usual value, shrunk towards that of other shops if there are few values."""
        count = len(values)
        if not count:
            return cls(elsewhere.middle, elsewhere.spread)
        middle, low = (float(each) for each in np.quantile(values, (0.5, 0.05)))
        share = count / (count + SHRINKAGE)
        spread = share * (middle - low) + (1 - share) * elsewhere.spread
        least = max(elsewhere.spread / 5, 1e-6)
        return cls(share * middle + (1 - share) * elsewhere.middle, max(spread, least))

    def place(self, value: float) -> float:
        """Return the standing of a value: 0 is usual, -1 is the shop's lowest 5%."""
        return float(np.clip((value - self.middle) / self.spread, LOWEST, HIGHEST))


@dataclass(frozen=True, slots=True, eq=False)
class ShopClassifier:
    """Scores vectors: 0 is usual for the shop, -1 is the shop's lowest 5%, and the world is far below.

    Landmarks are the shop's `own` vectors and the `chosen` rows of the world, which all shops share.
    """

    own: Vector
    world: Vector
    chosen: Rows
    weights: Vector
    usual: Usual

    @classmethod
    def fit(cls, own: Vector, world: Vector, elsewhere: Usual) -> Self:
        """Learn from a sample of the shop."""
        chosen = unlike(own, world)
        others = world[chosen]
        rows = np.concatenate([own, others]).astype(np.float32)
        wanted = np.concatenate([np.ones(len(own)), -np.ones(len(others))])
        share = np.where(wanted > 0, 0.5 / len(own), 0.5 / len(others)) * len(rows)
        system = _kernel(rows, rows).astype(np.float64)
        system[np.diag_indices_from(system)] += RIDGE / share
        inverse = np.linalg.inv(system)
        weights = inverse @ wanted
        left_out = wanted - weights / np.diag(inverse)
        mine = left_out[: len(own)] if len(own) >= FEWEST_OWN else np.zeros(0)
        usual = Usual.of(mine, elsewhere)
        return cls(own.astype(np.float32), world, chosen, weights.astype(np.float32), usual)

    @property
    def landmarks(self) -> Vector:
        """The vectors that others are compared with, the shop's first."""
        return np.concatenate([self.own, self.world[self.chosen]])

    def place(self, row: Vector) -> float:
        """Return the domain score of a vector."""
        asked = row[None, :].astype(np.float32)
        near = [_kernel(asked, self.own)[0], _kernel(asked, self.world)[0][self.chosen]]
        return self.usual.place(float(np.concatenate(near) @ self.weights))


def _kernel(one: Vector, other: Vector) -> Vector:
    return np.exp(-2 * WIDTH * (1 - np.clip(one @ other.T, -1, 1)))


def unlike(own: Vector, world: Vector) -> Rows:
    """Return the world rows that are unlike the shop's products."""
    near = (world @ own.T).max(axis=1)
    line = CLOSE
    if len(own) >= FEWEST_OWN:
        among = own @ own.T
        np.fill_diagonal(among, -1)
        line = float(np.quantile(among.max(axis=1), LIKE_THE_SHOP))
    chosen = np.flatnonzero(near < line)
    return chosen if len(chosen) >= FEWEST_OTHERS else np.argsort(near)[:FEWEST_OTHERS]
