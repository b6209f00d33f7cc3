"""Blends the sources into one score. Each source gives the log-likelihood ratio of a product.

The score is the weighted sum. A source with little data gives small values, so the mix moves by itself from
popular products, over similar products, to what other shoppers chose.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.recommend.facet_affinity import Leaning, leaning_scores
from lookalike.recommend.interactions import Interactions
from lookalike.recommend.item_models import ONE_PURCHASE, ItemModels
from lookalike.recommend.item_space import ItemTable, Mask
from lookalike.recommend.largest import largest
from lookalike.recommend.profile import History, Interest, Liked, Profile, interests, likeliness
from lookalike.recommend.random_walk import Walk, walk

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Mixing:
    """The weights of the sources, measured with `benchmarks/recommending.py`."""

    sharpness: float = 3.0
    content: float = 0.6
    facts: float = 0.4
    # A taste has to be seen this often to be believed half as much as how common a fact is.
    facts_prior: float = 3.0
    behaviour: float = 1.0
    # What the item models say, as the logarithm of a lift of up to `depth`.
    models: float = 4.0
    depth: float = 100.0
    # The item models are trusted half where others chose the history's products so many times in all.
    trust: float = 500.0
    # Products like those chosen weigh half in the models with so many shoppers behind the choices.
    alike_doubt: float = 10.0
    # The share of content and facts that stays where the item models are trusted in full; the walk and
    # popularity give way altogether.
    attributes_kept: float = 0.2
    # What is like the seeds of a walk says so much together, beside the seeds.
    lookalikes: float = 1.5
    popular: float = 1.2
    # So many shoppers on the way are worth as much as chance is.
    doubt: float = 5.0
    # So much is said for every product before anybody said anything.
    prior: float = 1.0
    dislike: float = 4.0
    dislike_from: float = 0.5
    # What being exactly like a better product on the page costs.
    sameness: float = 0.4
    # What a page costs that serves one interest only, where there are others.
    crowding: float = 3.0
    # What was searched for has so much of its share of the page in any case.
    due: float = 0.75
    # One position in this many is for a product that few have seen. 0: none.
    explored: int = 10


MIXING = Mixing()
TYPICAL = "typical"
MOST_SEEDS = 30
MOST_LOOKALIKES = 40
MOST_IMPLIED = 5
# A lookalike is among the nearest hundredth of the shop.
ONE_IN = 100
# Not on offer.
NEVER = np.float32(-np.inf)
# Nothing is less likely than this.
LEAST = np.float32(1e-30)


@dataclass(slots=True)
class Blend:
    """The weighted parts of every slot's score, and what they came from."""

    parts: dict[str, Scores] = field(default_factory=dict[str, "Scores"])
    liked: list[Liked] = field(default_factory=list[Liked])
    interests: list[Interest] = field(default_factory=list[Interest])
    likely: Scores | None = None
    sharpness: float = 1.0
    leanings: list[Leaning] = field(default_factory=list[Leaning])
    walked: Walk | None = None
    shopper: int | None = None
    history: History = field(default_factory=History)
    models: ItemModels | None = None
    # How far the item models are trusted, from 0 to 1.
    trusted: float = 0.0

    def total(self, slots: int) -> Scores:
        """The score of every slot."""
        total = np.zeros(slots, np.float32)
        for part in self.parts.values():
            total += part
        return total


