"""Replays a shop's own log: learn from the events before a moment, recommend, compare with what followed."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lookalike.recommend.blend import Mixing
from lookalike.recommend.graph import EventColumns, Floats
from lookalike.recommend.interactions import Interactions
from lookalike.recommend.item_models import cells_of, fit_item_models
from lookalike.recommend.item_space import ItemTable
from lookalike.recommend.profile import profile_of
from lookalike.recommend.ranking import Knowledge, rank
from lookalike.recommend.rule_effects import RuleEffects, apply_rules

K = 10
# The last part of the events that is held out.
HELD_OUT = 0.15
MOST_SHOPPERS = 200
# With fewer shoppers to compare, chance decides.
FEWEST_SHOPPERS = 30

# The pages of a recommender: product numbers, best first, for the number of a shopper.
Pages = Callable[[int], Sequence[int]]


@dataclass(frozen=True, slots=True)
class Scores:
    """How good a recommender's pages were, one number for each shopper, and which products they showed."""

    hits: Floats
    ndcg: Floats
    shown: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Replay:
    """A shop as of a moment, and what its shoppers chose for the first time afterwards."""

    knowledge: Knowledge
    effects: RuleEffects
    before: EventColumns
    truth: Mapping[int, frozenset[int]]

    def pages(self, mixing: Mixing) -> Pages:
        """The pages that a mixing makes."""
        knowledge = self.knowledge

        def page(shopper: int) -> list[int]:
            profile = profile_of(shopper, knowledge.interactions, knowledge.now)
            choices, _ = rank(profile, knowledge, mixing, knowledge.new_to(profile), self.effects, K)
            return [int(knowledge.table.numbers[choice.slot]) for choice in choices]

        return page

    def scores(self, pages: Pages) -> Scores:
        """Compare a recommender's pages with what the shoppers chose."""
        discounts = 1.0 / np.log2(np.arange(2, K + 2))
        hits, ndcg = np.zeros(len(self.truth)), np.zeros(len(self.truth))
        shown: dict[int, int] = {}
        for place, (shopper, chosen) in enumerate(self.truth.items()):
            page = list(pages(shopper))[:K]
            good = np.array([product in chosen for product in page] + [False] * (K - len(page)))
            hits[place] = good.any()
            ndcg[place] = good @ discounts / discounts[: len(chosen)].sum()
            for product in page:
                shown[product] = shown.get(product, 0) + 1
        return Scores(hits, ndcg, shown)


def replay_at(
    interactions: Interactions, table: ItemTable, moment: float, most_shoppers: int = MOST_SHOPPERS
) -> Replay:
    """Split a log at a moment; needs the lock of the interactions.

    Args:
        interactions, table: the shop as it is now.
        moment: events from this time on are held out.
        most_shoppers: how many of the shoppers are compared, drawn by chance but always the same.
    """
    every = interactions.events()
    past = interactions.as_of(moment)
    later = every.at((every.time >= moment) & (every.weight > 0))
    truth = _first_chosen(every.at(every.time < moment), later, table, interactions.products.ids)
    ids = interactions.shopper_ids
    shoppers = sorted(truth, key=ids.__getitem__)
    if len(shoppers) > most_shoppers:
        shoppers = sorted(random.Random(0).sample(shoppers, most_shoppers), key=ids.__getitem__)
    edges = past.graph.edges.at(slice(len(past.graph)))
    cells = cells_of(edges.shopper, edges.product, edges.sum, edges.last, moment)
    models = fit_item_models(cells, past.events(), 0, 0, moment)
    return Replay(
        knowledge=Knowledge(table, past, models, moment),
        effects=apply_rules((), table),
        before=past.events(),
        truth={shopper: truth[shopper] for shopper in shoppers},
    )


def held_out_from(events: EventColumns, share: float = HELD_OUT) -> float:
    """The moment from which a share of the events follows."""
    times = np.sort(events.time[events.weight > 0])
    return float(times[int(len(times) * (1.0 - share))]) if len(times) else 0.0


def _first_chosen(
    before: EventColumns, later: EventColumns, table: ItemTable, ids: list[str]
) -> dict[int, frozenset[int]]:
    """What shoppers who were there before chose later for the first time, of the products there are."""
    known = set(np.unique(before.shopper << 32 | before.product).tolist())
    shoppers = set(before.shopper[before.weight > 0].tolist())
    found: dict[int, set[int]] = {}
    for shopper, product in zip(later.shopper.tolist(), later.product.tolist(), strict=True):
        new = shopper << 32 | product not in known
        if shopper in shoppers and new and table.slot(ids[product]) is not None:
            found.setdefault(shopper, set()).add(product)
    return {shopper: frozenset(products) for shopper, products in found.items()}
