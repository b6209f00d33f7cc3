"""A segment of the lexical index: the words of some products, and the postings of each word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from lookalike.lexical.document import Field

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

FIELDS = len(Field)
# An impact is a fraction of a word's highest score, in this many steps.
STEPS = 65_535


@dataclass(frozen=True, slots=True)
class Weighting:
    """BM25F parameters: field weights, length normalization and term saturation."""

    weights: tuple[float, ...] = (3.0, 2.0, 2.0, 1.0, 1.0, 0.0)
    lengths: tuple[float, ...] = (0.3, 0.3, 0.3, 0.3, 0.75, 0.0)
    saturation: float = 0.6


@dataclass(frozen=True, slots=True)
class Stream:
    """The words of products in sequence, with the start of each field."""

    words: Ints
    starts: Longs

    @property
    def size(self) -> int:
        """The number of products."""
        return (len(self.starts) - 1) // FIELDS

    def field_of_words(self) -> tuple[Ints, Ints]:
        """The product and the field of each word."""
        places = np.repeat(np.arange(len(self.starts) - 1, dtype=np.int32), np.diff(self.starts))
        return places // FIELDS, places % FIELDS

    def lengths_of_fields(self) -> Longs:
        """The length of each field of each product, in words."""
        return np.diff(self.starts).reshape(-1, FIELDS)

    def of(self, product: int) -> Ints:
        """Return the words of one product, of all its fields."""
        return self.words[self.starts[product * FIELDS] : self.starts[(product + 1) * FIELDS]]

    def bounds(self, product: int) -> Longs:
        """Return where the fields of one product start, and where the last one ends."""
        return self.starts[product * FIELDS : (product + 1) * FIELDS + 1]

    def kept(self, keep: Mask) -> Stream:
        """Return the words of some of the products."""
        lengths = np.diff(self.starts)[np.repeat(keep, FIELDS)]
        words = self.words[np.repeat(keep, np.diff(self.starts[::FIELDS]))]
        return Stream(words, np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)]))

    def ordered(self, order: NDArray[np.intp]) -> Stream:
        """Return the words with the products in another order."""
        lengths = self.lengths_of_fields()[order]
        begins, counts = self.starts[::FIELDS][order], lengths.sum(axis=1)
        ends = np.cumsum(counts)
        places = np.arange(int(counts.sum())) + np.repeat(begins - (ends - counts), counts)
        return Stream(self.words[places], np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)]))

    @classmethod
    def joined(cls, streams: Sequence[Stream]) -> Stream:
        """Concatenate several streams."""
        lengths = np.concatenate([np.diff(each.starts) for each in streams])
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
        return cls(np.concatenate([each.words for each in streams]), starts)


@dataclass(slots=True)
class Segment:
    """Products indexed together; deleted products are marked, not removed."""

    ids: Sequence[str]
    stream: Stream
    term_starts: Longs
    terms: Ints
    products: Ints
    impacts: NDArray[np.uint16]
    gone: set[int] = field(default_factory=set[int])
    # Slots of the products in the vector indexes, by index.
    elsewhere: WeakKeyDictionary[object, Longs] = field(default_factory=WeakKeyDictionary[object, Longs])

    @property
    def size(self) -> int:
        """The number of slots, deleted products included."""
        return len(self.ids)

    def alive(self) -> Mask | None:
        """Which products remain; None means all."""
        if not self.gone:
            return None
        mask = np.ones(self.size, np.bool_)
        mask[list(self.gone)] = False
        return mask

    def postings(self, term: int) -> slice:
        """Return the postings of a term; an empty slice if no product contains it."""
        place = int(np.searchsorted(self.terms, term))
        if place == len(self.terms) or self.terms[place] != term:
            return slice(0, 0)
        return slice(int(self.term_starts[place]), int(self.term_starts[place + 1]))


def build(ids: Sequence[str], stream: Stream, term_of: Ints, averages: Floats, by: Weighting) -> Segment:
    """Invert products with their words into words with their products."""
    owners, fields = stream.field_of_words()
    shares = np.array(by.lengths, np.float32)
    norms = np.array(by.weights, np.float32) / (
        1 - shares + shares * stream.lengths_of_fields().astype(np.float32) / averages
    )
    worth = norms[owners, fields]
    keys = term_of[stream.words].astype(np.int64) * max(stream.size, 1) + owners
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    firsts = np.flatnonzero(np.diff(keys, prepend=-1))
    counted = np.add.reduceat(worth[order], firsts) if len(firsts) else np.empty(0, np.float32)
    impacts = counted / (by.saturation + counted)
    keys = keys[firsts]
    terms, term_starts = np.unique(keys // max(stream.size, 1), return_index=True)
    return Segment(
        ids=ids,
        stream=stream,
        term_starts=np.append(term_starts, len(keys)).astype(np.int64),
        terms=terms.astype(np.int32),
        products=(keys % max(stream.size, 1)).astype(np.int32),
        impacts=np.round(impacts * STEPS).astype(np.uint16),
    )
