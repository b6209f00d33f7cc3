"""Keeps the lexical index in sync with the database: changes are applied before a search."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lookalike.catalog.state import ENCODING_STATE, IDENTITY, EncodingState
from lookalike.database import Database, StoredText
from lookalike.errors import BadQuery
from lookalike.kept_files import kept_folder, load_arrays, save_arrays
from lookalike.lexical import Document, LexicalIndex
from lookalike.lexical.index import AUTO, View
from lookalike.lexical.languages import LANGUAGES
from lookalike.lexical.segment import Weighting
from lookalike.types import WordSettings

WORD_SETTINGS = "words"
# Without a language there are no stems and no stop words.
NONE = "none"
# Loading this many products takes less than half a second.
KEPT_FROM = 10_000
WORDS = "words.npz"
# What analyses, folds or stems words differently needs a new number.
FORMAT = 2

log = logging.getLogger(__name__)


class LexicalSync:
    """The lexical index of one catalog, never older than the query."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._catching_up = threading.Lock()
        self._index: LexicalIndex | None = None
        self._made_by: tuple[str, tuple[float, ...]] | None = None
        self._revision = -1
        self._kept_revision = -1
        self.settings = WordSettings()

    def follow(self, revision: int) -> View:
        """The lexical index at a revision of the catalog, or at a later one."""
        index = self._index
        if index is None or self._revision < revision:
            with self._catching_up:
                index = self._caught_up()
        return index.view()

    def settle(self) -> None:
        """Write the lexical index of a large catalog to a file, for processes too short-lived to build it."""
        if self._database.count() < KEPT_FROM:
            return
        self.follow(self._database.revision())
        with self._catching_up:
            place, index = self._place(self._database.settings()), self._index
            if place is None or index is None or index.revision == self._kept_revision:
                return
            try:
                save_arrays(place[0], index.arrays(), place[1])
                self._kept_revision = index.revision
            except OSError as error:
                log.warning("The word index %s could not be written: %s", place[0], error)

    def _caught_up(self) -> LexicalIndex:
        kept = self._database.settings()
        self.settings = load_word_settings(kept.get(WORD_SETTINGS))
        recipe = EncodingState.loads(kept[ENCODING_STATE]).recipe
        made_by = (self.settings.language, recipe.word_fields)
        index = self._index
        if index is None or made_by != self._made_by:
            weighting = Weighting(weights=(*recipe.word_fields, 0.0))
            self._made_by = made_by
            index = self._restored(weighting, kept) or LexicalIndex(self.settings.language, weighting)
        self._feed(index)
        self._index, self._revision = index, index.revision
        return index

    def _feed(self, index: LexicalIndex) -> None:
        for changes in self._database.text_changes(index.revision):
            index.apply(map(_document, changes.texts), changes.removed, changes.revision)

    def _restored(self, weighting: Weighting, kept: Mapping[str, str]) -> LexicalIndex | None:
        """Load the index from the file beside the catalog, if the file belongs to this state of it."""
        place = self._place(kept)
        arrays = load_arrays(*place) if place else None
        if arrays is None:
            return None
        index = LexicalIndex.restored(arrays, self.settings.language, weighting)
        self._kept_revision = index.revision
        if index.revision > self._database.revision():
            return None
        self._feed(index)
        # A catalog restored from a backup may have other products at the same revision.
        return index if len(index) == self._database.count() else None

    def _place(self, kept: Mapping[str, str]) -> tuple[Path, dict[str, Any]] | None:
        """Return the file and its key; None for a catalog without an identity."""
        catalog, made_by = kept.get(IDENTITY, ""), self._made_by
        folder = kept_folder(self._database.url, catalog)
        if not catalog or made_by is None or folder is None:
            return None
        about = {"format": FORMAT, "catalog": catalog, "language": made_by[0], "fields": list(made_by[1])}
        return folder / WORDS, about


def load_word_settings(text: str | None) -> WordSettings:
    """Parse word settings from a database setting; the defaults if there is none."""
    return WordSettings(**json.loads(text)) if text else WordSettings()


def dump_word_settings(settings: WordSettings) -> str:
    """Serialize word settings for the database. Raises BadInput for invalid settings."""
    if settings.language not in (AUTO, NONE, *LANGUAGES):
        known = ", ".join(LANGUAGES)
        raise BadQuery(f"Unknown language '{settings.language}'. Use auto, none or one of {known}.")
    if settings.weight is not None and not 0 <= settings.weight <= 1:
        raise BadQuery(f"The weight of words must be from 0 to 1, got {settings.weight}.")
    return json.dumps(asdict(settings))


def _document(text: StoredText) -> Document:
    return Document(text.id, text.title, text.description, json.loads(text.facets), text.codes)
