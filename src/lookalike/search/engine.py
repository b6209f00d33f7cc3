"""The search engine: turns a query into vectors, searches the index, and turns matches into hits."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import replace

from lookalike.catalog.catalog import Catalog
from lookalike.catalog.state import CLUSTER
from lookalike.errors import BadQuery
from lookalike.index import Filter, Index, Match, Probe
from lookalike.index.filters import check_where
from lookalike.search.confidence import HEAD
from lookalike.search.confidence_state import ConfidenceState
from lookalike.search.failover import IndexFailover
from lookalike.search.found import Found
from lookalike.search.hits import hit_of, with_clusters
from lookalike.search.index_sync import IndexSync
from lookalike.search.query import encode_query, words_of
from lookalike.search.sort import MOST_SORTED, check_sort, sorted_page
from lookalike.search.suggestions import suggest
from lookalike.search.word_search import Among, FoundScores, WordHalf, WordSearch
from lookalike.types import Hit, Query, Recipe, Results, Suggestions

MOST_HITS = 1000
MOST_OFFSET = 10_000
CHANGE_WEIGHT = 0.9
# If no product contains the words, this many nearest products count as the result.
MOST_NEAREST = 100


class SearchEngine:
    """Answers queries over one catalog; owns the index that follows the catalog."""

    def __init__(self, catalog: Catalog, index: str = "") -> None:
        """`index` is the URL of an index server; empty keeps the index in this process."""
        self._catalog = catalog
        # Only an index server can become unreachable.
        remote = "://" in index
        self._sync = IndexFailover(catalog.database, index) if remote else IndexSync(catalog.database, index)
        self.words = WordSearch(catalog.database)
        self._confidence = ConfidenceState(catalog, self.find)

    def close(self) -> None:
        """Release the index."""
        self._confidence.close()
        self._sync.close()

    @property
    def index(self) -> Index:
        """The current index."""
        return self._sync.follow().index

    def facet_names(self) -> list[str]:
        """The fields by which products can be filtered and counted."""
        return self.index.facet_names()

    def settle(self) -> None:
        """Write the index files that let the next process start at once, if the catalog is large enough."""
        self._sync.settle()
        self.words.sync.settle()

    def check(self) -> None:
        """Raise if the engine cannot answer."""
        self._sync.follow()
        self._catalog.check()

    def calibrate(self) -> None:
        """Relearn and store the calibration if the products changed substantially."""
        self._confidence.renew()

    def recalibrate(self) -> None:
        """Relearn and store the calibration in any case."""
        self._confidence.renew(always=True)

    def suggest(self, typed: str, k: int = 5) -> Suggestions:
        """Suggest queries, categories, brands and products for what a shopper has typed so far."""
        return suggest(self.words, self._catalog, self.index, typed, k)

    def answer(self, query: Query) -> Results:
        """Answer a query: find hits, then assess them."""
        began = time.perf_counter()
        found = self.find(query)
        hits, good = self.assess(found)
        return Results(
            hits=hits,
            total=found.answer.total,
            took_ms=(time.perf_counter() - began) * 1000,
            recipe=found.recipe,
            counts=found.answer.counts,
            revision=found.answer.revision,
            good=good,
            interpretation=found.interpretation,
        )

    def assess(self, found: Found) -> tuple[tuple[Hit, ...], bool | None]:
        """Return the hits of a page with their match, and whether any is a good match; None if not known."""
        if not found.head:
            return found.page, False
        confidence = self._confidence.current(found.answer.revision)
        return confidence.assess(found.head, found.page, found.query, found.vectors)

    def find(self, query: Query) -> Found:
        """Find the hits of a query in six steps."""
        _check_page(query)
        # 1. The index applies pending changes of the database.
        now = self._sync.follow()
        if query.sort:
            check_sort(query.sort, now.index.facet_names())
        pipeline = self._catalog.pipeline_for(now.encoding)
        # 2. The words are parsed: some become filters, misspellings are corrected.
        words = words_of(query)
        reads = words and _reads_words(query, pipeline.recipe)
        half = self.words.search(words, query, now.index) if reads else None
        if query.where:
            check_where(query.where, now.index.facet_names())
        where = Filter.parse(query.where if half is None else half.where(query.where))
        # 3. Photo, words and product become vectors with weights.
        said = half.spoken if half else words
        vectors = encode_query(query, pipeline, self._catalog.database, said)
        # 4. The index finds the best; the confidence needs the very best whichever page is shown.
        probe = Probe(
            image=vectors.image,
            text=vectors.text,
            image_weight=vectors.image_weight,
            text_weight=vectors.text_weight,
            where=where.within(CLUSTER, vectors.clusters),
            k=MOST_SORTED if query.sort else max(query.k, HEAD),
            offset=0 if query.sort else query.offset,
            min_score=vectors.floor if query.min_score is None else query.min_score,
            exclude=query.exclude | ({query.product} if query.product else set()),
            grouped=query.grouped,
            count=query.count,
        )
        probe = _weighed(probe, query, half, pipeline.recipe)
        if half is not None and not half.carried and _is_text_alone(query):
            # No product contains the words: only the nearest count, not the whole catalog.
            nearest = now.index.search(replace(probe, k=MOST_NEAREST, offset=0, count=()))
            probe = replace(probe, words=Among([match.id for match in nearest.matches]))
        answer = now.index.search(probe)
        head = answer.matches[:HEAD]
        if query.offset and not query.sort:
            head = now.index.search(replace(probe, k=HEAD, offset=0, count=())).matches
        # 5. Candidates are sorted if the query has a sort order.
        if query.sort:
            answer = sorted_page(query, answer, self._catalog.database)
        page = answer.matches[: query.k]
        # 6. The matches become hits, with their products and reasons.
        shown_matches = {match.id: match for match in (*page, *head)}
        products = self._catalog.database.products(list(shown_matches))
        metric = pipeline.recipe.metric
        made = {
            id: hit_of(match, products[id], vectors, metric, half)
            for id, match in shown_matches.items()
            if id in products
        }

        def hits(matches: Sequence[Match]) -> tuple[Hit, ...]:
            return tuple(made[match.id] for match in matches if match.id in made)

        shown = with_clusters(hits(page), pipeline, self._catalog.database)
        said_so = half.interpretation() if half else None
        return Found(query, vectors, hits(head), shown, answer, pipeline.recipe.name, said_so)


def _weighed(probe: Probe, query: Query, half: WordHalf | None, recipe: Recipe) -> Probe:
    """Return a probe with word scores, and their weight beside the vectors."""
    if half is None or not half.carried:
        return probe
    if not _is_text_alone(query):
        # Words on top of a photo describe a change, and weigh what the query sets.
        return replace(
            probe, words=FoundScores(half.found, refers=False), word_weight=CHANGE_WEIGHT * probe.text_weight
        )
    weight = _first(query.word_weight, half.settings.weight, recipe.word_weight)
    if not (math.isfinite(weight) and 0 <= weight <= 1):
        raise BadQuery(f"word_weight must be from 0 to 1, got {weight}.")
    return replace(
        probe,
        image_weight=(1 - weight) * probe.image_weight,
        text_weight=(1 - weight) * probe.text_weight,
        words=FoundScores(half.found, refers=True),
        word_weight=weight,
    )


def _reads_words(query: Query, recipe: Recipe) -> bool:
    """Whether to search words. Recipes that reproduce a paper's score do so only if nothing else answers."""
    return recipe.keyword_bonus or (_is_text_alone(query) and not recipe.text)


def _first(*values: float | None) -> float:
    return next(value for value in values if value is not None)


def _is_text_alone(query: Query) -> bool:
    return query.image is None and query.product is None and query.vector is None


def _check_page(query: Query) -> None:
    if not 0 < query.k <= MOST_HITS:
        raise BadQuery(f"k must be from 1 to {MOST_HITS}, got {query.k}.")
    if not 0 <= query.offset <= MOST_OFFSET:
        raise BadQuery(
            f"offset must be from 0 to {MOST_OFFSET}, got {query.offset}. Narrow the filter instead."
        )
