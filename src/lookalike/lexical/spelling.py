"""Corrects misspelled words, with the words of the catalog as its dictionary."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from lookalike.lexical.segment import Longs
from lookalike.lexical.vocabulary import Arrays, Vocabulary

SHORTEST = 4
# From these lengths, a word may be two and three edits away from the intended one.
TWO_EDITS_FROM = 6
THREE_EDITS_FROM = 9
# Of three edits, some only move or repeat letters: so many letters may differ in all.
MOST_APART = 4
MOST_CANDIDATES = 12
# The cost of an edit, in e-folds of the candidate's frequency in the catalog.
EDIT = 6.0
SWAP = 0.7
REPEAT = 0.5
SOUND = 0.7
MISSED_KEY = 0.85
VOWEL_LEFT_OUT = 0.85
FIRST = 1.5
_VOWELS = frozenset("aeiouy")
_SOUNDS = ("aeiouy", "cksqxz", "fvwp", "gj", "mn", "dt", "bp", "lr")
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


@dataclass(frozen=True, slots=True)
class Guess:
    """A candidate correction and its likelihood; higher is likelier."""

    word: str
    edits: int
    likelihood: float


class Speller:
    """The words of a vocabulary in a form that is fast to compare with a misspelled word."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._letters: Longs = np.zeros(0, np.int64)
        self._lengths: Longs = np.zeros(0, np.int64)
        self._growing = threading.Lock()

    @classmethod
    def restored(cls, vocabulary: Vocabulary, arrays: Arrays) -> Speller:
        """Restore a speller from a file."""
        new = cls(vocabulary)
        new._letters, new._lengths = arrays["speller_letters"], arrays["speller_lengths"]
        return new

    def arrays(self) -> Arrays:
        """The precomputed data of all current words, as a file stores it."""
        letters, lengths = self._grown()
        return {"speller_letters": letters, "speller_lengths": lengths}

    def _grown(self) -> tuple[Longs, Longs]:
        """The letters and lengths of all current words."""
        with self._growing:
            words = self._vocabulary.words[len(self._letters) :]
            if words:
                letters = np.fromiter(map(_letters, words), np.int64, len(words))
                lengths = np.fromiter(map(len, words), np.int64, len(words))
                self._lengths = np.concatenate([self._lengths, lengths])
                self._letters = np.concatenate([self._letters, letters])
            return self._letters, self._lengths

    def corrections(
        self, word: str, counts: Longs, fits: Callable[[str], float], begun: bool = False
    ) -> list[Guess]:
        """Return corrections of a word that the catalog does not contain, likeliest first.

        `counts` holds the frequency of each word in the catalog; `fits` scores how well a candidate fits
        the other words of the query. A `begun` word is compared with prefixes of words.
        """
        if not correctable(word):
            return []
        most = most_edits(word)
        letters, lengths = self._grown()
        length = min(len(letters), len(counts))
        letters, lengths, counts = letters[:length], lengths[:length], counts[:length]
        if begun:
            # Letters that are still to come may be any.
            apart = 2 * np.bitwise_count(_letters(word) & ~letters)
            near = lengths > len(word)
        else:
            # One edit changes at most two letters of the letter set.
            apart = np.bitwise_count(letters ^ _letters(word))
            near = (np.abs(lengths - len(word)) <= most) & (lengths >= SHORTEST - 1)
        numbers = np.flatnonzero(near & (apart <= min(2 * most, MOST_APART)) & (counts > 0))
        words = [self._vocabulary.words[number] for number in numbers]
        compared = [other[: len(word)] for other in words] if begun else words
        found = extract(word, compared, scorer=OSA.distance, score_cutoff=most, limit=None)
        weighed = [
            Guess(
                words[place],
                int(edits),
                math.log1p(counts[numbers[place]]) - EDIT * cost(word, compared[place]),
            )
            for _, edits, place in found
            if words[place].isalpha()
        ]
        weighed.sort(key=lambda each: -each.likelihood)
        fitting = [
            Guess(each.word, each.edits, each.likelihood + fits(each.word))
            for each in weighed[:MOST_CANDIDATES]
        ]
        return sorted(fitting, key=lambda each: -each.likelihood)


def correctable(word: str) -> bool:
    """Whether a word can be misspelled: not a number, a code or a character bigram."""
    return len(word) >= SHORTEST and word.isalpha()


def most_edits(word: str) -> int:
    """The number of edits allowed for a word."""
    return 1 + (len(word) >= TWO_EDITS_FROM) + (len(word) >= THREE_EDITS_FROM)


def _letters(word: str) -> int:
    """The set of letters of a word, as a bit mask."""
    letters = 0
    for letter in word:
        letters |= 1 << (ord(letter) % 61)
    return letters


def cost(typed: str, meant: str) -> float:
    """The cost of a typo; transposed, doubled and confused letters are cheap."""
    if typed == meant:
        return 0.0
    total = 0.0
    for kind, here, there in _edits(typed, meant):
        if kind == "swap":
            price = SWAP
        elif kind == "replace":
            price = _PRICES.get((typed[here], meant[there]), 1.0)
        else:
            word, place = (typed, here) if kind == "delete" else (meant, there)
            price = VOWEL_LEFT_OUT if word[place] in _VOWELS else 1.0
            price = REPEAT if word[place] in (word[place - 1 : place], word[place + 1 : place + 2]) else price
        total += price * (FIRST if here == 0 else 1.0)
    return total


def _prices() -> dict[tuple[str, str], float]:
    """The cost of substituting a letter: lower if both sound alike or are adjacent on a keyboard."""
    beside = {
        pair: MISSED_KEY
        for row in _KEYS
        for one, other in pairwise(row)
        for pair in ((one, other), (other, one))
    }
    alike = {(one, other): SOUND for sound in _SOUNDS for one in sound for other in sound if one != other}
    return {**beside, **alike}


_PRICES = _prices()


def _edits(typed: str, meant: str) -> list[tuple[str, int, int]]:
    """Return the edits between two words, by optimal string alignment."""
    rows, columns = len(typed) + 1, len(meant) + 1
    best = [
        [max(row, column) if not row or not column else 0 for column in range(columns)] for row in range(rows)
    ]
    for row in range(1, rows):
        for column in range(1, columns):
            same = typed[row - 1] == meant[column - 1]
            best[row][column] = min(
                best[row - 1][column] + 1,
                best[row][column - 1] + 1,
                best[row - 1][column - 1] + (not same),
                best[row - 2][column - 2] + 1 if _swapped(typed, meant, row, column) else rows + columns,
            )
    edits: list[tuple[str, int, int]] = []
    row, column = rows - 1, columns - 1
    while row or column:
        here = best[row][column]
        if row and column and typed[row - 1] == meant[column - 1] and here == best[row - 1][column - 1]:
            row, column = row - 1, column - 1
        elif _swapped(typed, meant, row, column) and here == best[row - 2][column - 2] + 1:
            row, column = row - 2, column - 2
            edits.append(("swap", row, column))
        elif row and column and here == best[row - 1][column - 1] + 1:
            row, column = row - 1, column - 1
            edits.append(("replace", row, column))
        elif row and here == best[row - 1][column] + 1:
            row -= 1
            edits.append(("delete", row, column))
        else:
            column -= 1
            edits.append(("insert", row, column))
    return edits


def _swapped(typed: str, meant: str, row: int, column: int) -> bool:
    return (
        row > 1 and column > 1 and typed[row - 1] == meant[column - 2] and typed[row - 2] == meant[column - 1]
    )
