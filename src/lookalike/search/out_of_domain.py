"""Whether a query belongs to a shop: kernel ridge regression of the shop's own vectors against the world's.

The world is a sample of many kinds of goods and words that ships beside the built-in encoder. What in it is
like the shop's own products is left out, so that only the shop decides what it sells.
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
# Of the shop's own products, the share that lies as close to another one as the world's that are left out.
LIKE_THE_SHOP = 0.25
FEWEST_OTHERS = 50
FEWEST_OWN = 8
CLOSE = 0.9
# How many products it takes until a shop's own figures count as much as those of other shops.
SHRINKAGE = 20
LOWEST, HIGHEST = -8.0, 3.0


@dataclass(frozen=True, slots=True)
class Usual:
    """What a number usually is for the shop's own products: its median, and how far the lowest 5% lie below.

    It makes numbers of different shops and encoders comparable.
    """

    middle: float
    spread: float

    @classmethod
    def of(cls, values: Numbers, elsewhere: Usual) -> Self:
        """The usual value here, pulled towards that of other shops while there are few values."""
        count = len(values)
        if not count:
            return cls(elsewhere.middle, elsewhere.spread)
        middle, low = (float(each) for each in np.quantile(values, (0.5, 0.05)))
        share = count / (count + SHRINKAGE)
        spread = share * (middle - low) + (1 - share) * elsewhere.spread
        least = max(elsewhere.spread / 5, 1e-6)
        return cls(share * middle + (1 - share) * elsewhere.middle, max(spread, least))

    def place(self, value: float) -> float:
        """Where a value stands: 0 is usual, -1 is among the lowest 5% of the shop's own."""
        return float(np.clip((value - self.middle) / self.spread, LOWEST, HIGHEST))


@dataclass(frozen=True, slots=True, eq=False)
class ShopClassifier:
    """Scores vectors: usual ones for the shop lie at 0, the shop's lowest 5% at -1, the world's far below.

    Landmarks are the shop's `own` vectors and the `chosen` rows of the world, which all shops share.
    """

    own: Vector
    world: Vector
    chosen: Rows
    weights: Vector
    usual: Usual

    @classmethod
    def fit(cls, own: Vector, world: Vector, elsewhere: Usual) -> tuple[Self, Numbers, Rows, Numbers]:
        """Learn from a sample of the shop.

        Also returns where each of the shop's vectors stands without itself, which rows of the world were left
        in, and where these stand without themselves.
        """
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
        places = np.array([usual.place(value) for value in left_out])
        return (
            cls(own.astype(np.float32), world, chosen, weights.astype(np.float32), usual),
            places[: len(own)],
            chosen,
            places[len(own) :],
        )

    @property
    def landmarks(self) -> Vector:
        """The vectors that others are compared with, the shop's own first."""
        return np.concatenate([self.own, self.world[self.chosen]])

    def place(self, row: Vector) -> float:
        """Where a vector stands among the shop's own."""
        asked = row[None, :].astype(np.float32)
        near = [_kernel(asked, self.own)[0], _kernel(asked, self.world)[0][self.chosen]]
        return self.usual.place(float(np.concatenate(near) @ self.weights))


def _kernel(one: Vector, other: Vector) -> Vector:
    return np.exp(-2 * WIDTH * (1 - np.clip(one @ other.T, -1, 1)))


def unlike(own: Vector, world: Vector) -> Rows:
    """The rows of the world that are not what the shop sells."""
    near = (world @ own.T).max(axis=1)
    line = CLOSE
    if len(own) >= FEWEST_OWN:
        among = own @ own.T
        np.fill_diagonal(among, -1)
        line = float(np.quantile(among.max(axis=1), LIKE_THE_SHOP))
    chosen = np.flatnonzero(near < line)
    return chosen if len(chosen) >= FEWEST_OTHERS else np.argsort(near)[:FEWEST_OTHERS]