def blend(
    profile: Profile,
    table: ItemTable,
    interactions: Interactions,
    models: ItemModels | None,
    now: float,
    mixing: Mixing = MIXING,
) -> Blend:
    """Score every slot for a profile."""
    mixed = Blend(liked=profile.liked, sharpness=mixing.sharpness, shopper=profile.shopper, models=models)
    offered = table.offered
    if not offered.any():
        return mixed
    mixed.interests = interests(profile, table, interactions.products.ids)
    if mixed.interests:
        mixed.likely = likeliness(table.rows, mixed.interests, mixing.sharpness)
        mixed.parts["content"] = mixing.content * _lift(mixed.likely.sum(axis=0), offered)
    liked = [(table.slot(interactions.products.ids[each.number]), each.weight) for each in profile.liked]
    known = [(slot, weight) for slot, weight in liked if slot is not None]
    implied = _implied(mixed, table)
    if known or implied:
        mixed.leanings = table.facts.leanings(known, implied, table.slots, mixing.facts_prior)
        mixed.parts["facts"] = mixing.facts * leaning_scores(mixed.leanings, table.slots)
    seeds = profile.liked[:MOST_SEEDS]
    seeds += [Liked(int(table.numbers[slot]), weight) for slot, weight in implied]
    if seeds:
        mixed.trusted = _score_behaviour(mixed, profile, seeds, table, interactions, mixing)
    kept = np.float32(1.0 - (1.0 - mixing.attributes_kept) * mixed.trusted)
    for name in {"content", "facts"} & mixed.parts.keys():
        mixed.parts[name] = mixed.parts[name] * kept
    heard = np.float32(mixing.popular * (1.0 - mixed.trusted))
    mixed.parts["popular"] = heard * popularity(table, interactions, now, mixing.prior)
    disliked = [table.slot(interactions.products.ids[number]) for number in profile.disliked[:MOST_SEEDS]]
    rows = [table.rows[slot] for slot in disliked if slot is not None]
    if rows:
        nearness = (table.rows @ np.array(rows).T).max(axis=1)
        over = np.maximum(nearness - mixing.dislike_from, 0.0) / (1.0 - mixing.dislike_from)
        mixed.parts["disliked"] = (-mixing.dislike * over).astype(np.float32)
    return mixed


def _score_behaviour(
    mixed: Blend,
    profile: Profile,
    seeds: list[Liked],
    table: ItemTable,
    interactions: Interactions,
    mixing: Mixing,
) -> float:
    """Score by what other shoppers chose; returns how far the item models are trusted, from 0 to 1."""
    parts: list[Scores] = []
    alike = _lookalikes(mixed, seeds, table, mixing)
    mixed.history, chosen, implied = _history(profile, seeds, alike, interactions, mixing)
    trusted = 0.0
    if mixed.models is not None and chosen:
        # A sharp step: models are poor with little behind them, and the best there is with much.
        trusted = 1.0 / (1.0 + (mixing.trust / chosen) ** 3)
        certain = (chosen + implied) / (chosen + implied + mixing.doubt)
        scores = _by_models(mixed.models, mixed.history, table, len(interactions.products))
        lift = np.log1p(np.float32(mixing.depth * certain) * scores)
        parts.append(np.float32(mixing.models * trusted) * lift)
    mixed.walked = walk([*seeds, *alike], interactions, profile.shopper)
    if mixed.walked is not None:
        reached = mixed.walked.reached[table.numbers]
        certain = mixed.walked.shoppers / (mixed.walked.shoppers + mixing.doubt)
        share = np.float32(mixing.behaviour * (1.0 - trusted))
        parts.append(share * _lift_of_share(reached, table.offered, certain))
    if parts:
        mixed.parts["behaviour"] = np.asarray(np.sum(parts, axis=0), np.float32)
    return trusted


def _implied(mixed: Blend, table: ItemTable) -> list[tuple[int, float]]:
    """The slots that searches point to, and how much each says: a search has no facts of its own."""
    found: list[tuple[int, float]] = []
    offered = table.offered
    count = min(MOST_IMPLIED, int(np.count_nonzero(offered)))
    for likely, interest in zip(
        mixed.likely if mixed.likely is not None else (), mixed.interests, strict=True
    ):
        if interest.searched:
            best = largest(np.where(offered, likely, NEVER), count)
            found += [(slot, interest.searched / count) for slot in best.tolist()]
    return found


