"""What can be asked of the words of a catalogue, apart from the products that carry them."""

from __future__ import annotations

import threading

from lookalike.lexical.completion import Completer
from lookalike.lexical.spelling import Speller
from lookalike.lexical.vocabulary import Arrays, Vocabulary


class Lexicon:
    """Corrections and completions; both grow with the vocabulary when they are asked."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._growing = threading.Lock()
        self._speller = Speller(vocabulary)
        self._completer = Completer(vocabulary)

    def arrays(self) -> Arrays:
        """What was computed of all words that are known now, as a file holds it."""
        return self.speller.arrays() | self.completer.arrays()

    @classmethod
    def restored(cls, vocabulary: Vocabulary, arrays: Arrays) -> Lexicon:
        """A lexicon out of a file."""
        new = cls(vocabulary)
        new._speller.restore(arrays)
        new._completer.restore(arrays)
        return new

    @property
    def speller(self) -> Speller:
        """What corrects words, by all words that are known now."""
        with self._growing:
            self._speller.grow()
        return self._speller

    @property
    def completer(self) -> Completer:
        """What completes words, by all words that are known now."""
        with self._growing:
            self._completer.grow()
        return self._completer
