"""Recommendations for a shopper, for products at hand, for both, or for nobody in particular."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np

from lookalike.catalog.pipeline import Made
from lookalike.database import Database
from lookalike.encoders.base import SparseRow
from lookalike.index.filters import Filter
from lookalike.recommend.blend import MIXING, TYPICAL, Mixing, blend, mix_of
from lookalike.recommend.diversify import chosen
from lookalike.recommend.explain import Reasons
from lookalike.recommend.ids import Numbers
from lookalike.recommend.interactions import Evidence
from lookalike.recommend.item_space import Mask, Shelf, Tastes
from lookalike.recommend.profile import AT_HAND, SEEDED, Liked, Profile, Searched, profile_of, recency
from lookalike.recommend.rule_effects import judged
from lookalike.types import Event, Hit, Rule, Vector

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
        self.products = Numbers()
        self.tastes = Tastes(database, self.products)
        self.evidence = Evidence(database.events, self.products, now())

    def recommend(self, ask: Ask, made: Made) -> tuple[list[Hit], dict[str, float]]:
        """The products, best first, and the share each source has in them."""
        with self.evidence.lock:
            shelf = self.follow(made)
            now = self._now()
            profile = self._profile(ask, shelf)
            blended = blend(profile, shelf, self.evidence, now, self.mixing)
            verdicts = judged(ask.rules, shelf)
            if (verdicts.amounts != 1.0).any():
                blended.parts["rules"] = np.log(verdicts.amounts)
            # Without a taste to go by, a discovery would be any product.
            mixing = self.mixing if profile.evidence else replace(self.mixing, explored=0)
            silence = self._silence(now)
            if not profile.evidence and silence > MOSTLY:
                blended.parts[TYPICAL] = shelf.typical() * np.float32(silence)
                mixing = replace(mixing, sameness=VARIETY)
            allowed = self._allowed(ask, profile, shelf) & ~verdicts.hidden
            scores = blended.total(shelf.slots)
            seen_by = self.evidence.counts.shoppers[shelf.numbers]
            page = chosen(scores, allowed, seen_by, shelf, verdicts, blended, mixing, ask.k)
            reasons = Reasons(blended, shelf, self.evidence, [choice.slot for choice in page])
            parts_of: dict[int, dict[str, float]] = {}
            for choice in page:
                parts = {name: float(part[choice.slot]) for name, part in blended.parts.items()}
                parts_of[choice.slot] = parts
                reasons.collect(choice.slot, parts, choice.explored)
        ids = [shelf.ids[choice.slot] for choice in page]
        known = self._database.products([*ids, *(reasons.mentioned - set(ids))])
        hits = [
            Hit(
                product=known[shelf.ids[choice.slot]],
                score=sum(parts_of[choice.slot].values()),
                parts=parts_of[choice.slot],
                photo=next((photo.id for photo in known[shelf.ids[choice.slot]].photos if photo.id), None),
                why=_why(reasons.told(choice.slot, known), verdicts.why(choice.slot)),
            )
            for choice in page
            if shelf.ids[choice.slot] in known
        ]
        return hits, mix_of([hit.parts for hit in hits])

    def follow(self, made: Made) -> Shelf:
        """Take in what changed in the catalogue and what shoppers did; needs the evidence's lock."""
        shelf = self.tastes.follow(made)
        self.evidence.follow()
        return shelf

    def profile(self, shopper: str, shelf: Shelf) -> Profile:
        """What is known of a shopper, searches included; needs the evidence's lock."""
        number = self.evidence.shopper(shopper)
        now = self._now()
        profile = Profile() if number is None else profile_of(number, self.evidence, now)
        for search in self._database.events.searches(shopper, LAST_SEARCHES):
            row = shelf.space.row(*self._read(search))
            if row is not None:
                weight = SEARCHED * float(recency(max(now - (search.time or now), 0.0)))
                profile.searched.append(Searched(row, weight, search.query))
        return profile

    def chosen_after(self, words: str) -> dict[str, float]:
        """The products that shoppers chose after a search; needs the evidence's lock."""
        ids = self.products.ids
        return {ids[number]: said for number, said in self.evidence.led_to(words).items()}

    def _silence(self, now: float) -> float:
        """How much of what is said of products is the prior, and not said by shoppers."""
        prior = self.mixing.prior * len(self.products)
        return prior / (prior + float(self.evidence.said_now(now).sum())) if prior else 0.0

    def _profile(self, ask: Ask, shelf: Shelf) -> Profile:
        profile = Profile() if ask.shopper is None else self.profile(ask.shopper, shelf)
        seeds = [Liked(self.products.of(id), SEEDED, AT_HAND) for id in ask.products]
        profile.liked = seeds + profile.liked
        return profile

    def _allowed(self, ask: Ask, profile: Profile, shelf: Shelf) -> Mask:
        """What may be shown: offered, let through, and new to the shopper, its variants included."""
        allowed = shelf.offered.copy()
        if ask.where.conditions:
            allowed &= shelf.passing(ask.where)
        ids = self.products.ids
        touched = {ids[each.number] for each in profile.liked}
        touched |= {ids[number] for number in (*profile.disliked, *profile.bought)} | ask.exclude
        slots = [slot for slot in map(shelf.slot, touched) if slot is not None]
        allowed[slots] = False
        groups = {shelf.groups[slot] for slot in slots} - {""}
        if groups:
            allowed &= ~shelf.passing(Filter.parse({"group": sorted(groups)}))
        return allowed


def _why(reasons: Sequence[str], rule: str) -> tuple[str, ...]:
    return (*reasons, rule) if rule else tuple(reasons)
