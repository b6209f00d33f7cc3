"""From products to the shoppers who chose them, and on to what else those chose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lookalike.recommend.events import BIT
from lookalike.recommend.evidence import Evidence
from lookalike.recommend.graph import HALF_LIFE, Floats, Ints, told
from lookalike.recommend.profile import Liked

MOST_SHOPPERS_OF_A_PRODUCT = 256
MOST_SHOPPERS = 1500
MOST_PRODUCTS_OF_A_SHOPPER = 300
# How far a seed that everybody takes is held back, and a shopper who takes everything.
SEED_DAMPING = 0.3
SHOPPER_DAMPING = 0.5


@dataclass(frozen=True, slots=True)
class Companion:
    """Why a walk ended at a product: the seed it came from, and how many had both, or bought both."""

    seed: Liked | None
    shoppers: int
    bought: int


@dataclass(frozen=True, slots=True)
class Walk:
    """How strongly a walk leads to each product, by product number, and the steps it took."""

    reached: Floats
    shoppers: int
    seeds: tuple[Liked, ...]
    visit_seed: Ints
    visit_shopper: Ints
    visit_kinds: Ints
    visit_weight: Floats
    step_shopper: Ints
    step_product: Ints
    step_kinds: Ints
    step_weight: Floats

    def companion(self, product: int) -> Companion | None:
        """The seed that leads to a product most strongly, with how many shoppers had both.

        Without a seed where only what is like the seeds leads there.
        """
        steps = np.flatnonzero(self.step_product == product)
        if not len(steps):
            return None
        weight_of = np.zeros(int(self.visit_shopper.max()) + 1)
        bought_by = np.zeros(len(weight_of), np.bool_)
        weight_of[self.step_shopper[steps]] = self.step_weight[steps]
        bought_by[self.step_shopper[steps]] = (self.step_kinds[steps] & BIT["purchase"]) != 0
        strength = self.visit_weight * weight_of[self.visit_shopper]
        own = np.array([bool(seed.how) for seed in self.seeds])[self.visit_seed]
        if not (own & (strength > 0)).any():
            return Companion(None, len(np.unique(self.visit_shopper[strength > 0])), 0)
        best = int(np.bincount(self.visit_seed, strength * own).argmax())
        both = (self.visit_seed == best) & (strength > 0)
        bought = both & ((self.visit_kinds & BIT["purchase"]) != 0) & bought_by[self.visit_shopper]
        return Companion(self.seeds[best], int(both.sum()), int(bought.sum()))


def walk(seeds: Sequence[Liked], evidence: Evidence, without: int | None, now: float) -> Walk | None:
    """Three steps through the graph: product, shopper, product; None where nobody else was there."""
    graph, counts = evidence.graph, evidence.counts
    edges = graph.edges
    numbers = np.array([seed.number for seed in seeds], np.int64)
    places, visit_seed = graph.of_products(numbers)
    visited = edges[places]
    weights = told(visited["sum"]) * np.exp2((visited["last"] - now) / HALF_LIFE)
    weights[visited["shopper"] == (-1 if without is None else without)] = 0.0
    kept = _strongest_of_each(visit_seed, weights, len(seeds))
    if not len(kept):
        return None
    visited, visit_seed = visited[kept], visit_seed[kept]
    crowds = np.maximum(counts.shoppers[numbers], 1.0)
    worth = np.array([seed.weight for seed in seeds]) / crowds**SEED_DAMPING
    visit_weight = weights[kept] * worth[visit_seed]
    shoppers, visit_shopper = np.unique(visited["shopper"], return_inverse=True)
    strength = np.bincount(visit_shopper, visit_weight, len(shoppers))
    kept = _strongest(strength.astype(np.float64), MOST_SHOPPERS)
    step_place, step_owner = graph.of_shoppers(shoppers[kept].astype(np.int64))
    step_shopper = kept[step_owner]
    stepped = edges[step_place]
    step_weight = told(stepped["sum"]) * np.exp2((stepped["last"] - now) / HALF_LIFE)
    degree = np.maximum(np.bincount(step_owner, step_weight > 0, len(kept)), 1.0)
    # A shopper who touches everything says little about anything.
    step_weight /= np.maximum(degree, degree**2 / MOST_PRODUCTS_OF_A_SHOPPER)[step_owner] ** SHOPPER_DAMPING
    step_product = stepped["product"].astype(np.int64)
    reached = np.bincount(step_product, strength[step_shopper] * step_weight, len(evidence.products))
    return Walk(
        reached=reached.astype(np.float64),
        shoppers=len(shoppers),
        seeds=tuple(seeds),
        visit_seed=visit_seed,
        visit_shopper=visit_shopper,
        visit_kinds=visited["kinds"].astype(np.int64),
        visit_weight=visit_weight,
        step_shopper=step_shopper,
        step_product=step_product,
        step_kinds=stepped["kinds"].astype(np.int64),
        step_weight=step_weight,
    )


def _strongest(weights: Floats, most: int) -> Ints:
    """Where the greatest weights are, none of those that weigh nothing."""
    chosen = np.flatnonzero(weights > 0)
    if len(chosen) > most:
        chosen = chosen[np.argpartition(weights[chosen], len(chosen) - most)[len(chosen) - most :]]
    return chosen


def _strongest_of_each(owners: Ints, weights: Floats, count: int) -> Ints:
    """Where the greatest weights of each owner are, none of those that weigh nothing."""
    crowded = np.flatnonzero(np.bincount(owners, minlength=count) > MOST_SHOPPERS_OF_A_PRODUCT)
    chosen = [np.flatnonzero((weights > 0) & ~np.isin(owners, crowded))]
    for owner in crowded:
        own = np.flatnonzero(owners == owner)
        chosen.append(own[_strongest(weights[own], MOST_SHOPPERS_OF_A_PRODUCT)])
    return np.sort(np.concatenate(chosen))
