"""Completes the word that is being typed."""

from __future__ import annotations

import threading
from bisect import bisect_left

import numpy as np

from lookalike.lexical.segment import Longs
from lookalike.lexical.vocabulary import Arrays, Vocabulary

# Words added since the last sort are scanned one by one.
MOST_UNSORTED = 512
_LAST = "\U0010ffff"


class Completer:
    """The words of a vocabulary in sorted order."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._sorted: tuple[list[str], Longs] = ([], np.zeros(0, np.int64))
        self._growing = threading.Lock()

    @classmethod
    def restored(cls, vocabulary: Vocabulary, arrays: Arrays) -> Completer:
        """Restore a completer from a file."""
        new = cls(vocabulary)
        order, words = arrays["completer_order"], vocabulary.words
        new._sorted = [words[number] for number in order.tolist()], order
        return new

    def arrays(self) -> Arrays:
        """The sort order as a file stores it."""
        return {"completer_order": self._grown()[1]}

    def _grown(self) -> tuple[list[str], Longs]:
        """The words in sorted order with their numbers; the last few words may be missing."""
        with self._growing:
            words = self._vocabulary.words
            known = len(self._sorted[0])
            if len(words) - known > MOST_UNSORTED or not known:
                order = sorted(range(len(words)), key=words.__getitem__)
                self._sorted = [words[number] for number in order], np.array(order, np.int64)
            return self._sorted

    def completions(self, begun: str, counts: Longs, limit: int) -> list[str]:
        """Return longer words with this prefix, most frequent first."""
        found = self._starting_with(begun)
        found = found[found < len(counts)]
        often = counts[found]
        order = np.lexsort((found, -often))[: limit + 1]
        best = [self._vocabulary.words[found[place]] for place in order if often[place] > 0]
        return [word for word in best if word != begun][:limit]

    def starting_with(self, begun: str) -> list[str]:
        """Return all words with this prefix."""
        return [self._vocabulary.words[number] for number in self._starting_with(begun)]

    def _starting_with(self, begun: str) -> Longs:
        ordered, numbers = self._grown()
        first, last = bisect_left(ordered, begun), bisect_left(ordered, begun + _LAST)
        words = self._vocabulary.words
        new = [place for place in range(len(ordered), len(words)) if words[place].startswith(begun)]
        return np.concatenate([numbers[first:last], np.array(new, np.int64)])
