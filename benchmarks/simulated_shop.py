"""A shop whose shoppers' tastes are known, because they are made up, over the attributes of real products.

A shopper has one to three interests. An interest wants a kind of article, for one gender, in a few colors,
of a few brands, for one use and season. Besides, products differ in an appeal that no attribute shows, and
shoppers belong to circles in which certain products are the fashion, which no attribute shows either. One
choice in ten is made by appeal alone. Four choices make a session of one interest, minutes apart; days pass
between two sessions. A tenth of the products arrive last and are in no shopper's history.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike import Event, Product

DAY = 86_400.0
MINUTES = 120.0
NOW = 1_785_000_000.0
DAYS = 60
NEW = 0.1
NOISE = 0.1
CIRCLES = 40
IN_FASHION = 0.03
SESSION = 4
FUTURE = 5
KINDS = ("view", "like", "cart", "purchase")
KIND_SHARES = (0.7, 0.05, 0.15, 0.1)


@dataclass(frozen=True, slots=True)
class Past:
    """What a shopper did, and which products, unseen before, come next."""

    shopper: str
    events: tuple[Event, ...]
    future: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Taste:
    """How likely each product is chosen, summed up from the first on: before the new ones came, and after."""

    past: NDArray[np.float64]
    future: NDArray[np.float64]

    @classmethod
    def of(cls, utility: NDArray[np.float64], is_new: NDArray[np.bool_]) -> Taste:
        """The taste that a utility stands for."""
        weights = np.exp(utility)
        return cls(np.cumsum(np.where(is_new, 0.0, weights)), np.cumsum(weights))


class SimulatedShop:
    """Shoppers over given products, the same ones for the same seed."""

    def __init__(self, products: Sequence[Product], seed: int) -> None:
        self._chance = np.random.default_rng(seed)
        self.ids = [product.id for product in products]
        self._gender = _codes([str(p.facets.get("gender", "")) for p in products])
        self._kind = _codes([str(p.facets.get("articleType", "")) for p in products])
        self._family = _codes([str(p.facets.get("subCategory", "")) for p in products])
        self._colour = _codes([str(p.facets.get("baseColour", "")) for p in products])
        self._season = _codes([str(p.facets.get("season", "")) for p in products])
        self._usage = _codes([str(p.facets.get("usage", "")) for p in products])
        self._brand = _codes([product.title.split(" ")[0].casefold() for product in products])
        self._unisex = np.array([p.facets.get("gender") == "Unisex" for p in products])
        count = len(products)
        self._appeal = self._chance.normal(0.0, 1.0, count)
        self._fashion = self._chance.random((CIRCLES, count)) < IN_FASHION
        self.is_new = self._chance.random(count) < NEW
        self._anybody = Taste.of(self._appeal, self.is_new)

    def pasts(self, name: str, count: int, events: Sequence[int]) -> list[Past]:
        """Shoppers who are here now, with so many events behind them; each takes the next number, around."""
        ends = NOW - 60
        return [self._past(f"{name}-{place}", events[place % len(events)], ends) for place in range(count)]

    def crowd(self, count: int, mean: float) -> list[Past]:
        """Shoppers with as many events as there are in a real shop: most few, some many."""
        lengths = 1 + self._chance.geometric(1.0 / mean, count)
        ends = self._chance.uniform(NOW - DAYS * DAY, NOW, count)
        return [
            self._past(f"crowd-{place}", int(length), float(end))
            for place, (length, end) in enumerate(zip(lengths, ends, strict=True))
        ]

    def _past(self, shopper: str, length: int, ends: float) -> Past:
        chance = self._chance
        tastes = self._tastes()
        weights = chance.dirichlet(np.ones(len(tastes)))
        seen: set[int] = set()
        events: list[Event] = []
        future: list[str] = []
        times = self._times(length, ends)
        taste = tastes[0]
        step = 0
        while len(future) < FUTURE:
            if step % SESSION == 0:
                taste = tastes[int(chance.choice(len(tastes), p=weights))]
            step += 1
            choice = self._choice(taste, past=len(events) < length)
            if len(events) < length:
                kind = KINDS[int(chance.choice(len(KINDS), p=KIND_SHARES))]
                moment = times[len(events)]
                events.append(Event(kind, shopper, self.ids[choice], f"{shopper}/{step}", moment))
                seen.add(choice)
            elif choice not in seen:
                seen.add(choice)
                future.append(self.ids[choice])
        return Past(shopper, tuple(events), tuple(future))

    def _times(self, count: int, ends: float) -> list[float]:
        """Moments in sessions: minutes within one, days between two, the last one at a given time."""
        gaps = self._chance.exponential(MINUTES, count)
        gaps[SESSION::SESSION] = self._chance.exponential(DAYS * DAY / 10, len(gaps[SESSION::SESSION]))
        moments = np.cumsum(gaps)
        return (moments - moments[-1] + ends).tolist() if count else []

    def _choice(self, taste: Taste, past: bool) -> int:
        chosen_by = self._anybody if self._chance.random() < NOISE else taste
        steps = chosen_by.past if past else chosen_by.future
        return int(np.searchsorted(steps, self._chance.random() * steps[-1]))

    def _tastes(self) -> list[Taste]:
        chance = self._chance
        gender = self._gender[int(chance.integers(len(self.ids)))]
        circle = self._fashion[int(chance.integers(CIRCLES))]
        return [self._taste(gender, circle) for _ in range(int(chance.integers(1, 4)))]

    def _taste(self, gender: int, circle: NDArray[np.bool_]) -> Taste:
        chance = self._chance
        same = np.flatnonzero(self._gender == gender)
        example = int(chance.choice(same))
        colours = chance.choice(self._colour[same], 3)
        brands = chance.choice(self._brand[same], 3)
        utility = (
            3.0 * (self._kind == self._kind[example])
            + 2.0 * (self._family == self._family[example])
            + 2.5 * ((self._gender == gender) | self._unisex)
            + 1.2 * np.isin(self._colour, [*colours, self._colour[example]])
            + 1.0 * np.isin(self._brand, [*brands, self._brand[example]])
            + 0.5 * (self._usage == self._usage[example])
            + 0.5 * (self._season == self._season[example])
            + 1.0 * self._appeal
            + 2.0 * circle
        )
        return Taste.of(utility, self.is_new)


def _codes(values: Sequence[str]) -> NDArray[np.int64]:
    return np.unique(np.array(values), return_inverse=True)[1]
