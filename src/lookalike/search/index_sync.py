"""Keeps an index in sync with the database: pending changes are applied before each answer."""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from lookalike.catalog.pipeline import EncodingPipeline
from lookalike.catalog.state import CLUSTER, ENCODING_STATE, IDENTITY, EncodingState, identity
from lookalike.database import Change, Database, StoredEntry
from lookalike.index import (
    LEAST,
    ApproximateIndex,
    Changes,
    ChangeSink,
    Entry,
    Index,
    Space,
    forget_kept,
    open_index,
)
from lookalike.kept_files import kept_folder
from lookalike.types import Vector
from lookalike.vectors.codec import unpack_sparse, unpack_vectors
from lookalike.vectors.projection import Learned

log = logging.getLogger(__name__)

IN_PROCESS = ("", "exact")


@dataclass(frozen=True, slots=True)
class SyncedIndex:
    """A catalog at one revision: its index and encoding state."""

    index: Index
    encoding: EncodingState
    revision: int


class IndexSync:
    """An index of one catalog that is never older than the query."""

    def __init__(self, database: Database, index: str = "") -> None:
        self._database = database
        self._index = index
        self._catching_up = threading.Lock()
        self._state: SyncedIndex | None = None

    def follow(self) -> SyncedIndex:
        """The catalog at its current revision."""
        state = self._state
        if state is None or state.revision != self._database.revision():
            with self._catching_up:
                return self._caught_up()
        # Reopening only for speed must not delay other searches.
        if state.index.should_reopen() and self._catching_up.acquire(blocking=False):
            try:
                return self._caught_up()
            finally:
                self._catching_up.release()
        return state

    def settle(self) -> None:
        """Wait until the files of an approximate index, if any, are written, and open them."""
        if self._index not in ("", "approximate") or self._database.count() < LEAST:
            return
        index = self.follow().index
        if isinstance(index, ApproximateIndex):
            index.settle()
            # Another thread may be opening them; unlike a search, this waits for it.
            with self._catching_up:
                self._caught_up()

    def _caught_up(self) -> SyncedIndex:
        state = self._state
        serves = state is not None and not state.index.should_reopen()
        if state is not None and serves and state.revision == self._database.revision():
            return state
        kept = self._database.settings()
        encoding = EncodingState.loads(kept[ENCODING_STATE])
        if state is not None and serves and _same_spaces(state.encoding, encoding):
            index = state.index
            self.feed(index, encoding)
        else:
            index = self._opened(encoding, kept)
        self._state = SyncedIndex(index, encoding, index.revision)
        return self._state

    def _opened(self, encoding: EncodingState, kept: Mapping[str, str]) -> Index:
        space = self._space(encoding, kept)
        index = open_index(self._index, space)
        outlived = index.revision > 0
        self.feed(index, encoding)
        if outlived and not self._agrees(index):
            log.warning(
                "The index beside %s belongs to another state of the catalog and will be rebuilt.",
                self._database.url,
            )
            index.close()
            forget_kept(space)
            index = open_index(self._index, space)
            self.feed(index, encoding)
        return index

    def feed(self, index: ChangeSink, encoding: EncodingState) -> None:
        """Apply all changes up to the last write."""
        learned = EncodingPipeline(self._database, encoding).learned()
        sparse = encoding.text_dim == 0
        spaces, reached = (encoding.image_space, encoding.text_space), 0
        while True:
            for reached, changes in self._database.changes(index.revision, *spaces):
                index.apply(_decoded(changes, reached, sparse, learned))
            # An index server may still lack changes; its revision says from where.
            if index.revision >= reached:
                return

    def _agrees(self, index: Index) -> bool:
        """Whether an index is not ahead of the database and has as many products at its revision."""
        size, count, now = len(index), self._database.count(), self._database.revision()
        return index.revision < now or (index.revision == now and size == count)

    def _space(self, encoding: EncodingState, kept: Mapping[str, str]) -> Space:
        # An in-process search must not write to the database.
        catalog = kept.get(IDENTITY, "") if self._index in IN_PROCESS else identity(self._database)
        spaces = [encoding.image_space, encoding.text_space, encoding.learned, encoding.recipe.metric]
        return Space(
            catalog=catalog,
            made=hashlib.sha256(json.dumps(spaces).encode()).hexdigest()[:16],
            image_dim=encoding.learned_dim or encoding.image_dim,
            text_dim=encoding.text_dim,
            metric=encoding.recipe.metric,
            folder=kept_folder(self._database.url, catalog),
        )

    def close(self) -> None:
        """Release the index."""
        if self._state is not None:
            self._state.index.close()
            self._state = None


def _same_spaces(one: EncodingState, other: EncodingState) -> bool:
    return (one.image_space, one.text_space, one.learned, one.recipe.metric) == (
        other.image_space,
        other.text_space,
        other.learned,
        other.recipe.metric,
    )


def _decoded(changes: list[Change], revision: int, sparse: bool, learned: Learned | None) -> Changes:
    return Changes(
        upserts=[_entry(change.entry, sparse, learned) for change in changes if change.entry is not None],
        removed=[change.id for change in changes if change.entry is None],
        revision=revision,
    )


def _entry(stored: StoredEntry, sparse: bool, learned: Learned | None) -> Entry:
    embedded = [
        (photo, row) for photo, row in zip(stored.photos, stored.images, strict=True) if row is not None
    ]
    images: Vector | None = None
    if embedded:
        images = unpack_vectors(b"".join(row for _, row in embedded)).reshape(len(embedded), -1)
    text = None
    if stored.text is not None:
        text = unpack_sparse(stored.text) if sparse else unpack_vectors(stored.text)
    facets = json.loads(stored.facets)
    if learned is not None and images is not None:
        images = learned.reduced(images)
        if groups := learned.groups(images):
            facets[CLUSTER] = groups
    return Entry(
        id=stored.id,
        group=stored.group,
        facets=facets,
        price=stored.price,
        currency=stored.currency if stored.price is not None else "",
        stock=stored.stock,
        photos=tuple(photo for photo, _ in embedded),
        images=images,
        text=text,
    )
