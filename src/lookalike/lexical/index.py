"""The lexical index: immutable segments that are added, marked as deleted and merged."""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.lexical import languages
from lookalike.lexical.analysis import TOKEN
from lookalike.lexical.completion import Completer
from lookalike.lexical.compounds import Compounds
from lookalike.lexical.document import Document, Field
from lookalike.lexical.segment import FIELDS, Floats, Ints, Mask, Segment, Stream, Weighting, build
from lookalike.lexical.spelling import Speller
from lookalike.lexical.vocabulary import Arrays, Vocabulary, joined, split
from lookalike.vectors.packed import Packed

AUTO = "auto"
# Number of segments of similar size that are merged into one.
FAN = 8
# Descriptions are indexed up to this many letters.
LONGEST_TEXT = 10_000
# Titles name a product: a word there counts as much as this many occurrences in descriptions.
COUNTED = np.array([8, 8, 8, 8, 1, 0])

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Part:
    """A segment with the products that one search sees; None means all."""

    segment: Segment
    alive: Mask | None


@dataclass(frozen=True, slots=True)
class View:
    """An immutable snapshot for one search."""

    parts: tuple[Part, ...]
    vocabulary: Vocabulary
    speller: Speller
    completer: Completer
    compounds: Compounds
    size: int
    revision: int
    term_counts: Counts
    word_counts: Counts
    term_of: Ints

    def carriers(self, term: int) -> int:
        """Return the number of products that contain a term."""
        return int(self.term_counts[term]) if term < len(self.term_counts) else 0

    def count(self, word: int) -> int:
        """Return how often the catalog uses a word; titles count more than descriptions."""
        return int(self.word_counts[word]) if word < len(self.word_counts) else 0


