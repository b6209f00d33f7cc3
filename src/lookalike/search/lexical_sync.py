"""Keeping the lexical index in step with the database: what has changed is taken in before a search."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict

from lookalike.catalog.state import ENCODING_STATE, EncodingState
from lookalike.database import Database, StoredText
from lookalike.errors import BadQuery
from lookalike.lexical import Document, LexicalIndex
from lookalike.lexical.index import AUTO, View
from lookalike.lexical.languages import STEMMERS
from lookalike.lexical.segment import Weighting
from lookalike.types import WordSettings

WORD_SETTINGS = "words"
# Words of no language have no stems and no stop words.
NONE = "none"


class LexicalSync:
    """The words of one catalogue, never older than the question."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._catching_up = threading.Lock()
        self._index: LexicalIndex | None = None
        self._made_by: tuple[str, tuple[float, ...]] | None = None
        self._revision = -1
        self.settings = WordSettings()

    def follow(self) -> View:
        """The words of the catalogue as of now."""
        index = self._index
        if index is None or self._revision != self._database.revision():
            with self._catching_up:
                index = self._caught_up()
        return index.view()

    def _caught_up(self) -> LexicalIndex:
        kept = self._database.settings()
        self.settings = load_word_settings(kept.get(WORD_SETTINGS))
        recipe = EncodingState.loads(kept[ENCODING_STATE]).recipe
        made_by = (self.settings.language, recipe.word_fields)
        index = self._index
        if index is None or made_by != self._made_by:
            weighting = Weighting(weights=(*recipe.word_fields, 0.0))
            index, self._made_by = LexicalIndex(self.settings.language, weighting), made_by
        for changes in self._database.text_changes(index.revision):
            index.apply(map(_document, changes.texts), changes.removed, changes.revision)
        self._index, self._revision = index, index.revision
        return index


def load_word_settings(text: str | None) -> WordSettings:
    """Word settings from a setting of the database; the defaults where there is none."""
    return WordSettings(**json.loads(text)) if text else WordSettings()


def dump_word_settings(settings: WordSettings) -> str:
    """Word settings as a setting of the database; what cannot be followed is refused."""
    if settings.language not in (AUTO, NONE, *STEMMERS):
        known = ", ".join(sorted(STEMMERS))
        raise BadQuery(f"The language '{settings.language}' is not known: use auto, none or one of {known}.")
    if settings.weight is not None and not 0 <= settings.weight <= 1:
        raise BadQuery(f"The weight of words must be from 0 to 1, not {settings.weight}.")
    return json.dumps(asdict(settings))


def _document(text: StoredText) -> Document:
    return Document(text.id, text.title, text.description, json.loads(text.facets), text.codes)
