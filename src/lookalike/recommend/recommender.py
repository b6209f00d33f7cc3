"""Recommendations for a shopper, for products in view, for both, or for an unknown visitor."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from lookalike.catalog.catalog import Catalog
from lookalike.errors import BadQuery, BadVector, NotFound
from lookalike.index.filters import Filter
from lookalike.recommend.blend import MIXING, TYPICAL, Mixing, blend, mix_of
from lookalike.recommend.diversify import chosen
from lookalike.recommend.events import check_shopper_id, checked
from lookalike.recommend.explain import Reasons
from lookalike.recommend.ids import IdMap
from lookalike.recommend.interactions import Interactions
from lookalike.recommend.item_space import ItemSpaceSync, ItemTable, Mask, Space
from lookalike.recommend.popularity import ProductStatistics, popular, rising
from lookalike.recommend.profile import (
    AT_HAND,
    SEEDED,
    Liked,
    Profile,
    Searched,
    interests,
    profile_of,
    recency,
)
from lookalike.recommend.rule_book import RuleBook, categories_of
from lookalike.recommend.rule_effects import RuleEffects, apply_rules
from lookalike.text import facet_text
from lookalike.types import Event, Hit, Query, Recommendations, Recorded, Rule, Shopper, Vector, Where
from lookalike.vectors.sparse import SparseRow

LAST_SEARCHES = 5
SEARCHED = 2.0
# Where little is known of anybody, what has many like it comes first, and then what is unlike that.
MOSTLY = 0.5
VARIETY = 1.0

MOST_RECOMMENDED = 200
MOST_SEEDS = 100

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Ask:
    """What a recommendation is asked for."""

    shopper: str | None = None
    products: tuple[str, ...] = ()
    where: Filter = field(default_factory=Filter)
    exclude: frozenset[str] = frozenset()
    k: int = 10
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchContext:
    """What a search is personalized with, as of one moment."""

    table: ItemTable
    effects: RuleEffects
    profile: Profile | None
    chosen_after: dict[str, float]
    ids: list[str]


class Recommender:
    """Follows one catalog and its events, and answers from them; the only holder of their lock."""

    def __init__(self, catalog: Catalog, rules: RuleBook, now: Clock, mixing: Mixing = MIXING) -> None:
        self._catalog = catalog
        self._database = database = catalog.database
        self._rules = rules
        self._now = now
        self.mixing = mixing
        self.products = IdMap()
        self.tastes = ItemSpaceSync(database, self.products)
        self.interactions = Interactions(database.events, self.products, now())

    def record(self, events: Iterable[Event]) -> Recorded:
        """Store what shoppers did, all or nothing; an event whose id is known changes nothing."""
        found = checked(events, self._now())
        for event in found:
            self.check_vector(event)
        new = self._database.events.record(found)
        return Recorded(new, len(found) - new)

    def check_vector(self, event: Event) -> None:
        """Raise BadVector unless the event's vector has the length of this catalog's photo vectors."""
        if event.vector is None:
            return
        encoding = self._catalog.encoding
        lengths = (encoding.image_dim, encoding.image_dim + encoding.text_dim)
        if len(event.vector) not in lengths or not encoding.image_dim:
            raise BadVector(
                f"A searched photo's vector must have {encoding.image_dim} numbers, got {len(event.vector)}."
            )

    def recommend(
        self,
        shopper: str | None = None,
        product: str | Sequence[str] | None = None,
        k: int = 10,
        where: Where | None = None,
        exclude: Iterable[str] = (),
    ) -> Recommendations:
        """Recommend products for a shopper, to go with products, for both, or for an unknown visitor.

        Raises NotFound for an unknown product and BadQuery for a `k` or shopper id out of range.
        """
        began = time.perf_counter()
        check_shopper_id(shopper)
        if not 0 < k <= MOST_RECOMMENDED:
            raise BadQuery(f"k must be from 1 to {MOST_RECOMMENDED}, not {k}.")
        seeds = (product,) if isinstance(product, str) else tuple(product or ())
        if len(seeds) > MOST_SEEDS:
            raise BadQuery(f"Recommendations start from up to {MOST_SEEDS} products, not {len(seeds)}.")
        known = self._database.products(seeds) if seeds else {}
        for id in seeds:
            if id not in known:
                raise NotFound(f"There is no product '{id}': check the id.")
        condition = Filter.parse(where or {})
        values = categories_of(condition)
        for seed in known.values():
            values.update(facet_text(value) for value in seed.facets.values())
        ask = Ask(
            shopper=shopper,
            products=tuple(dict.fromkeys(seeds)),
            where=condition,
            exclude=frozenset(exclude),
            k=k,
            rules=self._rules.active("", values),
        )
        hits, mix = self._answer(ask)
        took = (time.perf_counter() - began) * 1000
        return Recommendations(tuple(hits), took, self._catalog.recipe.name, mix)

    def shopper(self, id: str) -> Shopper:
        """What is known about a shopper."""
        check_shopper_id(id)
        with self.interactions.lock:
            table = self._follow()
            profile = self._known(id, table)
            ids = self.products.ids
            centres = interests(profile, table, ids)
        return Shopper(
            id=id,
            events=sum(1 for _ in self.events_of(id)),
            interests=tuple(centre.told(ids) for centre in centres),
            disliked=tuple(ids[number] for number in profile.disliked),
            bought=tuple(ids[number] for number in profile.bought),
        )

    def events_of(self, shopper: str) -> Iterator[Event]:
        """All stored events of a shopper."""
        return self._database.events.of_shopper(shopper)

    def forget(self, shopper: str) -> int:
        """Delete all stored events of a shopper; returns how many there were."""
        check_shopper_id(shopper)
        return self._database.events.forget(shopper)

    def search_context(self, query: Query, rules: Sequence[Rule]) -> SearchContext:
        """Everything that a personalized search needs, read under one lock."""
        with self.interactions.lock:
            table = self._follow()
            wants_profile = query.shopper and not query.sort
            return SearchContext(
                table=table,
                effects=apply_rules(rules, table),
                profile=self._known(query.shopper, table) if query.shopper and wants_profile else None,
                chosen_after=self._chosen_after(query.text or "") if wants_profile else {},
                ids=self.products.ids,
            )

    def popular(self, limit: int) -> list[ProductStatistics]:
        """The most popular products now."""
        with self.interactions.lock:
            table = self._follow()
            return popular(self.interactions, table, self._now(), limit)

    def rising(self, limit: int) -> list[ProductStatistics]:
        """The products that grow fastest in popularity."""
        with self.interactions.lock:
            table = self._follow()
            return rising(self.interactions, table, self._now(), limit)

    def item_space(self) -> Space:
        """The space in which products and searches are compared."""
        with self.interactions.lock:
            return self._follow().space

    def search_row(self, search: Event, space: Space) -> Vector | None:
        """A past search as a row of the item space; None where it cannot be compared."""
        return space.row(*self._encode(search))

    def refresh(self) -> None:
        """Catch up with the catalog and the events."""
        with self.interactions.lock:
            self._follow()

    def _answer(self, ask: Ask) -> tuple[list[Hit], dict[str, float]]:
        """The products, best first, and the share each source has in them."""
        with self.interactions.lock:
            table = self._follow()
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

    def _follow(self) -> ItemTable:
        table = self.tastes.follow(self._catalog.encoding)
        self.interactions.follow()
        return table

    def _known(self, shopper: str, table: ItemTable) -> Profile:
        """What is known about a shopper, past searches included."""
        number = self.interactions.shopper(shopper)
        now = self._now()
        profile = Profile() if number is None else profile_of(number, self.interactions, now)
        for search in self._database.events.searches(shopper, LAST_SEARCHES):
            row = table.space.row(*self._encode(search))
            if row is not None:
                weight = SEARCHED * float(recency(max(now - (search.time or now), 0.0)))
                profile.searched.append(Searched(row, weight, search.query))
        return profile

    def _encode(self, search: Event) -> tuple[Vector | None, Vector | SparseRow | None]:
        """The look and the words of a past search, by the catalog's current encoders."""
        pipeline = self._catalog.pipeline
        dim = pipeline.encoding.image_dim
        image: Vector | None = None
        if search.vector is not None:
            vector = np.asarray(search.vector, np.float32)[:dim]
            image = vector if len(vector) == dim and vector.any() else None
        rows = pipeline.encode_texts([search.query]) if search.query else None
        text = None if rows is None else rows[0]
        if image is None and pipeline.recipe.joint and text is not None and not isinstance(text, SparseRow):
            image = text
        return image, text

    def _chosen_after(self, words: str) -> dict[str, float]:
        """The products that shoppers chose after a search."""
        ids = self.products.ids
        return {ids[number]: said for number, said in self.interactions.led_to(words).items()}

    def _silence(self, now: float) -> float:
        """How much of what is said of products is the prior, and not said by shoppers."""
        prior = self.mixing.prior * len(self.products)
        return prior / (prior + float(self.interactions.said_now(now).sum())) if prior else 0.0

    def _profile(self, ask: Ask, table: ItemTable) -> Profile:
        profile = Profile() if ask.shopper is None else self._known(ask.shopper, table)
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