def _lookalikes(mixed: Blend, seeds: list[Liked], table: ItemTable, mixing: Mixing) -> list[Liked]:
    """What is most like the seeds, as seeds too: shoppers of such things are met where few chose these."""
    scores = mixed.total(table.slots)
    scores[~table.offered] = NEVER
    numbers = {seed.number for seed in seeds}
    count = min(MOST_LOOKALIKES, int(np.count_nonzero(table.offered)) // ONE_IN)
    if not count:
        return []
    best = largest(scores, count)
    likely = np.exp(scores[best] - scores[best].max())
    worth = mixing.lookalikes * sum(seed.weight for seed in seeds) / likely.sum()
    found = zip(table.numbers[best].tolist(), (likely * worth).tolist(), strict=True)
    return [Liked(number, weight) for number, weight in found if weight > 0 and number not in numbers]


def _history(
    profile: Profile,
    seeds: list[Liked],
    alike: list[Liked],
    interactions: Interactions,
    mixing: Mixing,
) -> tuple[History, float, float]:
    """What the item models start from, and how many times other shoppers chose it, and what is implied by it.

    Products that are only like what was chosen give way as more shoppers stand behind the choices.
    """
    own, crowds = profile.history, interactions.counts.shoppers
    chosen = set(own.items.tolist())
    others = [seed for seed in seeds if seed.number not in chosen]
    at_hand = [seed.number for seed in others if seed.how]
    support = float(np.maximum(crowds[own.items] - 1.0, 0.0).sum() + crowds[at_hand].sum())
    share = mixing.alike_doubt / (mixing.alike_doubt + support)
    faded = [(seed.number, seed.weight if seed.how else seed.weight * share) for seed in (*others, *alike)]
    implied = [seed.number for seed in (*others, *alike) if not seed.how]
    numbers = np.array([number for number, _ in faded], np.int64)
    weights = np.array([weight for _, weight in faded]) / ONE_PURCHASE
    history = History(np.concatenate((own.items, numbers)), np.concatenate((own.strength, weights)))
    return history, support, share * float(crowds[implied].sum())


def _by_models(models: ItemModels, history: History, table: ItemTable, products: int) -> Scores:
    """What the item models say of every slot; nothing is less than nothing."""
    eligible = np.zeros(products, np.bool_)
    eligible[table.numbers[table.offered]] = True
    eligible[history.items] = False
    scores = models.scores(history.items, history.strength, eligible)[table.numbers]
    return np.maximum(scores, 0.0).astype(np.float32)


def popularity(table: ItemTable, interactions: Interactions, now: float, prior: float) -> Scores:
    """How much likelier than chance each slot's product is to be chosen by anybody now."""
    said = (interactions.said_now(now) + prior).astype(np.float32)[table.numbers]
    return _lift(said, table.offered)


def mix_of(parts: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The share each source has in what speaks for the hits."""
    totals: dict[str, float] = {}
    for each in parts:
        for name, value in each.items():
            totals[name] = totals.get(name, 0.0) + max(value, 0.0)
    whole = sum(totals.values())
    return {name: value / whole for name, value in totals.items() if value > 0} if whole else {}


def _lift(likely: Scores, offered: Mask) -> Scores:
    """How much likelier each slot is than what is offered by and large, as a logarithm."""
    likely = np.maximum(likely, LEAST)
    return np.log(likely / _mean(likely, offered))


def _lift_of_share(amounts: NDArray[np.float64], offered: Mask, certain: float) -> Scores:
    mean = _mean(amounts, offered)
    if mean <= 0:
        # The walk reached only what is not on offer.
        return np.zeros(len(amounts), np.float32)
    return np.log((amounts * (certain / mean) + (1.0 - certain)).astype(np.float32))


def _mean(values: NDArray[Any], offered: Mask) -> Any:
    """The mean of what is offered; a product with a mask is much faster than picking values out."""
    return (values @ offered.astype(values.dtype)) / values.dtype.type(np.count_nonzero(offered))
