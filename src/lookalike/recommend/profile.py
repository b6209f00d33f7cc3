"""The profile of a shopper: weighted products, clustered into interests."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lookalike.recommend.events import BIT
from lookalike.recommend.graph import HALF_LIFE, Edges, Floats, Ints, Mask, saturated
from lookalike.recommend.interactions import Interactions
from lookalike.recommend.item_models import strength_of
from lookalike.recommend.item_space import ItemTable
from lookalike.types import Vector

MOST_LIKED = 60
MOST_HISTORY = 500
MOST_INTERESTS = 8
# Rows that are nearer than this belong to one interest.
TOGETHER = 0.5
# What was just done says so much more, half of it after half an hour.
SESSION = 0.5
SESSION_HALF_LIFE = 1800.0
SEEDED = 4.0
IN_VIEW = "is in view"

DONE_WITH = {
    "purchase": "you bought",
    "cart": "you added to the cart",
    "like": "you liked",
    "rating": "you rated",
    "comment": "you commented on",
    "click": "you viewed",
    "view": "you viewed",
}


@dataclass(frozen=True, slots=True)
class Liked:
    """A liked product, its weight, and how the shopper showed it. `how` is empty for products that are only
    similar to liked ones."""

    number: int
    weight: float
    how: str = ""


@dataclass(frozen=True, slots=True)
class Searched:
    """A past search, with its vector, weight and text."""

    row: Vector
    weight: float
    words: str


@dataclass(frozen=True, slots=True)
class History:
    """The history of a shopper for the item models: product numbers and weights."""

    items: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    strength: Floats = field(default_factory=lambda: np.zeros(0))


@dataclass(slots=True)
class Profile:
    """Everything that a recommendation starts from."""

    shopper: int | None = None
    liked: list[Liked] = field(default_factory=list[Liked])
    disliked: list[int] = field(default_factory=list[int])
    bought: list[int] = field(default_factory=list[int])
    searched: list[Searched] = field(default_factory=list[Searched])
    history: History = field(default_factory=History)

    @property
    def interactions(self) -> int:
        """How many different things the shopper did."""
        return len(self.liked) + len(self.searched)


@dataclass(frozen=True, slots=True)
class Interest:
    """An interest: its center, share, and the liked products and searches behind it."""

    row: Vector
    share: float
    members: tuple[Liked | Searched, ...]
    rows: Vector

    @property
    def searched(self) -> float:
        """How much of it was searched for."""
        return sum(each.weight for each in self.members if isinstance(each, Searched))

    def described(self, ids: list[str]) -> tuple[str, ...]:
        """The products and searches behind it, the strongest first."""
        return tuple(
            ids[each.number] if isinstance(each, Liked) else f"search: {each.words or 'a photo'}"
            for each in self.members
        )

    def nearest(self, row: Vector) -> Liked | Searched:
        """The like or search that a product is most alike."""
        return self.members[int((self.rows @ row).argmax())]


def profile_of(shopper: int, interactions: Interactions, now: float) -> Profile:
    """What a shopper's edges say: the strongest first, whatever the order they came in."""
    edges = interactions.graph.edges.at(interactions.graph.of_shopper(shopper))
    fading = recency(np.maximum(now - edges.last, 0.0))
    # Sums differ in their last bits by the order they were added up in; single precision leaves those out.
    weights = (saturated(edges.sum) * fading).astype(np.float32)
    against = (edges.sum * fading).astype(np.float32)
    products, ids = edges.product.tolist(), interactions.products.ids
    return Profile(
        shopper=shopper,
        liked=[
            Liked(products[place], float(weights[place]), _how(int(edges.kinds[place])))
            for place in _first(MOST_LIKED, -weights, edges.sum > 0, products, ids)
        ],
        disliked=[products[place] for place in _first(len(products), against, edges.sum < 0, products, ids)],
        bought=_by_id(edges.product[edges.bought > 0], ids),
        history=_history(edges, now),
    )


