"""The words of a catalog with their terms, stems and document counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.lexical import languages
from lookalike.lexical.analysis import split_token

Numbers = NDArray[np.int32]
Arrays = dict[str, NDArray[Any]]


class Vocabulary:
    """Numbers words and terms. A term groups the inflected forms of a word, and is the unit of search.

    Terms with the same stem form a family: "running" and "runner" are related, but not the same.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self.words: list[str] = []
        self.terms: list[str] = []
        self.term_of: list[int] = []
        self._word_ids: dict[str, int] = {}
        self._term_ids: dict[str, int] = {}
        self._base = languages.base(language)
        self._stem = languages.stemmer(language)
        self._families: dict[str, list[int]] = {}
        self._term_numbers: Numbers = np.zeros(0, np.int32)
        self._tokens: dict[str, tuple[tuple[int, ...], int]] = {}

    def __len__(self) -> int:
        return len(self.words)

    def word(self, text: str) -> int | None:
        """Return the number of a folded word that the catalog contains or contained."""
        return self._word_ids.get(text)

    def term(self, word: str) -> int | None:
        """Return the number of the term of a folded word, known or not."""
        number = self._word_ids.get(word)
        return self._term_ids.get(self._base(word)) if number is None else self.term_of[number]

    def base(self, word: str) -> str:
        """Return the form by which a folded word is searched: its stem, in English its singular."""
        return self._base(word)

    def term_number(self, base: str) -> int | None:
        """Return the number of a term."""
        return self._term_ids.get(base)

    def add(self, word: str) -> int:
        """Return the number of a folded word, assigning one if it is new."""
        number = self._word_ids.get(word)
        if number is None:
            number = self._word_ids[word] = len(self.words)
            self.words.append(word)
            # Codes are not stemmed.
            self.term_of.append(self._add_term(self._base(word) if word[0] != "=" else word))
        return number

    def _add_term(self, base: str) -> int:
        number = self._term_ids.get(base)
        if number is None:
            number = self._term_ids[base] = len(self.terms)
            self.terms.append(base)
            self._families.setdefault(self._stem(base), []).append(number)
        return number

    def family(self, word: str) -> list[int]:
        """Return the terms with a word's stem, its own included."""
        return self._families.get(self._stem(word), [])

    def read(self, tokens: Sequence[str]) -> list[int]:
        """Return the numbers of the words of some tokens, joined forms last."""
        numbers: list[int] = []
        joined: list[int] = []
        known = self._tokens
        for token in tokens:
            found = known.get(token)
            if found is None:
                said = split_token(token)
                whole = self.add(said.joined) if said.joined else -1
                found = known[token] = (tuple(self.add(word) for word in said.words), whole)
            numbers.extend(found[0])
            if found[1] >= 0:
                joined.append(found[1])
        return numbers + joined if joined else numbers

    def arrays(self) -> Arrays:
        """The words, their terms and stems, as a file stores them."""
        stems = list(map(self._stem, self.terms))
        listed = {"words": self.words, "terms": self.terms, "stems": stems}
        return {name: joined(strings) for name, strings in listed.items()} | {"term_of": self.term_numbers()}

    @classmethod
    def restored(cls, language: str, arrays: Arrays) -> Vocabulary:
        """Restore a vocabulary from a file."""
        new = cls(language)
        new.words, new.terms = split(arrays["words"]), split(arrays["terms"])
        new._term_numbers = arrays["term_of"]
        new.term_of = new._term_numbers.tolist()
        new._word_ids = {word: number for number, word in enumerate(new.words)}
        new._term_ids = {term: number for number, term in enumerate(new.terms)}
        for number, stem in enumerate(split(arrays["stems"])):
            new._families.setdefault(stem, []).append(number)
        return new

    def restem(self, language: str) -> None:
        """Regroup the words by the stems of another language; word numbers do not change."""
        self.language = language
        self._base, self._stem = languages.base(language), languages.stemmer(language)
        self.terms, self._term_ids, self._families = [], {}, {}
        self._term_numbers = np.zeros(0, np.int32)
        self.term_of = [self._add_term(self._base(word) if word[0] != "=" else word) for word in self.words]

    def term_numbers(self) -> Numbers:
        """The term of each word."""
        known = len(self._term_numbers)
        if known < len(self.term_of):
            self._term_numbers = np.concatenate(
                [self._term_numbers, np.array(self.term_of[known:], np.int32)]
            )
        return self._term_numbers


def joined(strings: Sequence[str]) -> NDArray[np.uint8]:
    """Join words into one array; no word contains a space."""
    return np.frombuffer(" ".join(strings).encode("utf-8", "surrogatepass"), np.uint8)


def split(array: NDArray[np.uint8]) -> list[str]:
    """Split such an array into words."""
    return array.tobytes().decode("utf-8", "surrogatepass").split(" ") if len(array) else []
