"""A catalogue with shoppers: events go in, recommendations come out, and rules have a say in both."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from lookalike.catalog.catalog import MOST_HITS, Catalog
from lookalike.catalog.state import ENCODING_STATE, EncodingState
from lookalike.database import Database
from lookalike.errors import BadQuery, BadVector, NotFound
from lookalike.index import Filter
from lookalike.recommend import analytics, rules
from lookalike.recommend.events import checked as checked_events
from lookalike.recommend.events import is_text
from lookalike.recommend.personalize import Context, personalize
from lookalike.recommend.profile import interests
from lookalike.recommend.recommender import Ask, Recommender
from lookalike.recommend.rule_preview import Preview, previewed, queries_of
from lookalike.text import facet_text
from lookalike.types import (
    Event,
    Query,
    Recommendations,
    Recorded,
    Results,
    Rule,
    Shopper,
    Vector,
    Where,
)
from lookalike.vectors.sparse import SparseRow

RULES = "rules"
MOST_RECOMMENDED = 200
MOST_SEEDS = 100
MOST_REPLAYED = 500
DAY = 86_400.0

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the settings say as of a revision."""

    revision: int
    encoding: EncodingState
    rules: tuple[Rule, ...]


class Shop(Catalog):
    """What `lookalike.open` gives: a catalogue that learns from its shoppers."""

    def __init__(
        self, database: Database, encoding: EncodingState, index: str = "", clock: Clock = time.time
    ) -> None:
        super().__init__(database, encoding, index)
        self._clock = clock
        self.recommender = Recommender(database, self._read, clock)
        self._kept: _Kept | None = None

    def _now_kept(self) -> _Kept:
        kept, revision = self._kept, self._database.revision()
        if kept is None or kept.revision != revision:
            settings = self._database.settings()
            encoding = (
                EncodingState.loads(settings[ENCODING_STATE])
                if ENCODING_STATE in settings
                else self._pipeline.encoding
            )
            kept = self._kept = _Kept(revision, encoding, rules.loads(settings.get(RULES, "[]")))
        return kept

    def record(self, events: Iterable[Event]) -> Recorded:
        """Store what shoppers did, all or nothing; an event whose id is known changes nothing."""
        found = checked_events(events, self._clock())
        for event in found:
            self.check_vector(event)
        new = self._database.events.record(found)
        return Recorded(new, len(found) - new)

    def recommend(
        self,
        shopper: str | None = None,
        product: str | Sequence[str] | None = None,
        k: int = 10,
        where: Where | None = None,
        exclude: Iterable[str] = (),
    ) -> Recommendations:
        """Products for a shopper, to go with products, for both, or for somebody nobody knows yet."""
        began = time.perf_counter()
        _check_id(shopper)
        if not 0 < k <= MOST_RECOMMENDED:
            raise BadQuery(f"k must be from 1 to {MOST_RECOMMENDED}, not {k}.")
        seeds = (product,) if isinstance(product, str) else tuple(product or ())
        if len(seeds) > MOST_SEEDS:
            raise BadQuery(f"Recommendations start from up to {MOST_SEEDS} products, not {len(seeds)}.")
        known = self._database.products(seeds) if seeds else {}
        for id in seeds:
            if id not in known:
                raise NotFound(f"There is no product '{id}': check the id.")
        kept, condition = self._now_kept(), Filter.parse(where or {})
        categories = _categories(condition)
        for seed in known.values():
            categories.update(facet_text(value) for value in seed.facets.values())
        ask = Ask(
            shopper=shopper,
            products=tuple(dict.fromkeys(seeds)),
            where=condition,
            exclude=frozenset(exclude),
            k=k,
            rules=tuple(rules.holding(kept.rules, "", categories, self._clock())),
        )
        hits, mix = self.recommender.recommend(ask, kept.encoding)
        took = (time.perf_counter() - began) * 1000
        return Recommendations(tuple(hits), took, kept.encoding.recipe.name, mix)

    def answer(self, query: Query) -> Results:
        """Answer a query by the rules that hold, and for its shopper if it names one."""
        _check_id(query.shopper)
        kept = self._now_kept()
        holding = self._holding(kept.rules, query)
        within = query.k > 0 <= query.offset and query.offset + query.k <= MOST_HITS
        if not (holding or query.shopper) or not within:
            return super().answer(query)
        return personalize(query, super().answer, Context(self.recommender, kept.encoding, holding))

    def _holding(self, decided: tuple[Rule, ...], query: Query) -> tuple[Rule, ...]:
        categories = _categories(Filter.parse(query.where))
        return tuple(rules.holding(decided, query.text or "", categories, self._clock()))

    @property
    def rules(self) -> tuple[Rule, ...]:
        """What the merchandiser decided."""
        return self._now_kept().rules

    def put_rules(self, decided: Iterable[Rule]) -> None:
        """Replace all rules."""
        self._database.put_settings({RULES: rules.dumps(rules.checked(decided))})

    def preview(
        self,
        decided: Iterable[Rule] | None = None,
        image_weight: float | None = None,
        last: int = 50,
        queries: Sequence[Query] = (),
        k: int = 10,
    ) -> Preview:
        """Which of the given queries, or of the last searches, other rules or another weight would change."""
        if not 0 < last <= MOST_REPLAYED or len(queries) > MOST_REPLAYED:
            raise BadQuery(f"From 1 to {MOST_REPLAYED} searches can be replayed.")
        kept = self._now_kept()
        proposed = kept.rules if decided is None else rules.checked(decided)
        replayed = queries or queries_of(self._database.events.searches(None, last), k)
        now = partial(self._replayed, kept.rules, kept.encoding, None)
        return previewed(replayed, now, partial(self._replayed, proposed, kept.encoding, image_weight))

    def _replayed(
        self, decided: tuple[Rule, ...], encoding: EncodingState, image_weight: float | None, query: Query
    ) -> Results:
        """Both sides of a comparison go the long way, so that nothing but the rules tells them apart."""
        weight = query.image_weight if image_weight is None else image_weight
        asked = replace(query, image_weight=weight, shopper=None)
        return personalize(
            asked, super().answer, Context(self.recommender, encoding, self._holding(decided, query))
        )

    def answer_by(self, decided: Iterable[Rule], query: Query) -> Results:
        """Answer a query as if these were the rules."""
        return self._replayed(rules.checked(decided), self._now_kept().encoding, None, query)

    def shopper(self, id: str) -> Shopper:
        """What is known of a shopper."""
        _check_id(id)
        recommender = self.recommender
        with recommender.interactions.lock:
            table = recommender.follow(self._now_kept().encoding)
            profile = recommender.profile(id, table)
            ids = recommender.products.ids
            centres = interests(profile, table, ids)
        return Shopper(
            id=id,
            events=sum(1 for _ in self.events_of(id)),
            interests=tuple(centre.told(ids) for centre in centres),
            disliked=tuple(ids[number] for number in profile.disliked),
            bought=tuple(ids[number] for number in profile.bought),
        )

    def events_of(self, shopper: str) -> Iterator[Event]:
        """Everything that is stored of a shopper."""
        return self._database.events.of_shopper(shopper)

    def forget(self, shopper: str) -> int:
        """Delete everything that is stored of a shopper, without a trace; returns how many events it was."""
        _check_id(shopper)
        return self._database.events.forget(shopper)

    def popular(self, limit: int = 20) -> list[analytics.ProductStatistics]:
        """The products that most is said for now."""
        with self.recommender.interactions.lock:
            table = self.recommender.follow(self._now_kept().encoding)
            return analytics.popular(self.recommender.interactions, table, self._clock(), limit)

    def rising(self, limit: int = 20) -> list[analytics.ProductStatistics]:
        """The products that are chosen more and more."""
        with self.recommender.interactions.lock:
            table = self.recommender.follow(self._now_kept().encoding)
            return analytics.rising(self.recommender.interactions, table, self._clock(), limit)

    def titles(self, ids: Sequence[str]) -> dict[str, tuple[str, str | None]]:
        """The titles and first photos of products that there are."""
        found = self._database.products(ids)
        return {id: (each.title, each.photos[0].id if each.photos else None) for id, each in found.items()}

    def gaps(self, days: float = 30, limit: int = 20) -> list[analytics.DemandGap]:
        """What shoppers look for and the shop does not sell."""
        since = self._clock() - days * DAY
        with self.recommender.interactions.lock:
            space = self.recommender.follow(self._now_kept().encoding).space

        def row_of(search: Event) -> Vector | None:
            return space.row(*self._read(search))

        return analytics.gaps(self._database.events, self.answer, self._carries_all, row_of, since, limit)

    def searches(self, days: float = 30, limit: int = 20) -> list[analytics.SearchStatistics]:
        """The words that are searched most, and what followed."""
        return analytics.searches(self._database.events, self._clock() - days * DAY, limit)

    def places(self, days: float = 30) -> list[analytics.PositionStatistics]:
        """What each position on the page is worth."""
        return analytics.places(self._database.events, self._clock() - days * DAY)

    def _carries_all(self, words: str) -> bool:
        return bool(self._database.with_words(words, 1))

    def check(self) -> None:
        """Raise what keeps the shop from answering, if anything does; what is derived is ready afterwards."""
        super().check()
        with self.recommender.interactions.lock:
            self.recommender.follow(self._now_kept().encoding)

    def check_vector(self, event: Event) -> None:
        """Raise what is wrong with the vector of a searched photo, if it has one."""
        if event.vector is None:
            return
        encoding = self._now_kept().encoding
        if (
            len(event.vector) not in (encoding.image_dim, encoding.image_dim + encoding.text_dim)
            or not encoding.image_dim
        ):
            raise BadVector(
                f"A searched photo's vector has {encoding.image_dim} numbers here, not {len(event.vector)}."
            )

    def _read(self, search: Event) -> tuple[Vector | None, Vector | SparseRow | None]:
        """A search as this catalogue's encoders see it."""
        pipeline = self._made_by(self._now_kept().encoding)
        encoding = pipeline.encoding
        image: Vector | None = None
        if search.vector is not None:
            vector = np.asarray(search.vector, np.float32)[: encoding.image_dim]
            image = vector if len(vector) == encoding.image_dim and vector.any() else None
        rows = pipeline.encode_texts([search.query]) if search.query else None
        text = None if rows is None else rows[0]
        if image is None and pipeline.recipe.joint and text is not None and not isinstance(text, SparseRow):
            image = text
        return image, text


def _check_id(shopper: str | None) -> None:
    if shopper is not None and not is_text(shopper):
        raise BadQuery("A shopper's id is plain text: send it as UTF-8, without NUL.")


def _categories(condition: Filter) -> set[str]:
    return {value for each in condition.conditions if each.operator == "in" for value in each.values}
