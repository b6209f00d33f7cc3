"""Guesss of misspelt words, learned from the words of the catalogue itself."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from lookalike.lexical.segment import Longs
from lookalike.lexical.vocabulary import Arrays, Vocabulary

SHORTEST = 4
# From so many letters on, a word may be two edits away from what was meant.
TWO_EDITS_FROM = 6
MOST_CANDIDATES = 12
# What an edit costs, in e-folds of how often the candidate stands in the catalogue.
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
    """A word of the catalogue that somebody may have meant, and how likely it is: higher is likelier."""

    word: str
    edits: int
    likelihood: float


class Speller:
    """The words of a vocabulary in a form that is quick to compare with a misspelt one."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._letters: Longs = np.zeros(0, np.int64)
        self._lengths: Longs = np.zeros(0, np.int64)

    def grow(self) -> None:
        """Take in the words that are new in the vocabulary."""
        words = self._vocabulary.words[len(self._letters) :]
        if words:
            letters = np.fromiter(map(_letters, words), np.int64, len(words))
            lengths = np.fromiter(map(len, words), np.int64, len(words))
            self._lengths = np.concatenate([self._lengths, lengths])
            self._letters = np.concatenate([self._letters, letters])

    def arrays(self) -> Arrays:
        """What was computed of the words, as a file holds it."""
        return {"speller_letters": self._letters, "speller_lengths": self._lengths}

    def restore(self, arrays: Arrays) -> None:
        """Take it from a file."""
        self._letters, self._lengths = arrays["speller_letters"], arrays["speller_lengths"]

    def corrections(
        self, word: str, counts: Longs, fits: Callable[[str], float], begun: bool = False
    ) -> list[Guess]:
        """What a word that is not in the catalogue may be meant to be, the likeliest first.

        `counts` tells how often each word stands in the catalogue and `fits` how well a candidate goes with
        the other words of the query. A word that is only `begun` is compared with how words begin.
        """
        if not correctable(word):
            return []
        most = most_edits(word)
        length = min(len(self._letters), len(counts))
        letters, lengths, counts = self._letters[:length], self._lengths[:length], counts[:length]
        if begun:
            # What is yet to come may hold any letter.
            apart = 2 * np.bitwise_count(_letters(word) & ~letters)
            near = lengths > len(word)
        else:
            # An edit changes at most two letters of the set of all.
            apart = np.bitwise_count(letters ^ _letters(word))
            near = (np.abs(lengths - len(word)) <= most) & (lengths >= SHORTEST - 1)
        numbers = np.flatnonzero(near & (apart <= 2 * most) & (counts > 0))
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
    """Whether a word is one that people misspell, and no number, code or pair of characters."""
    return len(word) >= SHORTEST and word.isalpha()


def most_edits(word: str) -> int:
    """How many edits a word may be away from what was meant."""
    return 2 if len(word) >= TWO_EDITS_FROM else 1


def _letters(word: str) -> int:
    """The set of letters of a word, as bits."""
    letters = 0
    for letter in word:
        letters |= 1 << (ord(letter) % 61)
    return letters


def cost(typed: str, meant: str) -> float:
    """What it takes to mistype a word so: swapped, doubled and mixed-up letters come easily."""
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
    """What it takes to mistake one letter for another: less if they sound alike or lie side by side."""
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
    """The edits that turn one word into another, by optimal string alignment."""
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
