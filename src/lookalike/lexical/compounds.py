"""Compounds such as "Damenhandtasche": their parts are words that the catalog uses alone."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Callable, Iterator

from lookalike.lexical.vocabulary import Vocabulary

SHORTEST_PART = 3
# Without a known word before it, a last part is this long: "Hose" in "Latzhose", but not "Eis" in "Preis".
SHORTEST_ALONE = 4
MOST_PARTS = 4
# Terms added since the last sort are scanned one by one.
MOST_UNSORTED = 512
# Letters between two parts: "Arbeitshose", "Taschenlampe".
LINKS = ("", "s", "es", "n", "en", "e", "er")
_VOWELS = frozenset("aeiouyäöü")
_LAST = "\U0010ffff"


class Compounds:
    """The terms of a vocabulary, sorted by their ends."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._terms: list[str] = []
        self._reversed: list[str] = []
        self._growing = threading.Lock()

    def ending_with(self, term: str) -> Iterator[str]:
        """Return the longer terms that end with a term."""
        terms, ordered, known = self._grown()
        end = term[::-1]
        for other in ordered[bisect_left(ordered, end) : bisect_left(ordered, end + _LAST)]:
            if len(other) > len(end):
                yield other[::-1]
        for other in terms[known:]:
            if other.endswith(term) and other != term:
                yield other

    def _grown(self) -> tuple[list[str], list[str], int]:
        """The terms, the first of them reversed in sorted order, and how many these are."""
        with self._growing:
            terms = self._vocabulary.terms
            # Another language makes other terms.
            if terms is not self._terms or len(terms) - len(self._reversed) > MOST_UNSORTED:
                self._terms, self._reversed = terms, sorted(term[::-1] for term in list(terms))
            return terms, self._reversed, len(self._reversed)


def parts(word: str, known: Callable[[str], bool]) -> tuple[str, ...]:
    """Split a compound into known words; if only its last part is known, return that alone."""
    whole = _split(word, known, MOST_PARTS)
    if whole:
        return whole
    for at in range(SHORTEST_PART, len(word) - SHORTEST_ALONE + 1):
        if pronounceable(word[:at]) and known(word[at:]):
            return (word[at:],)
    return ()


def _split(word: str, known: Callable[[str], bool], most: int) -> tuple[str, ...]:
    """Split off the longest known last part, then the rest."""
    for at in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1):
        if known(word[at:]) and (first := _first_parts(word[:at], known, most - 1)):
            return (*first, word[at:])
    return ()


def _first_parts(first: str, known: Callable[[str], bool], most: int) -> tuple[str, ...]:
    """Split what stands before the last part."""
    whole = modifier(first, known)
    if whole or most < 2:
        return (whole,) if whole else ()
    splits = (_split(first.removesuffix(link), known, most) for link in LINKS if first.endswith(link))
    return next(filter(None, splits), ())


def modifier(first: str, known: Callable[[str], bool]) -> str:
    """Return the first part of a compound as the word it is alone: "arbeits" as "arbeit"; "" if not known."""
    for link in LINKS:
        word = first.removesuffix(link) if link else first
        if len(word) >= SHORTEST_PART and first.endswith(link) and known(word):
            return word
    return ""


def begins(first: str, known: Callable[[str], bool]) -> bool:
    """Whether letters begin with a known word and go on like another: "herrenarmband" before "uhr"."""
    return any(
        known(first[:at]) and pronounceable(first[at:])
        for at in range(SHORTEST_ALONE, len(first) - SHORTEST_ALONE + 1)
    )


def opens(compound: str, word: str, known: Callable[[str], bool]) -> bool:
    """Whether a compound consists of a word and a known one after it."""
    rest = compound[len(word) :]
    return any(
        rest.startswith(link) and len(rest) >= len(link) + SHORTEST_PART and known(rest[len(link) :])
        for link in LINKS
    )


def pronounceable(part: str) -> bool:
    """Whether letters could be a word."""
    return len(part) >= SHORTEST_PART and not _VOWELS.isdisjoint(part)
