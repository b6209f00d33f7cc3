"""Recommendations for a shopper, for products at hand, for both, or for nobody in particular."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np

from lookalike.catalog.state import EncodingState
from lookalike.database import Database
from lookalike.index.filters import Filter
from lookalike.recommend.blend import MIXING, TYPICAL, Mixing, blend, mix_of
from lookalike.recommend.diversify import chosen
from lookalike.recommend.explain import Reasons
from lookalike.recommend.ids import IdMap
from lookalike.recommend.interactions import Interactions
from lookalike.recommend.item_space import ItemSpaceSync, ItemTable, Mask
from lookalike.recommend.profile import AT_HAND, SEEDED, Liked, Profile, Searched, profile_of, recency
from lookalike.recommend.rule_effects import apply_rules
from lookalike.types import Event, Hit, Rule, Vector
from lookalike.vectors.sparse import SparseRow

LAST_SEARCHES = 5
SEARCHED = 2.0
# Where little is known of anybody, what has many like it comes first, and then what is unlike that.
MOSTLY = 0.5
VARIETY = 1.0

# A search as the catalogue's own encoders read it: a look, words, or both.
Read: TypeAlias = Callable[[Event], "tuple[Vector | None, Vector | SparseRow | None]"]


@dataclass(frozen=True, slots=True)
class Ask:
    """What a recommendation is asked for."""

    shopper: str | None = None
    products: tuple[str, ...] = ()
    where: Filter = field(default_factory=Filter)
    exclude: frozenset[str] = frozenset()
    k: int = 10
    rules: tuple[Rule, ...] = ()


class Recommender:
    """Keeps taste and evidence in step with one catalogue, and answers from them."""

    def __init__(
        self, database: Database, read: Read, now: Callable[[], float], mixing: Mixing = MIXING
    ) -> None:
        self._database = database
        self._read = read
        self._now = now
        self.mixing = mixing
        self.products = IdMap()
        self.tastes = ItemSpaceSync(database, self.products)
        self.interactions = Interactions(database.events, self.products, now())

    def recommend(self, ask: Ask, encoding: EncodingState) -> tuple[list[Hit], dict[str, float]]:
        """The products, best first, and the share each source has in them."""
        with self.interactions.lock:
            table = self.follow(encoding)
            now = self._now()
            profile = self._profile(ask, table)
            blended = blend(profile, table, self.interactions, now, self.mixing)
            effects = apply_rules(ask.rules, table)
            if (effects.amounts != 1.0).any():
                blended.parts["rules"] = np.log(effects.amounts)
            # Without a taste to go by, a discovery would be any product.
            mixing = self.mixing if profile.interactions else replace(self.mixing, explored=0)
            silence = self._silence(now)
            if not profile.interactions and silence > MOSTLY:
                blended.parts[TYPICAL] = table.typical() * np.float32(silence)
                mixing = replace(mixing, sameness=VARIETY)
            allowed = self._allowed(ask, profile, table) & ~effects.hidden
            scores = blended.total(table.slots)
            seen_by = self.interactions.counts.shoppers[table.numbers]
            page = chosen(scores, allowed, seen_by, table, effects, blended, mixing, ask.k)
            reasons = Reasons(blended, table, self.interactions, [choice.slot for choice in page])
            parts_of: dict[int, dict[str, float]] = {}
            for choice in page:
                parts = {name: float(part[choice.slot]) for name, part in blended.parts.items()}
                parts_of[choice.slot] = parts
                reasons.collect(choice.slot, parts, choice.explored)
        ids = [table.ids[choice.slot] for choice in page]
        known = self._database.products([*ids, *(reasons.mentioned - set(ids))])
        hits = [
            Hit(
                product=known[table.ids[choice.slot]],
                score=sum(parts_of[choice.slot].values()),
                parts=parts_of[choice.slot],
                photo=next((photo.id for photo in known[table.ids[choice.slot]].photos if photo.id), None),
                why=_why(reasons.told(choice.slot, known), effects.why(choice.slot)),
            )
            for choice in page
            if table.ids[choice.slot] in known
        ]
        return hits, mix_of([hit.parts for hit in hits])

    def follow(self, encoding: EncodingState) -> ItemTable:
        """Take in what changed in the catalogue and what shoppers did; needs the evidence's lock."""
        table = self.tastes.follow(encoding)
        self.interactions.follow()
        return table

    def profile(self, shopper: str, table: ItemTable) -> Profile:
        """What is known of a shopper, searches included; needs the evidence's lock."""
        number = self.interactions.shopper(shopper)
        now = self._now()
        profile = Profile() if number is None else profile_of(number, self.interactions, now)
        for search in self._database.events.searches(shopper, LAST_SEARCHES):
            row = table.space.row(*self._read(search))
            if row is not None:
                weight = SEARCHED * float(recency(max(now - (search.time or now), 0.0)))
                profile.searched.append(Searched(row, weight, search.query))
        return profile

    def chosen_after(self, words: str) -> dict[str, float]:
        """The products that shoppers chose after a search; needs the evidence's lock."""
        ids = self.products.ids
        return {ids[number]: said for number, said in self.interactions.led_to(words).items()}

    def _silence(self, now: float) -> float:
        """How much of what is said of products is the prior, and not said by shoppers."""
        prior = self.mixing.prior * len(self.products)
        return prior / (prior + float(self.interactions.said_now(now).sum())) if prior else 0.0

    def _profile(self, ask: Ask, table: ItemTable) -> Profile:
        profile = Profile() if ask.shopper is None else self.profile(ask.shopper, table)
        seeds = [Liked(self.products.of(id), SEEDED, AT_HAND) for id in ask.products]
        profile.liked = seeds + profile.liked
        return profile

    def _allowed(self, ask: Ask, profile: Profile, table: ItemTable) -> Mask:
        """What may be shown: offered, let through, and new to the shopper, its variants included."""
        allowed = table.offered.copy()
        if ask.where.conditions:
            allowed &= table.passing(ask.where)
        ids = self.products.ids
        touched = {ids[each.number] for each in profile.liked}
        touched |= {ids[number] for number in (*profile.disliked, *profile.bought)} | ask.exclude
        slots = [slot for slot in map(table.slot, touched) if slot is not None]
        allowed[slots] = False
        groups = {table.groups[slot] for slot in slots} - {""}
        if groups:
            allowed &= ~table.passing(Filter.parse({"group": sorted(groups)}))
        return allowed


def _why(reasons: Sequence[str], rule: str) -> tuple[str, ...]:
    return (*reasons, rule) if rule else tuple(reasons)
