"""The main path: products go in, a query comes, the products that look and read alike go out."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Self

from lookalike.catalog.importer import Importer, Progress, feed_rows
from lookalike.catalog.pipeline import EncodingPipeline
from lookalike.catalog.reembed import RebuildProgress, RebuildReport, Reembedder
from lookalike.catalog.state import (
    CLUSTER,
    ENCODING_STATE,
    IDENTITY,
    PREVIOUS_ENCODING_STATE,
    EncodingState,
    new_identity,
)
from lookalike.catalog.workers import open_worker_pool
from lookalike.database import Database, open_database
from lookalike.encoders import recipes
from lookalike.errors import BadQuery, Conflict, NotFound
from lookalike.index import Filter, Index, Match, Probe
from lookalike.media.images import StoredPhoto
from lookalike.search.failover import IndexFailover
from lookalike.search.query import QueryVectors, encode_query, words_of
from lookalike.search.sort import MOST_SORTED, check_sort, sorted_page
from lookalike.settings import settings
from lookalike.types import (
    FeedRow,
    Hit,
    ImageInput,
    ImportReport,
    Metric,
    Product,
    Query,
    Recipe,
    Results,
    Vector,
    Where,
)

MOST_HITS = 1000
MOST_OFFSET = 10_000
MOST_WORDS = 2000
CODE_BONUS = 1.0
WORDS_BONUS = 0.1
CHANGE_BONUS = 0.9


class Catalog:
    """A shop: what you open, fill, and search."""

    def __init__(self, database: Database, encoding: EncodingState, index: str = "") -> None:
        self._database = database
        self._pipeline = EncodingPipeline(database, encoding, settings().threads)
        self._sync = IndexFailover(database, index)
        self._changing = threading.Lock()

    @classmethod
    def open(cls, url: str | Path, recipe: str | Recipe | None = None, index: str = "") -> Self:
        """Open a catalogue, or begin a new one with a recipe; `index` is a URL, empty is in process."""
        database = open_database(str(url))
        wanted = recipes.recipe(recipe) if isinstance(recipe, str) else recipe
        encoding = _made_or_begun(database, wanted)
        if wanted and wanted != encoding.recipe:
            database.close()
            raise Conflict(
                f"{url} was made with the recipe '{encoding.recipe.name}', not '{wanted.name}': "
                "leave the recipe out, switch the catalogue to it, or import into a new file."
            )
        return cls(database, encoding, index)

    def close(self) -> None:
        """Let go of the file and the memory."""
        self._sync.close()
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        return self._database.count()

    @property
    def url(self) -> str:
        """Where the catalogue is."""
        return self._database.url

    @property
    def recipe(self) -> Recipe:
        """How this catalogue is made comparable."""
        return self._pipeline.recipe

    @property
    def revision(self) -> int:
        """The number of the last write."""
        return self._database.revision()

    @property
    def database(self) -> Database:
        """The rows behind the catalogue, for what measures and explores."""
        return self._database

    @property
    def index(self) -> Index:
        """What searches, as of now."""
        return self._sync.follow().index

    @property
    def pipeline(self) -> EncodingPipeline:
        """The encoders as of now."""
        return self._made_by(self._sync.follow().encoding)

    def add(
        self,
        feed: Iterable[Product | FeedRow],
        *,
        prune: bool = False,
        progress: Progress | None = None,
        stop: threading.Event | None = None,
        workers: int | str = 0,
    ) -> ImportReport:
        """Insert what is new and update what has changed; `prune` removes what the feed does not have.

        `workers` embed: a number of processes, ray://host:port, or 0 for threads of this process.
        """
        name = str(getattr(feed, "name", "products"))
        with self._changing, self._database.writing(f"import of {name}"):
            encoding = self._pipeline.settled()
            if self._pipeline.encoding.superseded_by(encoding):
                # Vectors of two encoders cannot be compared: what is there is made anew before more comes.
                anew = self._pipeline.succeeded_by(EncodingState(self.recipe))
                if not self._remake(Reembedder(self._database, anew, {}, stop, workers=workers)).complete:
                    return ImportReport(interrupted=True)
                encoding = self._pipeline.settled()
            if encoding != self._pipeline.encoding:
                self._database.put_settings({ENCODING_STATE: encoding.dumps()})
                self._made_by(encoding)
            with open_worker_pool(workers, self._pipeline) as pool:
                intake = Importer(self._database, self._pipeline, pool, name, stop, progress)
                report = intake.run(feed_rows(feed))
            if prune and not report.interrupted:
                gone = [id for id in self._database.ids() if id not in intake.seen]
                report.removed = self._database.remove(gone) if gone else 0
            pipeline = self._made_by(EncodingState.loads(self._database.settings()[ENCODING_STATE]))
            if pipeline.drifted() or pipeline.outgrown():
                self._remake(Reembedder(self._database, pipeline, {}))
        return report

    def remove(self, ids: Sequence[str]) -> int:
        """Delete products; returns how many there were."""
        return self._database.remove(ids)

    def _made_by(self, encoding: EncodingState) -> EncodingPipeline:
        """The making that fits what the database says; another process may have changed it."""
        if self._pipeline.encoding != encoding:
            self._pipeline = self._pipeline.succeeded_by(encoding)
        return self._pipeline

    def _remake(self, rebuild: Reembedder) -> RebuildReport:
        """Swap to what a rebuild made, and drop the spaces that nothing goes back to."""
        before = self._database.settings()
        encoding = rebuild.run()
        if encoding is not None:
            self._made_by(encoding)
            kept = self._database.settings()
            for space in _spaces(before) - _spaces(kept):
                self._database.drop_space(space)
        return rebuild.report

    def switch(
        self,
        recipe: str | Recipe,
        *,
        progress: RebuildProgress | None = None,
        stop: threading.Event | None = None,
        workers: int | str = 0,
    ) -> RebuildReport:
        """Make the catalogue anew by another recipe while it is searched by its own, then swap."""
        wanted = recipes.recipe(recipe) if isinstance(recipe, str) else recipe
        return self._switch(EncodingState(wanted), f"switch to {wanted.name}", progress, stop, workers)

    def switch_back(
        self,
        *,
        progress: RebuildProgress | None = None,
        stop: threading.Event | None = None,
        workers: int | str = 0,
    ) -> RebuildReport:
        """Go back to the recipe before the last switch."""
        before = self._database.settings().get(PREVIOUS_ENCODING_STATE)
        if before is None:
            raise Conflict("This catalogue was never switched: there is nothing to go back to.")
        encoding = EncodingState.loads(before)
        return self._switch(encoding, f"switch back to {encoding.recipe.name}", progress, stop, workers)

    def _switch(
        self,
        wanted: EncodingState,
        what: str,
        progress: RebuildProgress | None,
        stop: threading.Event | None,
        workers: int | str,
    ) -> RebuildReport:
        with self._changing, self._database.writing(what):
            pipeline = self._pipeline.succeeded_by(wanted)
            alongside = {PREVIOUS_ENCODING_STATE: self._database.settings()[ENCODING_STATE]}
            return self._remake(Reembedder(self._database, pipeline, alongside, stop, progress, workers))

    def search(
        self,
        *,
        image: ImageInput | None = None,
        text: str | None = None,
        product: str | None = None,
        vector: Sequence[float] | Vector | None = None,
        image_weight: float | None = None,
        where: Where | None = None,
        k: int = 10,
        offset: int = 0,
        min_score: float | None = None,
        exclude: Iterable[str] = (),
        grouped: bool = True,
        count: Sequence[str] = (),
        clusters: int = 0,
        shopper: str | None = None,
        sort: str = "",
    ) -> Results:
        """The products that look and read like a photo, words, a product, a vector, or any mix of them."""
        return self.answer(
            Query(
                image=image,
                text=text,
                product=product,
                vector=vector,
                image_weight=image_weight,
                where=where or {},
                k=k,
                offset=offset,
                min_score=min_score,
                exclude=frozenset(exclude),
                grouped=grouped,
                count=tuple(count),
                clusters=clusters,
                shopper=shopper,
                sort=sort,
            )
        )

    def similar(self, product: str, k: int = 5, where: Where | None = None) -> Results:
        """The products most like one of the catalogue."""
        return self.search(product=product, k=k, where=where)

    def answer(self, query: Query) -> Results:
        """Answer a query in six steps."""
        began = time.perf_counter()
        where = _checked(query)
        # 1. The index catches up with the database.
        now = self._sync.follow()
        if query.sort:
            check_sort(query.sort, now.index.facet_names())
        pipeline = self._made_by(now.encoding)
        # 2. Photo, words and product become vectors and weights.
        vectors = encode_query(query, pipeline, self._database)
        # 3. Words that name a product outright count, whatever the encoder thinks of them.
        bonus = self._named(query, vectors)
        # 4. The index finds the best.
        answer = now.index.search(
            Probe(
                image=vectors.image,
                text=vectors.text,
                image_weight=vectors.image_weight,
                text_weight=vectors.text_weight,
                where=where.within(CLUSTER, vectors.clusters),
                k=MOST_SORTED if query.sort else query.k,
                offset=0 if query.sort else query.offset,
                min_score=vectors.floor if query.min_score is None else query.min_score,
                exclude=query.exclude | ({query.product} if query.product else set()),
                grouped=query.grouped,
                bonus=bonus,
                count=query.count,
            )
        )
        # 5. What comes near is put into another order, if one is asked for.
        best = answer.matches[:1] if query.sort else ()
        if query.sort:
            answer = sorted_page(query, answer, self._database)
        # 6. The matches become hits, with their products and reasons.
        found = (*best, *answer.matches)
        products = self._database.products([match.id for match in found])
        metric = pipeline.recipe.metric
        hits = tuple(_hit(each, products[each.id], vectors, metric) for each in found if each.id in products)
        good = None
        if now.calibration is not None:
            # The best one decides whether there is anything good, wherever the order puts it.
            hits, good = now.calibration.assess(hits, query, vectors, now.index)
        hits = hits[len(best) :]
        return Results(
            hits=hits,
            total=answer.total,
            took_ms=(time.perf_counter() - began) * 1000,
            recipe=pipeline.recipe.name,
            counts=answer.counts,
            revision=answer.revision,
            good=good,
        )

    def _named(self, query: Query, vectors: QueryVectors) -> dict[str, float]:
        words = words_of(query)
        if not words:
            return {}
        # Words on top of a photo say what shall be different, and weigh as much as they are told to.
        alone = query.image is None and query.product is None and query.vector is None
        carried = WORDS_BONUS if alone else CHANGE_BONUS * vectors.text_weight
        bonus = dict.fromkeys(self._database.with_words(words, MOST_WORDS), carried)
        bonus.update(dict.fromkeys(self._database.with_code(words, MOST_WORDS), CODE_BONUS))
        return bonus

    def product(self, id: str) -> Product:
        """One product."""
        found = self._database.products([id]).get(id)
        if found is None:
            raise NotFound(f"There is no product '{id}': check the id.")
        return found

    def products(self, after: str = "", limit: int = 100) -> list[Product]:
        """Products in the order of their ids, those after one id."""
        return self._database.page(after, limit)

    def photo(self, photo_id: str) -> StoredPhoto:
        """One stored photo."""
        found = self._database.photo(photo_id)
        if found is None:
            raise NotFound("There is no such photo: it may have been replaced.")
        return found

    def facet_names(self) -> list[str]:
        """The fields by which products can be filtered and counted."""
        return self.index.facet_names()

    def settle(self) -> None:
        """Write the files of an approximate index, where the catalogue is large enough for one."""
        self._sync.settle()

    def check(self) -> None:
        """Raise what keeps the catalogue from answering, if anything does."""
        self._sync.follow()
        if len(self):
            self._pipeline.image_encoder()
            self._pipeline.text_encoder()


def _made_or_begun(database: Database, wanted: Recipe | None) -> EncodingState:
    """What a catalogue is made by; of several programs that begin it at once, the first is heard."""
    while True:
        revision = database.revision()
        kept = database.settings().get(ENCODING_STATE)
        if kept is not None:
            return EncodingState.loads(kept)
        begun = EncodingState(wanted or recipes.recipe(recipes.DEFAULT_RECIPE))
        database.put_settings({ENCODING_STATE: begun.dumps(), IDENTITY: new_identity()}, at=revision)


def _spaces(kept: Mapping[str, str]) -> frozenset[str]:
    """The spaces that a catalogue is searched by, or would be after going back."""
    encoding = (
        EncodingState.loads(kept[name]) for name in (ENCODING_STATE, PREVIOUS_ENCODING_STATE) if name in kept
    )
    return frozenset().union(*(each.spaces for each in encoding))


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
        why.append(f"looks {_likeness(parts['image'], metric)} (photo {position})")
    if vectors.text is not None and parts["text"]:
        why.append(f"reads {_likeness(parts['text'], metric)}")
    return Hit(product, match.score, parts, match.photo, None, tuple(why))


def _likeness(part: float, metric: Metric) -> str:
    if metric == "euclidean":
        return f"{math.sqrt(max(-part, 0)):.2f} away"
    return f"{part:.0%} alike" if metric == "cosine" else f"{part:.2f} alike"
