"""Recommendations for a shopper, for products in view, for both, or for an unknown visitor."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from threading import Event as StopSignal

import numpy as np

from lookalike.catalog.catalog import Catalog
from lookalike.errors import BadQuery, BadVector, NotFound
from lookalike.index.filters import Filter
from lookalike.recommend.blend import MIXING, Mixing, mix_of
from lookalike.recommend.buy_again import due_again
from lookalike.recommend.events import check_shopper_id, checked
from lookalike.recommend.experiments.experiment_book import ExperimentBook
from lookalike.recommend.experiments.winner import ADOPTED
from lookalike.recommend.explain import Reasons, bought_before
from lookalike.recommend.interactions import Interactions
from lookalike.recommend.item_model_sync import IN_BACKGROUND, ItemModelSync
from lookalike.recommend.item_space import ItemSpaceSync, ItemTable, Space
from lookalike.recommend.numbering import IdMap
from lookalike.recommend.placements import BUY_AGAIN, FOR_YOU, RECIPES, PlacementName, check_placement
from lookalike.recommend.popularity import ProductStatistics, popular, rising
from lookalike.recommend.profile import (
    IN_VIEW,
    SEEDED,
    Liked,
    Profile,
    Searched,
    interests,
    profile_of,
    recency,
)
from lookalike.recommend.ranking import Knowledge, rank
from lookalike.recommend.recommender_files import KEPT_FROM, RecommenderFiles
from lookalike.recommend.replay import MOST_SHOPPERS, Replay, held_out_from, replay_at
from lookalike.recommend.rule_book import RuleBook, categories_of
from lookalike.recommend.rule_effects import RuleEffects, apply_rules
from lookalike.recommend.tuning import BLEND, LearnedBlend, Progress, learn_blend
from lookalike.text import facet_text
from lookalike.types import Event, Hit, Query, Recommendations, Recorded, Rule, Shopper, Vector, Where
from lookalike.vectors.sparse import SparseRow

LAST_SEARCHES = 5
SEARCHED = 2.0
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
    placement: PlacementName = FOR_YOU
    mixing: Mixing = MIXING


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

    def __init__(self, catalog: Catalog, rules: RuleBook, experiments: ExperimentBook, now: Clock) -> None:
        self._catalog = catalog
        self._database = database = catalog.database
        self._rules = rules
        self._experiments = experiments
        self._now = now
        # A mixing set here is used instead of the learned one.
        self.mixing: Mixing | None = None
        self.products = IdMap()
        self.items = ItemSpaceSync(database, self.products)
        self.interactions = Interactions(database.events, self.products, now())
        self._models = ItemModelSync(database, self.interactions, now)
        self._files = RecommenderFiles(database, self.items, self.interactions)
        self._learned = ("", LearnedBlend())

    def record(self, events: Iterable[Event]) -> Recorded:
        """Store events, all or none. Events with a known id are ignored."""
        found = self._checked(events)
        new = self._database.events.record(found)
        return Recorded(new, len(found) - new)

    def record_each(self, batches: Sequence[Iterable[Event]]) -> list[Recorded | Exception]:
        """Store batches of events in one transaction, each of them all or none.

        Returns for each batch what `record` returns, or the error that it raises.
        """
        outcomes: dict[int, Recorded | Exception] = {}
        found: dict[int, list[Event]] = {}
        for place, events in enumerate(batches):
            try:
                found[place] = self._checked(events)
            except Exception as error:
                outcomes[place] = error
        stored = self._database.events.record_each(list(found.values()))
        for (place, events), new in zip(found.items(), stored, strict=True):
            outcomes[place] = new if isinstance(new, Exception) else Recorded(new, len(events) - new)
        return [outcomes[place] for place in range(len(batches))]

    def _checked(self, events: Iterable[Event]) -> list[Event]:
        found = checked(events, self._now())
        for event in found:
            self.check_vector(event)
        return found

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
        placement: PlacementName = FOR_YOU,
    ) -> Recommendations:
        """Recommend products for a shopper, to go with products, for both, or for an unknown visitor.

        Args:
            shopper: whom to recommend to; what the shopper has is left out.
            product: one product, or several, to start from.
            k: how many products to return.
            where: a filter that all of them pass.
            exclude: ids of products to leave out.
            placement: `for-you`, `goes-with` (completes a basket), `similar` (alternatives) or `buy-again`.

        Raises:
            NotFound: a product does not exist.
            BadQuery: `k`, the shopper's id or the placement is invalid, or the placement lacks its start.
        """
        began = time.perf_counter()
        check_shopper_id(shopper)
        if not 0 < k <= MOST_RECOMMENDED:
            raise BadQuery(f"k must be from 1 to {MOST_RECOMMENDED}, got {k}.")
        seeds = (product,) if isinstance(product, str) else tuple(product or ())
        if len(seeds) > MOST_SEEDS:
            raise BadQuery(f"Recommendations start from up to {MOST_SEEDS} products, got {len(seeds)}.")
        known = self._database.products(seeds) if seeds else {}
        for id in seeds:
            if id not in known:
                raise NotFound(f"There is no product '{id}'. Check the id.")
        condition = Filter.parse(where or {})
        check_placement(placement, shopper, seeds)
        mixing = self.mixing or self.blend.mixing
        among: tuple[Rule, ...] | None = None
        variant = self._experiments.shown_to(shopper, placement)
        if variant is not None:
            among, mixing = variant.rules, variant.mixing(mixing)
        shown: PlacementName | None = placement
        if variant is not None or ADOPTED in self._catalog.settings:
            shown = self._experiments.settled(variant).placement(placement)
        if shown is None:
            return Recommendations((), 0.0, self._catalog.recipe.name)
        values = categories_of(condition)
        for seed in known.values():
            values.update(facet_text(value) for value in seed.facets.values())
        ask = Ask(
            shopper=shopper,
            products=tuple(dict.fromkeys(seeds)),
            where=condition,
            exclude=frozenset(exclude),
            k=k,
            rules=self._rules.active("", values, among),
            placement=shown,
            mixing=RECIPES[shown].mixing or mixing,
        )
        hits, mix = self._answer(ask)
        self._files.keep_up()
        took = (time.perf_counter() - began) * 1000
        return Recommendations(tuple(hits), took, self._catalog.recipe.name, mix)

    def shopper(self, id: str) -> Shopper:
        """The interests, dislikes and purchases of a shopper."""
        check_shopper_id(id)
        with self.interactions.lock:
            table = self._follow()
            profile = self._known(id, table)
            ids = self.products.ids
            centres = interests(profile, table, ids)
        return Shopper(
            id=id,
            events=sum(1 for _ in self.events_of(id)),
            interests=tuple(centre.described(ids) for centre in centres),
            disliked=tuple(ids[number] for number in profile.disliked),
            bought=tuple(ids[number] for number in profile.bought),
        )

    def events_of(self, shopper: str) -> Iterator[Event]:
        """All stored events of a shopper."""
        return self._database.events.of_shopper(shopper)

    def forget(self, shopper: str) -> int:
        """Delete all stored events of a shopper; returns how many there were."""
        check_shopper_id(shopper)
        # An exposure that is still in memory would be stored after the rest is gone.
        self._experiments.flush()
        gone = self._database.events.forget(shopper)
        self._experiments.forget_exposures()
        self._files.forget()
        return gone

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
        """The products with the fastest growing popularity."""
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
            self._models.follow()

    def fit_in_background(self) -> None:
        """Let no request wait for the fit of item models, as a server needs it."""
        self._models.policy = IN_BACKGROUND

    def settle(self) -> None:
        """Write the files from which the next process recommends at once, where there are many events."""
        if self._database.events.sequence() >= KEPT_FROM:
            self.refresh()
            self._files.save()

    def close(self) -> None:
        """Wait until background work is done."""
        self._models.close()
        self._files.close()

    def _answer(self, ask: Ask) -> tuple[list[Hit], dict[str, float]]:
        """The products, best first, and the share of each source."""
        with self.interactions.lock:
            table = self._follow()
            knowledge = Knowledge(table, self.interactions, self._models.follow(), self._now())
            profile = self._profile(ask, table)
            effects = apply_rules(ask.rules, table)
            allowed = knowledge.new_to(profile, ask.exclude)
            if ask.where.conditions:
                allowed &= table.passing(ask.where)
            if ask.placement == BUY_AGAIN:
                return self._buy_again(ask, knowledge, effects)
            page, blended = rank(profile, knowledge, ask.mixing, allowed, effects, ask.k)
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
                why=_why(reasons.sentences(choice.slot, known), effects.why(choice.slot)),
            )
            for choice in page
            if table.ids[choice.slot] in known
        ]
        return hits, mix_of([hit.parts for hit in hits])

    def _buy_again(
        self, ask: Ask, knowledge: Knowledge, effects: RuleEffects
    ) -> tuple[list[Hit], dict[str, float]]:
        """What the shopper bought before and is likely to buy again, what is due first."""
        table, ids = knowledge.table, self.products.ids
        number = None if ask.shopper is None else self.interactions.shopper(ask.shopper)
        events = self.interactions.events()
        due = [] if number is None else due_again(events, number, knowledge.now)
        shown = table.offered & ~effects.hidden
        if ask.where.conditions:
            shown &= table.passing(ask.where)
        found = [
            (each, slot)
            for each in due
            if (slot := table.slot(ids[each.product])) is not None
            and shown[slot]
            and ids[each.product] not in ask.exclude
        ][: ask.k]
        products = self._database.products([table.ids[slot] for _, slot in found])
        hits = [
            Hit(
                product=products[table.ids[slot]],
                score=each.score,
                parts={"repurchase": each.score},
                photo=next((p.id for p in products[table.ids[slot]].photos if p.id), None),
                why=_why([bought_before(each)], effects.why(slot)),
            )
            for each, slot in found
            if table.ids[slot] in products
        ]
        return hits, mix_of([hit.parts for hit in hits])

    @property
    def blend(self) -> LearnedBlend:
        """The tuned blend, or the balanced one by default."""
        stored = self._catalog.settings.get(BLEND, "")
        if self._learned[0] != stored:
            self._learned = (stored, LearnedBlend.loads(stored) if stored else LearnedBlend())
        return self._learned[1]

    def tune(self, progress: Progress | None = None, stop: StopSignal | None = None) -> LearnedBlend:
        """Choose the blend by replaying the shop's events, and use it from now on in every process.

        The events are read again, so that requests are not blocked. Once `stop` is set, the blend in use
        stays.
        """
        learned = learn_blend(self.replay(), self._now(), progress, stop)
        if learned is None:
            return self.blend
        self._database.put_settings({BLEND: learned.dumps()})
        return learned

    def replay(self, most_shoppers: int = MOST_SHOPPERS) -> Replay:
        """The shop before its last events, and what shoppers chose in them."""
        reader = Recommender(self._catalog, self._rules, self._experiments, self._now)
        # Files do not hold the ids of shoppers.
        table = reader._caught_up()
        moment = held_out_from(reader.interactions.events())
        return replay_at(reader.interactions, table, moment, most_shoppers)

    def _follow(self) -> ItemTable:
        self._files.restore(self._catalog.encoding)
        return self._caught_up()

    def _caught_up(self) -> ItemTable:
        table = self.items.follow(self._catalog.encoding)
        knew, forgettings = self.interactions.sequence, self.interactions.forgettings
        self.interactions.follow()
        if knew and self.interactions.forgettings != forgettings:
            # Another process has forgotten a shopper, possibly on another machine.
            self._files.forget()
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

    def _profile(self, ask: Ask, table: ItemTable) -> Profile:
        profile = Profile() if ask.shopper is None else self._known(ask.shopper, table)
        seeds = [Liked(self.products.of(id), SEEDED, IN_VIEW) for id in ask.products]
        if not RECIPES[ask.placement].starts_from_shopper:
            return Profile(profile.shopper, seeds, profile.disliked, profile.bought)
        profile.liked = seeds + profile.liked
        return profile


def _why(reasons: Sequence[str], rule: str) -> tuple[str, ...]:
    return (*reasons, rule) if rule else tuple(reasons)