def _history(edges: Edges, now: float) -> History:
    strength = strength_of(edges.sum, edges.last, now) * _of_session(np.maximum(now - edges.last, 0.0))
    some = np.flatnonzero(edges.sum > 0)
    if len(some) > MOST_HISTORY:
        some = some[np.argsort(-strength[some], kind="stable")[:MOST_HISTORY]]
    return History(edges.product[some], strength[some])


def _first(most: int, order: Vector, some: Mask, products: list[int], ids: list[str]) -> list[int]:
    """The places of the least in this order; of equal ones those whose products' ids come first."""
    places = np.flatnonzero(some)
    if len(places) > most:
        places = places[order[places] <= np.partition(order[places], most)[most]]
    named = [(float(order[place]), ids[products[place]], place) for place in places.tolist()]
    return [place for _, _, place in sorted(named)[:most]]


def _by_id(products: Ints, ids: list[str]) -> list[int]:
    return sorted(products.tolist(), key=ids.__getitem__)


def _how(kinds: int) -> str:
    return next(words for kind, words in DONE_WITH.items() if kinds & BIT[kind])


def recency(age: Floats | float) -> Floats:
    """What something done so many seconds ago still says: much in a session, then less and less."""
    return np.exp2(-np.divide(age, HALF_LIFE)) * _of_session(age)


def _of_session(age: Floats | float) -> Floats:
    return 1.0 + SESSION * np.exp2(-np.divide(age, SESSION_HALF_LIFE))


def interests(profile: Profile, table: ItemTable, ids: list[str]) -> list[Interest]:
    """The few centers that liked products and searches gather around, the strongest first."""
    found: list[tuple[Liked | Searched, Vector]] = [(each, each.row) for each in profile.searched]
    for liked in profile.liked:
        slot = table.slot(ids[liked.number])
        if slot is not None and table.rows[slot].any():
            found.append((liked, table.rows[slot]))
    sums = np.zeros((MOST_INTERESTS, table.rows.shape[1]), np.float32)
    lengths = np.full(MOST_INTERESTS, 1e-9, np.float32)
    members: list[list[tuple[Liked | Searched, Vector]]] = []
    # The strongest go first, so that the centers do not depend on what came when.
    for each, row in sorted(found, key=lambda pair: -pair[0].weight):
        nearest = _nearest(sums[: len(members)], lengths[: len(members)], row)
        if nearest is None:
            nearest = len(members)
            members.append([])
        sums[nearest] += row * np.float32(each.weight)
        lengths[nearest] = max(math.sqrt(sums[nearest] @ sums[nearest]), 1e-9)
        members[nearest].append((each, row))
    weights = [sum(each.weight for each, _ in of) for of in members]
    whole = max(sum(weights), 1e-12)
    centres = [
        Interest(
            sums[place] / lengths[place],
            weight / whole,
            tuple(each for each, _ in of),
            np.array([row for _, row in of]),
        )
        for place, (weight, of) in enumerate(zip(weights, members, strict=True))
    ]
    return sorted(centres, key=lambda interest: -interest.share)


def _nearest(sums: Vector, lengths: Vector, row: Vector) -> int | None:
    """The center that a row joins; None if it should begin one."""
    if not len(sums):
        return None
    nearness = sums @ row / lengths
    nearest = int(nearness.argmax())
    return nearest if nearness[nearest] >= TOGETHER or len(sums) >= MOST_INTERESTS else None


def likeliness(rows: Vector, interests: list[Interest], sharpness: float) -> NDArray[np.float32]:
    """How likely each interest makes each row, to any constant; their sum is that of the whole taste."""
    centres = np.array([interest.row for interest in interests], np.float32)
    shares = np.array([interest.share for interest in interests], np.float32)
    # The long matrix in front: half the time of the other order. Then one long row for each interest: an
    # operation on many short rows takes ten times as long.
    likely = np.ascontiguousarray((rows @ (centres * np.float32(sharpness)).T).T)
    np.exp(likely, out=likely)
    likely *= shares[:, None]
    return likely


def nearest_of(row: Vector, interests: list[Interest], sharpness: float) -> Interest:
    """The interest that makes a row likely most."""
    return max(interests, key=lambda each: each.share * math.exp(sharpness * float(each.row @ row)))
