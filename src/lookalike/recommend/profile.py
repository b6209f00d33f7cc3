"""What one shopper likes: products with weights, drawn together into a few interests."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lookalike.recommend.events import BIT
from lookalike.recommend.evidence import Evidence
from lookalike.recommend.graph import HALF_LIFE, Floats, told
from lookalike.recommend.tastes import Shelf
from lookalike.records import Vector

MOST_LIKED = 60
MOST_INTERESTS = 8
# Rows that are nearer than this belong to one interest.
TOGETHER = 0.5
# What was just done says so much more, half of it after half an hour.
SESSION = 0.5
SESSION_HALF_LIFE = 1800.0
SEEDED = 4.0

DEEDS = {
    "purchase": "you bought",
    "cart": "you put in the cart",
    "like": "you liked",
    "rating": "you rated",
    "comment": "you wrote about",
    "click": "you looked at",
    "view": "you looked at",
}


@dataclass(frozen=True, slots=True)
class Liked:
    """A product that speaks for a taste: how much, and what was done with it, in words; nothing where it is
    only like what was."""

    number: int
    weight: float
    how: str = ""


@dataclass(frozen=True, slots=True)
class Searched:
    """A search that speaks for a taste: its row, its weight and its words."""

    row: Vector
    weight: float
    words: str


@dataclass(slots=True)
class Profile:
    """All that a recommendation starts from."""

    shopper: int | None = None
    liked: list[Liked] = field(default_factory=list[Liked])
    disliked: list[int] = field(default_factory=list[int])
    bought: list[int] = field(default_factory=list[int])
    searched: list[Searched] = field(default_factory=list[Searched])

    @property
    def evidence(self) -> int:
        """How many different things the shopper did."""
        return len(self.liked) + len(self.searched)


@dataclass(frozen=True, slots=True)
class Interest:
    """A centre of taste, its share of the whole, and the likes and searches it was drawn from."""

    row: Vector
    share: float
    members: tuple[tuple[Liked | Searched, Vector], ...]

    def told(self, ids: list[str]) -> tuple[str, ...]:
        """The products and searches that make it up, the strongest first."""
        return tuple(
            ids[each.number] if isinstance(each, Liked) else f"search: {each.words or 'a photo'}"
            for each, _ in self.members
        )

    def nearest(self, row: Vector) -> Liked | Searched:
        """The like or search that a product is most alike."""
        return max(self.members, key=lambda member: float(member[1] @ row))[0]


def profile_of(shopper: int, evidence: Evidence, now: float) -> Profile:
    """What a shopper's edges say: the most liked first, whatever the order they came in."""
    edges = evidence.graph.edges[evidence.graph.of_shopper(shopper)]
    age = np.maximum(now - edges["last"], 0.0)
    # Sums differ in their last bits by the order they were added up in; single precision leaves those out.
    weights = (told(edges["sum"]) * recency(age)).astype(np.float32)
    ids = evidence.products.ids
    profile = Profile(shopper)
    for weight, edge in zip(weights.tolist(), edges, strict=True):
        number, kinds = int(edge["product"]), int(edge["kinds"])
        if edge["sum"] > 0:
            how = next(words for kind, words in DEEDS.items() if kinds & BIT[kind])
            profile.liked.append(Liked(number, weight, how))
        elif edge["sum"] < 0:
            profile.disliked.append(number)
        if edge["bought"] > 0:
            profile.bought.append(number)
    profile.liked.sort(key=lambda liked: (-liked.weight, ids[liked.number]))
    profile.disliked.sort(key=lambda number: ids[number])
    profile.bought.sort(key=lambda number: ids[number])
    del profile.liked[MOST_LIKED:]
    del profile.disliked[:-MOST_LIKED]
    return profile


def recency(age: Floats | float) -> Floats:
    """What something done so many seconds ago still says: much in a session, then less and less."""
    return np.exp2(-np.divide(age, HALF_LIFE)) * (1.0 + SESSION * np.exp2(-np.divide(age, SESSION_HALF_LIFE)))


def interests(profile: Profile, shelf: Shelf, ids: list[str]) -> list[Interest]:
    """The few centres that liked products and searches gather around, the strongest first."""
    found: list[tuple[Liked | Searched, Vector]] = [(each, each.row) for each in profile.searched]
    for liked in profile.liked:
        slot = shelf.slot(ids[liked.number])
        if slot is not None and shelf.rows[slot].any():
            found.append((liked, shelf.rows[slot]))
    sums: list[Vector] = []
    members: list[list[tuple[Liked | Searched, Vector]]] = []
    # The strongest go first, so that the centres do not depend on what came when.
    for each, row in sorted(found, key=lambda pair: -pair[0].weight):
        nearest = _nearest(sums, row)
        if nearest is None:
            nearest = len(sums)
            sums.append(np.zeros_like(row))
            members.append([])
        sums[nearest] = sums[nearest] + row * np.float32(each.weight)
        members[nearest].append((each, row))
    weights = [sum(each.weight for each, _ in of) for of in members]
    whole = max(sum(weights), 1e-12)
    centres = [
        Interest(total / np.float32(max(float(np.linalg.norm(total)), 1e-9)), weight / whole, tuple(of))
        for total, weight, of in zip(sums, weights, members, strict=True)
    ]
    return sorted(centres, key=lambda interest: -interest.share)


def _nearest(sums: list[Vector], row: Vector) -> int | None:
    """The centre that a row joins; None if it should begin one."""
    if not sums:
        return None
    centres = np.array(sums)
    nearness = centres @ row / np.maximum(np.linalg.norm(centres, axis=1), 1e-9)
    nearest = int(nearness.argmax())
    return nearest if nearness[nearest] >= TOGETHER or len(sums) >= MOST_INTERESTS else None


def likeliness(rows: Vector, interests: list[Interest], sharpness: float) -> NDArray[np.float32]:
    """How likely each interest makes each row, to any constant; their sum is that of the whole taste."""
    centres = np.array([interest.row for interest in interests], np.float32)
    shares = np.array([interest.share for interest in interests], np.float32)
    likely = (centres * np.float32(sharpness)) @ rows.T
    np.exp(likely, out=likely)
    likely *= shares[:, None]
    return np.asarray(likely, np.float32)


def nearest_of(row: Vector, interests: list[Interest], sharpness: float) -> Interest:
    """The interest that makes a row likely most."""
    return max(interests, key=lambda each: each.share * math.exp(sharpness * float(each.row @ row)))
