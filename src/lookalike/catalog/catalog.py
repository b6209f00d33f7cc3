"""The main path: products go in, a query comes, the products that look and read alike go out."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Self

from lookalike.catalog.importer import Intake, Progress, feed_rows
from lookalike.catalog.pipeline import CLUSTER, MADE, MADE_BEFORE, Made, Making
from lookalike.catalog.reembed import Rebuild, RebuildProgress, RebuildReport
from lookalike.catalog.workers import open_crew
from lookalike.database import Database, open_database
from lookalike.encoders import recipes
from lookalike.errors import BadQuery, Conflict, NotFound
from lookalike.index import Filter, Index, Match, Probe
from lookalike.media.images import StoredPhoto
from lookalike.search.failover import Standby
from lookalike.search.index_sync import IDENTITY, new_identity
from lookalike.search.query import Aim, aim_at, words_of
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

    def __init__(self, database: Database, made: Made, index: str = "") -> None:
        self._database = database
        self._making = Making(database, made, settings().threads)
        self._follower = Standby(database, index)
        self._changing = threading.Lock()

    @classmethod
    def open(cls, url: str | Path, recipe: str | Recipe | None = None, index: str = "") -> Self:
        """Open a catalogue, or begin a new one with a recipe; `index` is a URL, empty is in process."""
        database = open_database(str(url))
        wanted = recipes.recipe(recipe) if isinstance(recipe, str) else recipe
        made = _made_or_begun(database, wanted)
        if wanted and wanted != made.recipe:
            database.close()
            raise Conflict(
                f"{url} was made with the recipe '{made.recipe.name}', not '{wanted.name}': "
                "leave the recipe out, switch the catalogue to it, or import into a new file."
            )
        return cls(database, made, index)

    def close(self) -> None:
        """Let go of the file and the memory."""
        self._follower.close()
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
        return self._making.recipe

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
        return self._follower.follow().index

    @property
    def making(self) -> Making:
        """The encoders as of now."""
        return self._made_by(self._follower.follow().made)

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
            made = self._making.settled()
            if self._making.made.superseded_by(made):
                # Vectors of two encoders cannot be compared: what is there is made anew before more comes.
                anew = self._making.succeeded_by(Made(self.recipe))
                if not self._remake(Rebuild(self._database, anew, {}, stop, workers=workers)).complete:
                    return ImportReport(interrupted=True)
                made = self._making.settled()
            if made != self._making.made:
                self._database.put_settings({MADE: made.dumps()})
                self._made_by(made)
            with open_crew(workers, self._making) as crew:
                intake = Intake(self._database, self._making, crew, name, stop, progress)
                report = intake.run(feed_rows(feed))
            if prune and not report.interrupted:
                gone = [id for id in self._database.ids() if id not in intake.seen]
                report.removed = self._database.remove(gone) if gone else 0
            making = self._made_by(Made.loads(self._database.settings()[MADE]))
            if making.drifted() or making.outgrown():
                self._remake(Rebuild(self._database, making, {}))
        return report

    def remove(self, ids: Sequence[str]) -> int:
        """Delete products; returns how many there were."""
        return self._database.remove(ids)

    def _made_by(self, made: Made) -> Making:
        """The making that fits what the database says; another process may have changed it."""
        if self._making.made != made:
            self._making = self._making.succeeded_by(made)
        return self._making

    def _remake(self, rebuild: Rebuild) -> RebuildReport:
        """Swap to what a rebuild made, and drop the spaces that nothing goes back to."""
        before = self._database.settings()
        made = rebuild.run()
        if made is not None:
            self._made_by(made)
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
        return self._switch(Made(wanted), f"switch to {wanted.name}", progress, stop, workers)

    def switch_back(
        self,
        *,
        progress: RebuildProgress | None = None,
        stop: threading.Event | None = None,
        workers: int | str = 0,
    ) -> RebuildReport:
        """Go back to the recipe before the last switch."""
        before = self._database.settings().get(MADE_BEFORE)
        if before is None:
            raise Conflict("This catalogue was never switched: there is nothing to go back to.")
        made = Made.loads(before)
        return self._switch(made, f"switch back to {made.recipe.name}", progress, stop, workers)

    def _switch(
        self,
        wanted: Made,
        what: str,
        progress: RebuildProgress | None,
        stop: threading.Event | None,
        workers: int | str,
    ) -> RebuildReport:
        with self._changing, self._database.writing(what):
            making = self._making.succeeded_by(wanted)
            alongside = {MADE_BEFORE: self._database.settings()[MADE]}
            return self._remake(Rebuild(self._database, making, alongside, stop, progress, workers))

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
        now = self._follower.follow()
        if query.sort:
            check_sort(query.sort, now.index.facet_names())
        making = self._made_by(now.made)
        # 2. Photo, words and product become vectors and weights.
        aim = aim_at(query, making, self._database)
        # 3. Words that name a product outright count, whatever the encoder thinks of them.
        bonus = self._named(query, aim)
        # 4. The index finds the best.
        answer = now.index.search(
            Probe(
                image=aim.image,
                text=aim.text,
                image_weight=aim.image_weight,
                text_weight=aim.text_weight,
                where=where.within(CLUSTER, aim.clusters),
                k=MOST_SORTED if query.sort else query.k,
                offset=0 if query.sort else query.offset,
                min_score=aim.floor if query.min_score is None else query.min_score,
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
        metric = making.recipe.metric
        hits = tuple(_hit(each, products[each.id], aim, metric) for each in found if each.id in products)
        good = None
        if now.matching is not None:
            # The best one decides whether there is anything good, wherever the order puts it.
            hits, good = now.matching.judged(hits, query, aim, now.index)
        hits = hits[len(best) :]
        return Results(
            hits=hits,
            total=answer.total,
            took_ms=(time.perf_counter() - began) * 1000,
            recipe=making.recipe.name,
            counts=answer.counts,
            revision=answer.revision,
            good=good,
        )

    def _named(self, query: Query, aim: Aim) -> dict[str, float]:
        words = words_of(query)
        if not words:
            return {}
        # Words on top of a photo say what shall be different, and weigh as much as they are told to.
        alone = query.image is None and query.product is None and query.vector is None
        carried = WORDS_BONUS if alone else CHANGE_BONUS * aim.text_weight
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
        self._follower.settle()

    def check(self) -> None:
        """Raise what keeps the catalogue from answering, if anything does."""
        self._follower.follow()
        if len(self):
            self._making.image_encoder()
            self._making.text_encoder()


def _made_or_begun(database: Database, wanted: Recipe | None) -> Made:
    """What a catalogue is made by; of several programs that begin it at once, the first is heard."""
    while True:
        revision = database.revision()
        kept = database.settings().get(MADE)
        if kept is not None:
            return Made.loads(kept)
        begun = Made(wanted or recipes.recipe(recipes.DEFAULT_RECIPE))
        database.put_settings({MADE: begun.dumps(), IDENTITY: new_identity()}, at=revision)


def _spaces(kept: Mapping[str, str]) -> frozenset[str]:
    """The spaces that a catalogue is searched by, or would be after going back."""
    made = (Made.loads(kept[name]) for name in (MADE, MADE_BEFORE) if name in kept)
    return frozenset().union(*(each.spaces for each in made))


def _checked(query: Query) -> Filter:
    if not 0 < query.k <= MOST_HITS:
        raise BadQuery(f"k must be from 1 to {MOST_HITS}, not {query.k}.")
    if not 0 <= query.offset <= MOST_OFFSET:
        raise BadQuery(
            f"offset must be from 0 to {MOST_OFFSET}, not {query.offset}: narrow the filter instead."
        )
    return Filter.parse(query.where)


def _hit(match: Match, product: Product, aim: Aim, metric: Metric) -> Hit:
    parts = {"image": match.image or 0.0, "text": match.text or 0.0}
    why: list[str] = []
    if match.bonus:
        parts["keyword"] = match.bonus
        why.append("carries this very code" if match.bonus >= CODE_BONUS else "carries all of the words")
    if aim.image is not None and match.photo:
        position = (
            [photo.id for photo in product.photos].index(match.photo) + 1 if len(product.photos) > 1 else 1
        )
        why.append(f"looks {_likeness(parts['image'], metric)} (photo {position})")
    if aim.text is not None and parts["text"]:
        why.append(f"reads {_likeness(parts['text'], metric)}")
    return Hit(product, match.score, parts, match.photo, None, tuple(why))


def _likeness(part: float, metric: Metric) -> str:
    if metric == "euclidean":
        return f"{math.sqrt(max(-part, 0)):.2f} away"
    return f"{part:.0%} alike" if metric == "cosine" else f"{part:.2f} alike"
