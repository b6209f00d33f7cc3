"""Ranks products for a shopper's profile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from lookalike.index.filters import Filter
from lookalike.recommend.blend import TYPICAL, Blend, Mixing, blend
from lookalike.recommend.diversify import Choice, chosen
from lookalike.recommend.interactions import Interactions
from lookalike.recommend.item_models import ItemModels
from lookalike.recommend.item_space import ItemTable, Mask
from lookalike.recommend.profile import Profile
from lookalike.recommend.rule_effects import RuleEffects

# Where little is known of anyone, products with many similar ones come first, and then what is unlike them.
MOSTLY = 0.5
VARIETY = 1.0


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything a page is made from: the products, what shoppers did, and the models fitted to it."""

    table: ItemTable
    interactions: Interactions
    models: ItemModels | None
    now: float

    def new_to(self, profile: Profile, exclude: Iterable[str] = ()) -> Mask:
        """The products on offer that the shopper has not chosen, bought or disliked, variants included."""
        table, ids = self.table, self.interactions.products.ids
        touched = {ids[each.number] for each in profile.liked}
        touched |= {ids[number] for number in (*profile.disliked, *profile.bought)} | set(exclude)
        slots = [slot for slot in map(table.slot, touched) if slot is not None]
        allowed = table.offered.copy()
        allowed[slots] = False
        groups = {table.groups[slot] for slot in slots} - {""}
        if groups:
            allowed &= ~table.passing(Filter.parse({"group": sorted(groups)}))
        return allowed

    def silence(self, prior: float) -> float:
        """The share of the prior in everything that is known about the popularity of products."""
        total = prior * len(self.interactions.products)
        return total / (total + float(self.interactions.said_now(self.now).sum())) if total else 0.0


def rank(
    profile: Profile, knowledge: Knowledge, mixing: Mixing, allowed: Mask, effects: RuleEffects, k: int
) -> tuple[list[Choice], Blend]:
    """The best `k` of the allowed products, and the parts of their scores."""
    table, interactions = knowledge.table, knowledge.interactions
    blended = blend(profile, table, interactions, knowledge.models, knowledge.now, mixing)
    if (effects.amounts != 1.0).any():
        blended.parts["rules"] = np.log(effects.amounts)
    if not profile.interactions:
        # Without a taste to go by, a discovery would be any product.
        mixing = replace(mixing, explored=0)
        silence = knowledge.silence(mixing.prior)
        if silence > MOSTLY:
            blended.parts[TYPICAL] = table.typical() * np.float32(silence)
            mixing = replace(mixing, sameness=VARIETY)
    # Models that know what goes together know better than likeness what a page should hold.
    unsure = 1.0 - blended.trusted
    mixing = replace(mixing, sameness=mixing.sameness * unsure, crowding=mixing.crowding * unsure)
    scores = blended.total(table.slots)
    seen_by = interactions.counts.shoppers[table.numbers]
    return chosen(scores, allowed & ~effects.hidden, seen_by, table, effects, blended, mixing, k), blended
