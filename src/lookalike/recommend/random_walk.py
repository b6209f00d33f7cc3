"""A random walk from products to shoppers who chose them, and on to their other products."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lookalike.recommend.events import BIT
from lookalike.recommend.graph import Floats, Graph, Ints, Mask
from lookalike.recommend.interactions import Interactions
from lookalike.recommend.profile import Liked

MOST_SHOPPERS_OF_A_PRODUCT = 256
MOST_SHOPPERS = 1500
# More steps than these found nothing more.
MOST_STEPS = 10_000
MOST_PRODUCTS_OF_A_SHOPPER = 300
# Shoppers with more products than this are bots.
FAR_TOO_MANY_PRODUCTS = 3000
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
    """How strongly a walk leads to each product, by product number, and the steps it took.

    Shoppers are counted from 0 here, those that were met on the way.
    """

    reached: Floats
    shoppers: int
    without: int | None
    seeds: tuple[Liked, ...]
    visit_seed: Ints
    visit_shopper: Ints
    visit_weight: Floats
    step_shopper: Ints
    step_product: Ints
    step_weight: Floats

    def companions(self, products: Sequence[int], graph: Graph) -> dict[int, Companion]:
        """Of the products that were reached, the seed that leads to each most strongly, with how many
        shoppers had both; without a seed where only what is like the seeds leads there."""
        numbers = np.array(products, np.int64)
        column = np.full(len(self.reached), -1)
        column[numbers] = np.arange(len(numbers))
        steps = np.flatnonzero(column[self.step_product] >= 0)
        led = np.zeros((self.shoppers, len(numbers)))
        led[self.step_shopper[steps], column[self.step_product[steps]]] = self.step_weight[steps]
        cells = self.visit_seed * self.shoppers + self.visit_shopper
        visits = np.bincount(cells, self.visit_weight, len(self.seeds) * self.shoppers)
        strength = visits.reshape(len(self.seeds), self.shoppers) @ led
        own = np.array([bool(seed.how) for seed in self.seeds])
        best = (strength * own[:, None]).argmax(axis=0)
        found: dict[int, Companion] = {}
        for place, (product, seed) in enumerate(zip(products, best.tolist(), strict=True)):
            if own[seed] and strength[seed, place] > 0:
                found[product] = companion(self.seeds[seed], product, graph, self.without)
            elif strength[:, place].any():
                found[product] = Companion(None, int(np.count_nonzero(led[:, place])), 0)
        return found


def companion(seed: Liked, product: int, graph: Graph, without: int | None) -> Companion:
    """A seed and a product with the number of other shoppers who chose both, and who bought both."""
    edges = graph.edges
    first, second = graph.both(seed.number, product)
    chose = (edges.said[first] > 0) & (edges.said[second] > 0)
    if without is not None:
        chose &= edges.shopper[first] != without
    bought = (edges.kinds[first] & edges.kinds[second] & BIT["purchase"]) != 0
    return Companion(seed, int(chose.sum()), int((chose & bought).sum()))


def walk(seeds: Sequence[Liked], interactions: Interactions, without: int | None) -> Walk | None:
    """Three steps through the graph: product, shopper, product. None if there are no other shoppers."""
    graph, edges = interactions.graph, interactions.graph.edges
    numbers = np.array([seed.number for seed in seeds], np.int64)
    visits, visit_seed = graph.of_products(numbers)
    who, weights = edges.shopper[visits], edges.said[visits]
    heard = weights > 0
    if without is not None:
        heard &= who != without
    kept = _strongest_of_each(visit_seed, weights, heard, len(seeds))
    if not len(kept):
        return None
    visit_seed, weights = visit_seed[kept], weights[kept]
    crowds = np.maximum(interactions.counts.shoppers[numbers], 1.0)
    worth = np.array([seed.weight for seed in seeds]) / crowds**SEED_DAMPING
    visit_weight = weights * worth[visit_seed]
    shoppers, visit_shopper = np.unique(who[kept], return_inverse=True)
    strength = np.bincount(visit_shopper, visit_weight, len(shoppers)).astype(np.float64, copy=False)
    chosen = _within_reach(strength, graph.degrees(shoppers))
    steps, step_owner = graph.of_shoppers(shoppers[chosen])
    step_weight = edges.said[steps]
    degree = np.maximum(np.bincount(step_owner, step_weight > 0, len(chosen)), 1.0)
    # Shoppers with many products count less for each.
    damped = np.maximum(degree, degree**2 / MOST_PRODUCTS_OF_A_SHOPPER) ** -SHOPPER_DAMPING
    step_product = edges.product[steps]
    reached = np.bincount(
        step_product, step_weight * (strength[chosen] * damped)[step_owner], len(interactions.products)
    )
    return Walk(
        reached=reached.astype(np.float64, copy=False),
        shoppers=len(shoppers),
        without=without,
        seeds=tuple(seeds),
        visit_seed=visit_seed,
        visit_shopper=visit_shopper,
        visit_weight=visit_weight,
        step_shopper=chosen[step_owner],
        step_product=step_product,
        step_weight=step_weight * damped[step_owner],
    )


def _within_reach(strength: Floats, degrees: Ints) -> Ints:
    """The strongest shoppers, as many as can be followed in so many steps."""
    some = np.flatnonzero(degrees <= FAR_TOO_MANY_PRODUCTS)
    best = some[np.argsort(-strength[some], kind="stable")[:MOST_SHOPPERS]]
    return np.sort(best[np.cumsum(degrees[best]) <= MOST_STEPS])


def _strongest_of_each(owners: Ints, weights: Floats, heard: Mask, count: int) -> Ints:
    """Where the greatest weights of each owner are that were heard."""
    crowded = np.bincount(owners, minlength=count) > MOST_SHOPPERS_OF_A_PRODUCT
    chosen = [np.flatnonzero(heard & ~crowded[owners])]
    # Owners follow each other, but for the latest visits, which come last.
    in_order = bool((owners[1:] >= owners[:-1]).all())
    for owner in np.flatnonzero(crowded):
        if in_order:
            begin, end = np.searchsorted(owners, (owner, owner + 1))
            own = begin + np.flatnonzero(heard[begin:end])
        else:
            own = np.flatnonzero((owners == owner) & heard)
        if len(own) > MOST_SHOPPERS_OF_A_PRODUCT:
            most = len(own) - MOST_SHOPPERS_OF_A_PRODUCT
            own = own[np.argpartition(weights[own], most)[most:]]
        chosen.append(own)
    return np.concatenate(chosen)
