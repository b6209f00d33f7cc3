"""The catalog: products are imported, embedded, re-embedded by another recipe, read and removed."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from lookalike.catalog.import_journal import ImportJournal, UndoProgress, last_import, undo_import
from lookalike.catalog.importer import Importer, Progress, feed_rows
from lookalike.catalog.pipeline import EncodingPipeline
from lookalike.catalog.reembed import RebuildProgress, RebuildReport, Reembedder
from lookalike.catalog.state import (
    COPYING,
    ENCODING_STATE,
    IDENTITY,
    PREVIOUS_ENCODING_STATE,
    EncodingState,
    changed_settings,
    new_identity,
)
from lookalike.catalog.update import NAME as UPDATE
from lookalike.catalog.update import ProductUpdate, Updates
from lookalike.catalog.workers import open_worker_pool
from lookalike.database import Database, open_database
from lookalike.encoders import recipes
from lookalike.errors import Conflict, NotFound
from lookalike.media.images import StoredPhoto
from lookalike.settings import settings
from lookalike.types import FeedRow, ImportReport, LastImport, Product, Recipe, RowProblem, UndoReport


@dataclass(frozen=True, slots=True)
class _Settings:
    """The settings as of one revision."""

    revision: int
    values: Mapping[str, str]
    encoding: EncodingState


class Catalog:
    """The products of one shop, with their photos and vectors."""

    def __init__(self, database: Database, encoding: EncodingState) -> None:
        self.database = database
        self._pipeline = EncodingPipeline(database, encoding, settings().threads)
        self._changing = threading.Lock()
        self._settings: _Settings | None = None
        # A revision, and how many products there were at it.
        self._counted: tuple[int, int] | None = None

    @classmethod
    def open(cls, url: str | Path, recipe: str | Recipe | None = None) -> Self:
        """Open a catalog, or create one with `recipe`.

        Raises Conflict if the catalog exists and uses another recipe, or an older definition of it.
        """
        database = open_database(str(url))
        wanted = recipes.recipe(recipe) if isinstance(recipe, str) else recipe
        encoding = _stored_or_new(database, wanted)
        if wanted and (wanted.name != encoding.recipe.name or changed_settings(encoding.recipe, wanted)):
            database.close()
            raise _uses_another(encoding.recipe, wanted, recipe, url)
        return cls(database, encoding)

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        # Counting a million rows takes longer than a search.
        counted, revision = self._counted, self.database.revision()
        if counted is None or counted[0] != revision:
            counted = self._counted = (revision, self.database.count())
        return counted[1]

    @property
    def url(self) -> str:
        """The file or URL of the catalog."""
        return self.database.url

    @property
    def revision(self) -> int:
        """The number of the last write."""
        return self.database.revision()

    @property
    def settings(self) -> Mapping[str, str]:
        """The settings in the database, read once per revision."""
        return self._current().values

    @property
    def encoding(self) -> EncodingState:
        """The recipe and the vector spaces that the catalog is searched by."""
        return self._current().encoding

    @property
    def recipe(self) -> Recipe:
        """The models and settings that the catalog is searched by."""
        return self.encoding.recipe

    @property
    def pipeline(self) -> EncodingPipeline:
        """The encoders of the current recipe."""
        return self.pipeline_for(self.encoding)

    def pipeline_for(self, encoding: EncodingState) -> EncodingPipeline:
        """The encoders for a state of the catalog; another process may have changed it."""
        if self._pipeline.encoding != encoding:
            self._pipeline = self._pipeline.succeeded_by(encoding)
        return self._pipeline

    def _current(self) -> _Settings:
        known, revision = self._settings, self.database.revision()
        if known is None or known.revision != revision:
            values = self.database.settings()
            stored = values.get(ENCODING_STATE)
            encoding = self._pipeline.encoding if stored is None else EncodingState.loads(stored)
            known = self._settings = _Settings(revision, values, encoding)
        return known

    def add(
        self,
        feed: Iterable[Product | FeedRow],
        *,
        prune: bool = False,
        progress: Progress | None = None,
        stop: threading.Event | None = None,
        workers: str = "",
    ) -> ImportReport:
        """Import a feed: insert new products and update changed ones.

        `prune` deletes the products that are missing from the feed. `workers` embed photos and text:
        the Ray cluster at ray://host:port, or threads of this process. Setting `stop` ends the
        import early; the same call resumes it. The last import of a named feed can be undone.
        """
        feed_name = str(getattr(feed, "name", ""))
        name = feed_name or "products"
        journal = ImportJournal(self.database, feed_name) if feed_name else None
        with self._changing, self.database.writing(f"import of {name}"):
            if not self._settled(stop, workers):
                return ImportReport(interrupted=True)
            with open_worker_pool(workers, self._pipeline) as pool:
                importer = Importer(self.database, self._pipeline, pool, name, stop, progress, journal)
                report = importer.run(feed_rows(feed))
            if prune and importer.broken_off:
                reason = "The feed is truncated, so nothing was deleted. Import the complete feed again."
                report.problems.append(RowProblem(name, 0, "", reason))
            elif prune and not report.interrupted:
                gone = [id for id in self.database.ids() if id not in importer.seen]
                if gone and journal is not None:
                    journal.note_removal(gone)
                report.removed = self.database.remove(gone) if gone else 0
            if journal is not None and not report.interrupted:
                journal.complete()
            if self._outgrown():
                if progress is not None:
                    report.stage = "learning components, clusters and words"
                    progress(report)
                self._remake(Reembedder(self.database, self._pipeline, {}))
        return report

    def last_import(self) -> LastImport | None:
        """The import that can be undone, if there is one."""
        return last_import(self.database)

    def undo_import(
        self, progress: UndoProgress | None = None, stop: threading.Event | None = None
    ) -> UndoReport:
        """Undo the last import: remove what it added, put back what it updated and removed.

        Products that were changed since then stay as they are. `stop` ends it early; the same call goes on.
        Raises NotFound if there is nothing to undo.
        """
        with self._changing, self.database.writing("undo of an import"):
            report = undo_import(self.database, self.pipeline, progress, stop)
            if self._outgrown():
                self._remake(Reembedder(self.database, self._pipeline, {}))
        return report

    def _outgrown(self) -> bool:
        """Whether what was learned from the products no longer fits them."""
        pipeline = self.pipeline_for(EncodingState.loads(self.database.settings()[ENCODING_STATE]))
        return pipeline.drifted() or pipeline.outgrown()

    def _settled(self, stop: threading.Event | None = None, workers: str = "") -> bool:
        """Bring the catalog to the encoders of now, before vectors are added; False if stopped before."""
        encoding = self._pipeline.settled()
        if self._pipeline.encoding.superseded_by(encoding):
            # Vectors of two encoders cannot be compared: re-embed the catalog before adding more.
            anew = self._pipeline.succeeded_by(EncodingState(self.recipe))
            if not self._remake(Reembedder(self.database, anew, {}, stop, workers=workers)).complete:
                return False
            encoding = self._pipeline.settled()
        if encoding != self._pipeline.encoding:
            self.database.put_settings({ENCODING_STATE: encoding.dumps()})
            self.pipeline_for(encoding)
        return True

    def update(self, updates: Iterable[ProductUpdate]) -> ImportReport:
        """Change some fields of products and compute again only what depends on them.

        Prices, stock, currencies and links are written at once, even during an import. An update that cannot
        be done is reported; the others are.
        """
        taken = Updates(self.database)
        for others in taken.pieces(updates):
            if others:
                with self._changing, self.database.writing("update of products"):
                    self._settled()
                    changed = taken.changed(others)
                    self.database.journal.note_changes([product.id for product in changed])
                    with open_worker_pool("", self._pipeline) as pool:
                        importer = Importer(self.database, self._pipeline, pool, UPDATE, None, None, None)
                        taken.add(importer.rewrite(changed))
        return taken.report

    def remove(self, ids: Sequence[str]) -> int:
        """Delete products; returns how many existed."""
        return self.database.remove(ids)

    def _remake(self, rebuild: Reembedder) -> RebuildReport:
        """Run a rebuild, switch to its vectors, and drop the spaces that are no longer needed."""
        before = self.database.settings()
        encoding = rebuild.run()
        if encoding is not None:
            self.pipeline_for(encoding)
            kept = self.database.settings()
            for space in _spaces(before) - _spaces(kept):
                self.database.drop_space(space)
        return rebuild.report

    def switch(
        self,
        recipe: str | Recipe,
        *,
        progress: RebuildProgress | None = None,
        stop: threading.Event | None = None,
        workers: str = "",
    ) -> RebuildReport:
        """Re-embed the catalog with another recipe while searches use the current one, then switch."""
        wanted = recipes.recipe(recipe) if isinstance(recipe, str) else recipe
        return self._switch(EncodingState(wanted), f"switch to {wanted.name}", progress, stop, workers)

    def switch_back(
        self,
        *,
        progress: RebuildProgress | None = None,
        stop: threading.Event | None = None,
        workers: str = "",
    ) -> RebuildReport:
        """Return to the recipe that was used before the last switch."""
        before = self.database.settings().get(PREVIOUS_ENCODING_STATE)
        if before is None:
            raise Conflict("This catalog has never been switched, so there is no recipe to return to.")
        encoding = EncodingState.loads(before)
        return self._switch(encoding, f"switch back to {encoding.recipe.name}", progress, stop, workers)

    def _switch(
        self,
        wanted: EncodingState,
        what: str,
        progress: RebuildProgress | None,
        stop: threading.Event | None,
        workers: str,
    ) -> RebuildReport:
        with self._changing, self.database.writing(what):
            pipeline = self._pipeline.succeeded_by(wanted)
            alongside = {PREVIOUS_ENCODING_STATE: self.database.settings()[ENCODING_STATE]}
            return self._remake(Reembedder(self.database, pipeline, alongside, stop, progress, workers))

    def product(self, id: str) -> Product:
        """One product.

        Raises NotFound if there is none with this id.
        """
        found = self.database.products([id]).get(id)
        if found is None:
            raise NotFound(f"There is no product '{id}'. Check the id.")
        return found

    def products(self, after: str = "", limit: int = 100) -> list[Product]:
        """A page of products in order of their ids, starting after `after`."""
        return self.database.page(after, limit)

    def all_products(self) -> Iterator[Product]:
        """Every product, in order of their ids. Those added meanwhile may be missed."""
        return self.database.all_products()

    def photo(self, photo_id: str) -> StoredPhoto:
        """One stored photo.

        Raises NotFound if there is none with this id.
        """
        found = self.database.photo(photo_id)
        if found is None:
            raise NotFound("There is no such photo. It may have been replaced.")
        return found

    def titles(self, ids: Sequence[str]) -> dict[str, tuple[str, str | None]]:
        """The title and first photo of each product that exists."""
        found = self.database.products(ids)
        return {id: (each.title, each.photos[0].id if each.photos else None) for id, each in found.items()}

    def check(self) -> None:
        """Raise whatever keeps the catalog from being searched: its encoders must open."""
        if len(self):
            self.pipeline.image_encoder()
            self.pipeline.text_encoder()


def _stored_or_new(database: Database, wanted: Recipe | None) -> EncodingState:
    """The stored state, or a new one; of several programs that create a catalog at once, the first wins."""
    while True:
        revision = database.revision()
        values = database.settings()
        if COPYING in values:
            database.close()
            raise Conflict(
                f"The copy to {database.url} is not finished: run `lookalike copy` again. It resumes."
            )
        stored = values.get(ENCODING_STATE)
        if stored is not None:
            return EncodingState.loads(stored)
        begun = EncodingState(wanted or recipes.recipe(recipes.DEFAULT_RECIPE))
        database.put_settings({ENCODING_STATE: begun.dumps(), IDENTITY: new_identity()}, at=revision)


def _uses_another(stored: Recipe, wanted: Recipe, named: str | Recipe | None, url: str | Path) -> Conflict:
    """Say what differs, and which command brings the catalog up to date."""
    command = f"lookalike switch {named if isinstance(named, str) else wanted.name} --catalog {url}"
    if stored.name != wanted.name:
        return Conflict(
            f"{url} uses the recipe '{stored.name}', not '{wanted.name}'. Leave the recipe out, run "
            f"`{command}`, or import into a new file."
        )
    return Conflict(
        f"{url} was made with another definition of the recipe '{wanted.name}' "
        f"({'; '.join(changed_settings(stored, wanted))}). Run `{command}` to rebuild it, or leave the "
        "recipe out to keep what it has."
    )


def _spaces(kept: Mapping[str, str]) -> frozenset[str]:
    """The vector spaces of the current state and of the one before the last switch."""
    encoding = (
        EncodingState.loads(kept[name]) for name in (ENCODING_STATE, PREVIOUS_ENCODING_STATE) if name in kept
    )
    return frozenset().union(*(each.spaces for each in encoding))
