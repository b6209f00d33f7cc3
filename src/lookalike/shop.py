"""The facade of a shop: catalog, search engine, recommender, rules and analytics."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event as StopSignal
from typing import Self

from lookalike.catalog.catalog import Catalog
from lookalike.catalog.import_journal import UndoProgress
from lookalike.catalog.importer import Progress
from lookalike.catalog.reembed import RebuildProgress, RebuildReport
from lookalike.catalog.update import ProductUpdate
from lookalike.errors import BadQuery
from lookalike.freed_memory import return_freed_memory
from lookalike.media.images import StoredPhoto
from lookalike.recommend import rules
from lookalike.recommend.analytics import Analytics, DemandGap, PositionStatistics, SearchStatistics
from lookalike.recommend.events import check_shopper_id
from lookalike.recommend.experiments.experiment import SEARCH
from lookalike.recommend.experiments.experiment_book import ExperimentBook
from lookalike.recommend.experiments.winner import ADOPTED
from lookalike.recommend.overview import Overview
from lookalike.recommend.personalize import personalize
from lookalike.recommend.placements import FOR_YOU, PlacementName
from lookalike.recommend.popularity import ProductStatistics
from lookalike.recommend.recommender import Recommender
from lookalike.recommend.rule_book import RuleBook
from lookalike.recommend.rule_preview import Preview, previewed, queries_of
from lookalike.recommend.tuning import LearnedBlend
from lookalike.recommend.tuning import Progress as TuningProgress
from lookalike.search.confidence import reconciled
from lookalike.search.engine import MOST_HITS, SearchEngine
from lookalike.search.lexical_sync import WORD_SETTINGS, dump_word_settings, load_word_settings
from lookalike.types import (
    Event,
    FeedRow,
    ImageInput,
    ImportReport,
    LastImport,
    Product,
    Query,
    Recipe,
    Recommendations,
    Recorded,
    Results,
    Rule,
    Shopper,
    Suggestions,
    UndoReport,
    Vector,
    Where,
    WordSettings,
)

MOST_REPLAYED = 500
# An import of so many products writes index files; single writes to a running server never wait for them.
SETTLED_FROM = 10_000


class Shop:
    """What `lookalike.open` returns."""

    def __init__(self, catalog: Catalog, index: str = "", clock: Callable[[], float] = time.time) -> None:
        self.catalog = catalog
        self.engine = SearchEngine(catalog, index)
        self.rule_book = RuleBook(catalog, clock)
        self.experiments = ExperimentBook(catalog, clock)
        self.recommender = Recommender(catalog, self.rule_book, self.experiments, clock)
        self.analytics = Analytics(catalog, self.recommender, self.answer, clock)

    @classmethod
    def open(cls, url: str | Path, recipe: str | Recipe | None = None, index: str = "") -> Self:
        """Open a shop, or create one with `recipe`.

        `url` is a file or postgresql://...; `index` is milvus://... or empty for an index in this process.
        Raises Conflict if the shop exists and uses another recipe.
        """
        return cls(Catalog.open(url, recipe), index)

    def close(self) -> None:
        """Release the index and the database."""
        self.recommender.close()
        self.experiments.flush()
        self.engine.close()
        self.catalog.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        return len(self.catalog)

    @property
    def url(self) -> str:
        """The file or URL of the catalog."""
        return self.catalog.url

    @property
    def revision(self) -> int:
        """The number of the last write."""
        return self.catalog.revision

    @property
    def recipe(self) -> Recipe:
        """The models and settings used for search."""
        return self.catalog.recipe

    def check(self) -> None:
        """Bring the index and the models up to date. Raises if the shop cannot answer."""
        self.engine.check()
        self.recommender.refresh()

    # Products

    def add(
        self,
        feed: Iterable[Product | FeedRow],
        *,
        prune: bool = False,
        progress: Progress | None = None,
        stop: StopSignal | None = None,
        workers: str = "",
    ) -> ImportReport:
        """Import a feed; see `Catalog.add`."""
        report = self.catalog.add(feed, prune=prune, progress=progress, stop=stop, workers=workers)
        self.engine.calibrate()
        if report.added + report.updated >= SETTLED_FROM:
            self.settle()
        return report

    def last_import(self) -> LastImport | None:
        """The import that can be undone, if there is one."""
        return self.catalog.last_import()

    def undo_import(self, progress: UndoProgress | None = None, stop: StopSignal | None = None) -> UndoReport:
        """Undo the last import of a feed; see `Catalog.undo_import`."""
        report = self.catalog.undo_import(progress, stop)
        self.engine.calibrate()
        return report

    def update(self, updates: Iterable[ProductUpdate]) -> ImportReport:
        """Change some fields of products; see `Catalog.update`."""
        return self.catalog.update(updates)

    def remove(self, ids: Sequence[str]) -> int:
        """Delete products; returns how many existed."""
        return self.catalog.remove(ids)

    def switch(
        self,
        recipe: str | Recipe,
        *,
        progress: RebuildProgress | None = None,
        stop: StopSignal | None = None,
        workers: str = "",
    ) -> RebuildReport:
        """Re-embed the catalog with another recipe while searches use the current one, then switch."""
        report = self.catalog.switch(recipe, progress=progress, stop=stop, workers=workers)
        self._after_switch()
        return report

    def switch_back(
        self,
        *,
        progress: RebuildProgress | None = None,
        stop: StopSignal | None = None,
        workers: str = "",
    ) -> RebuildReport:
        """Return to the recipe that was used before the last switch."""
        report = self.catalog.switch_back(progress=progress, stop=stop, workers=workers)
        self._after_switch()
        return report

    def _after_switch(self) -> None:
        self.engine.calibrate()
        # Calibrating searched with the new encoders, so the former ones and their index are gone.
        return_freed_memory()

    def product(self, id: str) -> Product:
        """Return a product. Raises NotFound for an unknown id."""
        return self.catalog.product(id)

    def products(self, after: str = "", limit: int = 100) -> list[Product]:
        """A page of products in order of their ids, starting after `after`."""
        return self.catalog.products(after, limit)

    def photo(self, photo_id: str) -> StoredPhoto:
        """Return a stored photo. Raises NotFound for an unknown id."""
        return self.catalog.photo(photo_id)

    # Search

    def search(
        self,
        *,
        image: ImageInput | None = None,
        text: str | None = None,
        product: str | None = None,
        vector: Sequence[float] | Vector | None = None,
        image_weight: float | None = None,
        where: Where | None = None,
        k: int | None = None,
        offset: int = 0,
        min_score: float | None = None,
        exclude: Iterable[str] = (),
        grouped: bool = True,
        count: Sequence[str] = (),
        clusters: int = 0,
        shopper: str | None = None,
        sort: str = "",
        word_weight: float | None = None,
        language: str = "",
        correct: bool = True,
        understand: bool | None = None,
    ) -> Results:
        """Search by photo, text, product, vector, or any combination.

        `k` is the number of hits; the default is set by the recipe. `clusters` limits the search to that
        many of the nearest clusters, for recipes with clusters.

        Raises BadQuery, BadFilter, BadImage or NotFound for a query that cannot be answered.
        """
        return self.answer(
            Query(
                image=image,
                text=text,
                product=product,
                vector=vector,
                image_weight=image_weight,
                where=where or {},
                k=self.recipe.k if k is None else k,
                offset=offset,
                min_score=min_score,
                exclude=frozenset(exclude),
                grouped=grouped,
                count=tuple(count),
                clusters=clusters,
                shopper=shopper,
                sort=sort,
                word_weight=word_weight,
                language=language,
                correct=correct,
                understand=understand,
            )
        )

    def suggest(self, typed: str, k: int = 5) -> Suggestions:
        """Suggest completions, categories, brands and products for the text typed so far."""
        suggestions = self.engine.suggest(typed, k)
        return replace(suggestions, popular=self.analytics.popular_searches(typed, k))

    @property
    def word_settings(self) -> WordSettings:
        """The settings of text search."""
        return load_word_settings(self.catalog.settings.get(WORD_SETTINGS))

    def put_word_settings(self, settings: WordSettings) -> None:
        """Change the settings of text search. Raises BadQuery for an invalid value."""
        self.catalog.database.put_settings({WORD_SETTINGS: dump_word_settings(settings)})

    def similar(
        self,
        product: str,
        k: int | None = None,
        where: Where | None = None,
        *,
        min_score: float | None = None,
        clusters: int = 0,
    ) -> Results:
        """Find products similar to one in the catalog. The arguments are those of `search`."""
        return self.search(product=product, k=k, where=where, min_score=min_score, clusters=clusters)

    def answer(self, query: Query) -> Results:
        """Answer a query, applying rules and the shopper's taste."""
        variant = None
        if query.shopper is not None:
            check_shopper_id(query.shopper)
            variant = self.experiments.shown_to(query.shopper, SEARCH)
        if variant is not None or ADOPTED in self.catalog.settings:
            query = self.experiments.settled(variant).search(query)
        active = self.rule_book.active_for(query, None if variant is None else variant.rules)
        within = query.k > 0 <= query.offset and query.offset + query.k <= MOST_HITS
        if not (active or query.shopper) or not within:
            return self.engine.answer(query)
        found = personalize(query, self.engine.answer, self.recommender, active)
        return found if query.sort else reconciled(found)

    def answer_by(self, proposed: Iterable[Rule], query: Query) -> Results:
        """Answer a query with other rules."""
        active = self.rule_book.active_among(rules.checked(proposed), query)
        query = self.experiments.adopted.search(replace(query, shopper=None))
        found = personalize(query, self.engine.answer, self.recommender, active)
        return found if query.sort else reconciled(found)

    def facet_names(self) -> list[str]:
        """The facets that can be filtered and counted."""
        return self.engine.facet_names()

    def settle(self) -> None:
        """Write the files that let the next process start at once, where the catalog is large enough."""
        self.engine.settle()
        self.recommender.settle()

    # Shoppers

    def record(self, events: Iterable[Event]) -> Recorded:
        """Store events, all or none. Events with a known id are ignored."""
        return self.recommender.record(events)

    def record_each(self, batches: Sequence[Iterable[Event]]) -> list[Recorded | Exception]:
        """Store batches of events in one transaction, each of them all or none.

        Returns for each batch what `record` returns, or the error that it raises.
        """
        return self.recommender.record_each(batches)

    def recommend(
        self,
        shopper: str | None = None,
        product: str | Sequence[str] | None = None,
        k: int = 10,
        where: Where | None = None,
        exclude: Iterable[str] = (),
        placement: PlacementName = FOR_YOU,
    ) -> Recommendations:
        """Recommend products for a shopper, to go with products, or for an unknown visitor.

        See `Recommender.recommend`.
        """
        return self.recommender.recommend(shopper, product, k, where, exclude, placement)

    @property
    def blend(self) -> LearnedBlend:
        """The weights of the recommendation sources, and how they were chosen."""
        return self.recommender.blend

    def tune(self, *, progress: TuningProgress | None = None, stop: StopSignal | None = None) -> LearnedBlend:
        """Choose the weights that predict the shop's events best, and use them from now on."""
        return self.recommender.tune(progress, stop)

    def shopper(self, id: str) -> Shopper:
        """The interests, dislikes and purchases of a shopper."""
        return self.recommender.shopper(id)

    def events_of(self, shopper: str) -> Iterator[Event]:
        """All stored events of a shopper."""
        return self.recommender.events_of(shopper)

    def forget(self, shopper: str) -> int:
        """Delete all stored events of a shopper; returns how many there were."""
        return self.recommender.forget(shopper)

    # Merchandising

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The merchandising rules."""
        return self.rule_book.rules

    def put_rules(self, replacement: Iterable[Rule]) -> None:
        """Replace all rules. Raises BadRule if one is invalid, or new with an unknown facet or product."""
        found = rules.checked(replacement)
        new = [rule for rule in found if rule not in self.rules]
        if new and len(self):
            named = [id for rule in new for id in rule.products]
            rules.check_names(new, self.facet_names(), self.catalog.database.products(named) if named else {})
        self.rule_book.put(found)

    def preview(
        self,
        proposed: Iterable[Rule] | None = None,
        image_weight: float | None = None,
        last: int = 50,
        queries: Sequence[Query] = (),
        k: int = 10,
    ) -> Preview:
        """Compare the results of past searches, or of `queries`, under other rules or another weight."""
        if not 0 < last <= MOST_REPLAYED or len(queries) > MOST_REPLAYED:
            raise BadQuery(f"Preview between 1 and {MOST_REPLAYED} searches.")
        current = self.rules
        changed = current if proposed is None else rules.checked(proposed)

        def weighted(query: Query) -> Query:
            return query if image_weight is None else replace(query, image_weight=image_weight)

        return previewed(
            queries or queries_of(self.catalog.database.events.searches(None, last), k),
            lambda query: self.answer_by(current, query),
            lambda query: self.answer_by(changed, weighted(query)),
        )

    def popular(self, limit: int = 20) -> list[ProductStatistics]:
        """The most popular products now."""
        return self.analytics.popular(limit)

    def rising(self, limit: int = 20) -> list[ProductStatistics]:
        """The products with the fastest growing popularity."""
        return self.analytics.rising(limit)

    def gaps(self, days: float = 30, limit: int = 20) -> list[DemandGap]:
        """Searches without good results."""
        return self.analytics.gaps(days, limit)

    def searches(self, days: float = 30, limit: int = 20) -> list[SearchStatistics]:
        """The most frequent searches, with clicks and purchases."""
        return self.analytics.searches(days, limit)

    def overview(self, days: float = 30) -> Overview:
        """Searches, clicks, purchases and revenue, in all and by day."""
        return self.analytics.overview(days)

    def positions(self, days: float = 30) -> list[PositionStatistics]:
        """Impressions, clicks and purchases by position on the page."""
        return self.analytics.positions(days)