class LexicalIndex:
    """Keeps the words of a catalog up to date, and hands out snapshots to search."""

    def __init__(self, language: str = AUTO, weighting: Weighting | None = None) -> None:
        self._detects = language == AUTO
        self._weighting = weighting or Weighting()
        self._writing = threading.Lock()
        self._vocabulary = Vocabulary(languages.ENGLISH if self._detects else language)
        self._speller = Speller(self._vocabulary)
        self._completer = Completer(self._vocabulary)
        self._compounds = Compounds(self._vocabulary)
        self._detected_at = 0
        self._segments: list[Segment] = []
        self._begins: list[int] = []
        self._next = 0
        self._known: dict[str, int] | None = {}
        self._fresh = _Fresh()
        self._term_counts: Counts = np.zeros(0, np.int64)
        self._word_counts: Counts = np.zeros(0, np.int64)
        self._lengths = np.zeros(FIELDS)
        self._averages: Floats = np.ones(FIELDS, np.float32)
        self._view: View | None = None
        self.revision = 0

    def __len__(self) -> int:
        return sum(each.size - len(each.gone) for each in self._segments) + len(self._fresh)

    def arrays(self) -> Arrays:
        """The index as a file stores it: one segment, products in the order of their ids."""
        with self._writing:
            self._settle()
            ids, stream = _kept(self._segments)
            order = sorted(range(len(ids)), key=ids.__getitem__)
            stream = stream.ordered(np.array(order, np.intp))
            packed = Packed.of(ids[place] for place in order)
            segment = build(packed, stream, self._vocabulary.term_numbers(), self._averages, self._weighting)
            return {
                "revision": np.array(self.revision),
                "language": joined([self._vocabulary.language]),
                "detected_at": np.array(self._detected_at),
                "ids": packed.data,
                "id_starts": packed.starts,
                "stream": stream.words,
                "stream_starts": stream.starts,
                "segment_terms": segment.terms,
                "segment_term_starts": segment.term_starts,
                "segment_products": segment.products,
                "segment_impacts": segment.impacts,
                "word_counts": self._word_counts,
                "lengths": self._lengths,
                "averages": self._averages,
                **self._vocabulary.arrays(),
                **self._speller.arrays(),
                **self._completer.arrays(),
            }

    @classmethod
    def restored(
        cls, arrays: Arrays, language: str = AUTO, weighting: Weighting | None = None
    ) -> LexicalIndex:
        """Restore an index from a file written with the same `language` and `weighting`."""
        new = cls(language, weighting)
        new._vocabulary = Vocabulary.restored(split(arrays["language"])[0], arrays)
        new._speller = Speller.restored(new._vocabulary, arrays)
        new._completer = Completer.restored(new._vocabulary, arrays)
        new._compounds = Compounds(new._vocabulary)
        new._detected_at = int(arrays["detected_at"])
        segment = Segment(
            ids=Packed(arrays["ids"], arrays["id_starts"]),
            stream=Stream(arrays["stream"], arrays["stream_starts"]),
            term_starts=arrays["segment_term_starts"],
            terms=arrays["segment_terms"],
            products=arrays["segment_products"],
            impacts=arrays["segment_impacts"],
        )
        new._segments, new._begins, new._next = [segment], [0], segment.size
        new._known = None
        new._word_counts, new._lengths = arrays["word_counts"], arrays["lengths"]
        new._averages = arrays["averages"]
        new._count(segment)
        new.revision = int(arrays["revision"])
        return new

    @property
    def _places(self) -> dict[str, int]:
        """The position of each product; loaded from the file only when a product changes."""
        if self._known is None:
            self._known = {id: place for place, id in enumerate(self._segments[0].ids)}
        return self._known

    def apply(self, documents: Iterable[Document], removed: Iterable[str], revision: int) -> None:
        """Apply changes. Searches in progress keep their snapshot."""
        with self._writing:
            for id in removed:
                self._remove(id)
            for document in documents:
                self._remove(document.id)
                self._fresh.add(document, self._vocabulary)
            self.revision = revision
            self._view = None

    def view(self) -> View:
        """The current snapshot."""
        view = self._view
        if view is None:
            with self._writing:
                self._settle()
                parts = tuple(Part(each, each.alive()) for each in self._segments)
                counts = self._term_counts.copy(), self._word_counts.copy()
                terms = self._vocabulary.term_numbers()
                view = self._view = View(
                    parts,
                    self._vocabulary,
                    self._speller,
                    self._completer,
                    self._compounds,
                    len(self),
                    self.revision,
                    *counts,
                    terms,
                )
        return view

    def _remove(self, id: str) -> None:
        self._fresh.remove(id)
        place = self._places.pop(id, None)
        if place is None:
            return
        at = bisect_right(self._begins, place) - 1
        segment, number = self._segments[at], place - self._begins[at]
        segment.gone.add(number)
        words, lengths = segment.stream.of(number), np.diff(segment.stream.bounds(number))
        np.subtract.at(self._word_counts, words, np.repeat(COUNTED, lengths))
        self._term_counts[np.unique(self._terms(words))] -= 1
        self._lengths -= lengths

    def _terms(self, words: NDArray[np.int32]) -> NDArray[np.int64]:
        return np.array([self._vocabulary.term_of[word] for word in words], np.int64)

    def _settle(self) -> None:
        """Write a segment for new products, update statistics, and merge segments if there are too many."""
        fresh, self._fresh = self._fresh, _Fresh()
        ids, stream = fresh.taken()
        if ids:
            lengths = np.diff(stream.starts)
            self._lengths += lengths.reshape(-1, FIELDS).sum(axis=0)
            self._word_counts = _widened(self._word_counts, len(self._vocabulary))
            counted = np.repeat(np.tile(COUNTED, len(ids)), lengths)
            self._word_counts += np.bincount(stream.words, counted, len(self._word_counts)).astype(np.int64)
        averages, language = self._learned(len(self) + len(ids))
        if language != self._vocabulary.language or not np.array_equal(averages, self._averages):
            self._averages = averages
            if language != self._vocabulary.language:
                self._vocabulary.restem(language)
            self._rebuild()
        if ids:
            self._count(self._place(ids, stream))
        self._merge()

    def _place(self, ids: list[str], stream: Stream) -> Segment:
        segment = build(ids, stream, self._vocabulary.term_numbers(), self._averages, self._weighting)
        self._segments.append(segment)
        self._begins.append(self._next)
        self._places.update(zip(ids, range(self._next, self._next + len(ids)), strict=True))
        self._next += len(ids)
        return segment

    def _count(self, segment: Segment) -> None:
        self._term_counts = _widened(self._term_counts, len(self._vocabulary.terms))
        self._term_counts[segment.terms] += np.diff(segment.term_starts)

    def _merge(self) -> None:
        while len(self._segments) >= FAN and _tier(self._segments[-FAN]) <= _tier(self._segments[-1]):
            self._place(*_kept(self._taken(range(len(self._segments) - FAN, len(self._segments)))))
        for at in reversed(range(len(self._segments))):
            if 2 * len(self._segments[at].gone) > self._segments[at].size:
                self._place(*_kept(self._taken(range(at, at + 1))))

    def _taken(self, places: range) -> list[Segment]:
        """Remove segments from the list."""
        found = self._segments[places.start : places.stop]
        del self._segments[places.start : places.stop]
        del self._begins[places.start : places.stop]
        return found

    def _learned(self, products: int) -> tuple[Floats, str]:
        """The average field lengths, rounded so that they rarely change, and the language."""
        means = np.maximum(self._lengths / max(products, 1), 1.0)
        averages = np.exp2(np.round(np.log2(means) * 2) / 2).astype(np.float32)
        language = self._vocabulary.language
        if self._detects and not self._detected_at <= products < 2 * self._detected_at:
            self._detected_at = products
            language = languages.detect(self._count_of, products)
        return averages, language

    def _count_of(self, word: str) -> int:
        number = self._vocabulary.word(word)
        return 0 if number is None else int(self._word_counts[number])

    def _rebuild(self) -> None:
        self._term_counts = np.zeros(0, np.int64)
        for segment in self._taken(range(len(self._segments))):
            self._count(self._place(*_kept([segment])))


