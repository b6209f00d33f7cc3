"""Explains a match by words: the matching words, their fields and their positions in the texts."""

from __future__ import annotations

from lookalike.lexical.analysis import TOKEN, Words, spans, split_token
from lookalike.lexical.document import Document
from lookalike.lexical.index import View
from lookalike.lexical.query import Reading
from lookalike.types import MatchKind, WordMatch


class Explainer:
    """Finds the words of one query in the texts of products."""

    def __init__(self, reading: Reading, view: View) -> None:
        self._view = view
        # Values of facets come again with the next product.
        self._known: dict[str, tuple[tuple[str, str, MatchKind], ...]] = {}
        self._meant: dict[int, list[tuple[str, str, MatchKind]]] = {}
        for group in reading.groups:
            for alternative in group.alternatives:
                for term in alternative.terms:
                    said = (group.word, alternative.word, alternative.kind)
                    self._meant.setdefault(term, []).append(said)

    def words(self, document: Document) -> tuple[WordMatch, ...]:
        """Return the query words that a product contains, each with its fields."""
        found: dict[tuple[str, str, MatchKind], list[str]] = {}
        for where, text in document.texts():
            for said in self._said(text):
                fields = found.setdefault(said, [])
                if where.name.lower() not in fields:
                    fields.append(where.name.lower())
        asked = list(dict.fromkeys(word for said in self._meant.values() for word, _, _ in said))
        matches = [WordMatch(*said, tuple(fields)) for said, fields in found.items()]
        return tuple(sorted(matches, key=lambda match: asked.index(match.word)))

    def highlight(self, text: str) -> list[tuple[int, int]]:
        """Return the span of each matching word in a text, as start and end offsets."""
        return [(span.start, span.end) for span in spans(text) if any(map(self._matches, _forms(span.words)))]

    def _said(self, text: str) -> tuple[tuple[str, str, MatchKind], ...]:
        found = self._known.get(text)
        if found is None:
            words = (word for token in TOKEN.findall(text) for word in _forms(split_token(token)))
            found = tuple(said for word in words for said in self._meant.get(self._term(word), ()))
            self._known[text] = found
        return found

    def _matches(self, word: str) -> bool:
        return self._term(word) in self._meant

    def _term(self, word: str) -> int:
        term = self._view.vocabulary.term(word)
        return -1 if term is None else term


def _forms(words: Words) -> tuple[str, ...]:
    return (*words.words, words.joined) if words.joined else words.words
