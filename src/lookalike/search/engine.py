"""The search engine: a query becomes vectors, the index answers, and the matches become hits."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from lookalike.catalog.catalog import Catalog
from lookalike.catalog.state import CLUSTER
from lookalike.errors import BadQuery
from lookalike.index import Filter, Index, Match, Probe
from lookalike.search.clusters import with_clusters
from lookalike.search.confidence import HEAD
from lookalike.search.confidence_state import ConfidenceState
from lookalike.search.failover import IndexFailover
from lookalike.search.found import Found
from lookalike.search.index_sync import IndexSync
from lookalike.search.likeness import distance, likeness, likeness_words
from lookalike.search.query import QueryVectors, encode_query, words_of
from lookalike.search.sort import MOST_SORTED, check_sort, sorted_page
from lookalike.types import Hit, Metric, Product, Query, Recipe, Results

MOST_HITS = 1000
MOST_OFFSET = 10_000
MOST_WORDS = 2000
CODE_BONUS = 1.0
WORDS_BONUS = 0.1
CHANGE_BONUS = 0.9


class SearchEngine:
    """Answers queries over one catalog; owns the index that follows it."""

    def __init__(self, catalog: Catalog, index: str = "") -> None:
        """`index` is the URL of an index server; empty keeps the index in this process."""
        self._catalog = catalog
        # Only an index server can become unreachable.
        remote = "://" in index
        self._sync = IndexFailover(catalog.database, index) if remote else IndexSync(catalog.database, index)
        self._confidence = ConfidenceState(catalog, self.find)

    def close(self) -> None:
        """Release the index."""
        self._confidence.close()
        self._sync.close()

    @property
    def index(self) -> Index:
        """The index, up to date."""
        return self._sync.follow().index

    def facet_names(self) -> list[str]:
        """The fields by which products can be filtered and counted."""
        return self.index.facet_names()

    def settle(self) -> None:
        """Wait until the files of an approximate index are written, where the catalog is large enough."""
        self._sync.settle()

    def check(self) -> None:
        """Raise whatever keeps the engine from answering."""
        self._sync.follow()
        self._catalog.check()

    def calibrate(self) -> None:
        """Learn from the products what matches are worth, and keep it for every process, if they changed."""
        self._confidence.renew()

    def recalibrate(self) -> None:
        """Learn anew what matches are worth, whether or not the products changed."""
        self._confidence.renew(always=True)

    def answer(self, query: Query) -> Results:
        """Answer a query: find, then judge."""
        began = time.perf_counter()
        found = self.find(query)
        hits, good = self.judged(found)
        return Results(
            hits=hits,
            total=found.answer.total,
            took_ms=(time.perf_counter() - began) * 1000,
            recipe=found.recipe,
            counts=found.answer.counts,
            revision=found.answer.revision,
            good=good,
        )

    def judged(self, found: Found) -> tuple[tuple[Hit, ...], bool]:
        """The hits of a page with their match, and whether any is a good match."""
        if not found.head:
            return found.page, False
        confidence = self._confidence.current()
        return confidence.judge(found.head, found.page, found.query, found.vectors)

    def find(self, query: Query) -> Found:
        """Find what a query asks for in six steps."""
        where = _checked(query)
        # 1. The index catches up with the database.
        now = self._sync.follow()
        if query.sort:
            check_sort(query.sort, now.index.facet_names())
        pipeline = self._catalog.pipeline_for(now.encoding)
        # 2. Photo, words and product become vectors and weights.
        vectors = encode_query(query, pipeline, self._catalog.database)
        # 3. Words that name a product outright count, whatever the encoder thinks of them.
        bonus = self._named(query, vectors, pipeline.recipe)
        # 4. The index finds the best; the very best are wanted whatever the page.
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
            bonus=bonus,
            count=query.count,
        )
        answer = now.index.search(probe)
        head = answer.matches[:HEAD]
        if query.offset and not query.sort:
            head = now.index.search(replace(probe, k=HEAD, offset=0, count=())).matches
        # 5. What comes near is put into another order, if one is asked for.
        if query.sort:
            answer = sorted_page(query, answer, self._catalog.database)
        page = answer.matches[: query.k]
        # 6. The matches become hits, with their products and reasons.
        products = self._catalog.database.products([match.id for match in (*head, *page)])
        metric = pipeline.recipe.metric

        def hits(matches: Sequence[Match]) -> tuple[Hit, ...]:
            return tuple(
                _hit(each, products[each.id], vectors, metric) for each in matches if each.id in products
            )

        shown = with_clusters(hits(page), pipeline, self._catalog.database)
        return Found(query, vectors, hits(head), shown, answer, pipeline.recipe.name)

    def _named(self, query: Query, vectors: QueryVectors, recipe: Recipe) -> dict[str, float]:
        words = words_of(query)
        # Words on top of a photo say what shall be different, and weigh as much as they are told to.
        alone = query.image is None and query.product is None and query.vector is None
        # A recipe that reads no words has no other answer to words alone.
        if not words or not (recipe.keyword_bonus or (alone and not recipe.text)):
            return {}
        carried = WORDS_BONUS if alone else CHANGE_BONUS * vectors.text_weight
        bonus = dict.fromkeys(self._catalog.database.with_words(words, MOST_WORDS), carried)
        bonus.update(dict.fromkeys(self._catalog.database.with_code(words, MOST_WORDS), CODE_BONUS))
        return bonus


def _checked(query: Query) -> Filter:
    if not 0 < query.k <= MOST_HITS:
        raise BadQuery(f"k must be from 1 to {MOST_HITS}, not {query.k}.")
    if not 0 <= query.offset <= MOST_OFFSET:
        raise BadQuery(
            f"offset must be from 0 to {MOST_OFFSET}, not {query.offset}: narrow the filter instead."
        )
    return Filter.parse(query.where)


def _hit(match: Match, product: Product, vectors: QueryVectors, metric: Metric) -> Hit:
    parts = {"image": match.image or 0.0, "text": match.text or 0.0}
    why: list[str] = []
    if match.bonus:
        parts["keyword"] = match.bonus
        why.append("carries this very code" if match.bonus >= CODE_BONUS else "carries all of the words")
    if vectors.image is not None and match.photo:
        position = (
            [photo.id for photo in product.photos].index(match.photo) + 1 if len(product.photos) > 1 else 1
        )
        why.append(f"looks {likeness_words(parts['image'], metric, vectors.image)} (photo {position})")
    if vectors.text is not None and parts["text"]:
        why.append(f"reads {likeness_words(parts['text'], metric, vectors.text)}")
    # A sum of cosines is at most 1, but for the rounding of float32.
    score = min(match.score, 1.0) if metric == "cosine" and not match.bonus else match.score
    return Hit(
        product,
        score,
        parts,
        match.photo,
        why=tuple(why),
        distance=distance(match.image, metric),
        likeness=likeness(match.image, metric, vectors.image),
    )