class _Fresh:
    """Products that are not in a segment yet."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._words = array("i")
        self._lengths = array("q")
        self._places: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._places)

    def add(self, document: Document, vocabulary: Vocabulary) -> None:
        """Add the words of a product."""
        lengths = [0] * FIELDS
        for where, text in document.texts():
            numbers = vocabulary.read(TOKEN.findall(text[:LONGEST_TEXT]))
            self._words.extend(numbers)
            lengths[where] += len(numbers)
        codes = [vocabulary.add(word) for word in document.code_words()]
        self._words.extend(codes)
        lengths[Field.CODES] = len(codes)
        self._lengths.extend(lengths)
        self._places[document.id] = len(self._ids)
        self._ids.append(document.id)

    def remove(self, id: str) -> None:
        """Remove a product."""
        self._places.pop(id, None)

    def taken(self) -> tuple[list[str], Stream]:
        """Return the remaining products with their words."""
        lengths = np.frombuffer(self._lengths, np.int64) if self._ids else np.zeros(0, np.int64)
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
        words = np.frombuffer(self._words, np.int32) if self._words else np.zeros(0, np.int32)
        stream = Stream(words, starts)
        if len(self._places) == len(self._ids):
            return self._ids, stream
        keep = np.zeros(len(self._ids), np.bool_)
        keep[list(self._places.values())] = True
        return [self._ids[place] for place in np.flatnonzero(keep)], stream.kept(keep)


def _kept(segments: list[Segment]) -> tuple[list[str], Stream]:
    """Return what remains of some segments."""
    ids: list[str] = []
    streams: list[Stream] = []
    for segment in segments:
        alive = segment.alive()
        if alive is None:
            ids.extend(segment.ids)
            streams.append(segment.stream)
        else:
            ids.extend(id for id, there in zip(segment.ids, alive, strict=True) if there)
            streams.append(segment.stream.kept(alive))
    return ids, Stream.joined(streams)


def _tier(segment: Segment) -> int:
    """Segments of one tier have similar sizes."""
    return (max(segment.size, 1).bit_length() - 1) // FAN.bit_length()


def _widened(counts: Counts, length: int) -> Counts:
    return np.concatenate([counts, np.zeros(max(length - len(counts), 0), np.int64)])
