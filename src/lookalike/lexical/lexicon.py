"""Corrections and completions over the words of a catalog."""

from __future__ import annotations

import threading

from lookalike.lexical.completion import Completer
from lookalike.lexical.spelling import Speller
from lookalike.lexical.vocabulary import Arrays, Vocabulary


class Lexicon:
    """Builds the speller and the completer, and keeps both up to date with the vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._growing = threading.Lock()
        self._speller = Speller(vocabulary)
        self._completer = Completer(vocabulary)

    def arrays(self) -> Arrays:
        """Precomputed data of all current words, as a file stores it."""
        return self.speller.arrays() | self.completer.arrays()

    @classmethod
    def restored(cls, vocabulary: Vocabulary, arrays: Arrays) -> Lexicon:
        """Restore a lexicon from a file."""
        new = cls(vocabulary)
        new._speller.restore(arrays)
        new._completer.restore(arrays)
        return new

    @property
    def speller(self) -> Speller:
        """Return the speller for all current words."""
        with self._growing:
            self._speller.grow()
        return self._speller

    @property
    def completer(self) -> Completer:
        """Return the completer for all current words."""
        with self._growing:
            self._completer.grow()
        return self._completer
