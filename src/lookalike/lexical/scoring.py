"""Scores products by BM25F: the sum over query words, each by its best alternative."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lookalike.lexical.analysis import words_of
from lookalike.lexical.index import Part, View
from lookalike.lexical.query import Alternative, Group
from lookalike.lexical.segment import FIELDS, STEPS, Ints, Mask
from lookalike.lexical.vocabulary import Vocabulary

# A product's score and the number of its words share one integer.
SCORE_BITS = 24
FULL = (1 << SCORE_BITS) - 1
# From this share of products, a full scan is faster than sorting.
DENSE = 0.02


@dataclass(frozen=True, slots=True)
class Scored:
    """The products of one segment that contain query words, with their word counts and scores.

    `matching` marks the products that fulfill the whole query.
    """

    part: Part
    products: NDArray[np.intp]
    carried: Ints
    scores: NDArray[np.float32]
    matching: Mask = field(default_factory=lambda: np.zeros(0, np.bool_))


def score(view: View, groups: tuple[Group, ...], total: float) -> list[Scored]:
    """Score the products that contain any of the words; `total` is the sum of all word weights."""
    return [_scored(part, groups, total) for part in view.parts]


def _scored(part: Part, groups: tuple[Group, ...], total: float) -> Scored:
    sums = np.zeros(part.segment.size, np.int32)
    for group in groups:
        share = FULL * group.importance / total / STEPS
        if len(group.alternatives) == 1:
            products, worth = _worth(part, group.alternatives[0], share)
            sums[products] += worth
        else:
            _add_best(sums, [_worth(part, alternative, share) for alternative in group.alternatives])
    if part.alive is not None:
        sums[~part.alive] = 0
    # Testing for a term is faster than scoring it.
    products = np.flatnonzero(sums != 0)
    found = sums[products]
    return Scored(part, products, found >> SCORE_BITS, (found & FULL).astype(np.float32) / np.float32(FULL))


def _add_best(sums: Ints, worths: list[tuple[Ints, Ints]]) -> None:
    """Add the best alternative's score to each product."""
    if sum(len(products) for products, _ in worths) < DENSE * len(sums):
        products = np.concatenate([products for products, _ in worths])
        worth = np.concatenate([worth for _, worth in worths])
        order = np.lexsort((worth, products))
        last = np.flatnonzero(np.diff(products[order], append=-1))
        sums[products[order][last]] += worth[order][last]
        return
    best = np.zeros(len(sums), np.int32)
    for products, worth in worths:
        best[products] = np.maximum(best[products], worth)
    sums += best


def _worth(part: Part, alternative: Alternative, share: float) -> tuple[Ints, Ints]:
    products, impacts = matches(part, alternative)
    return products, (impacts * np.float32(share * alternative.weight)).astype(np.int32) + (1 << SCORE_BITS)


def matches(part: Part, alternative: Alternative) -> tuple[Ints, NDArray[np.float32]]:
    """Return the products that contain all terms of an alternative, with the lowest impact in each."""
    segment = part.segment
    where = segment.postings(alternative.terms[0])
    products, impacts = segment.products[where], segment.impacts[where].astype(np.float32)
    for term in alternative.terms[1:]:
        other = segment.postings(term)
        products, ours, theirs = np.intersect1d(
            products, segment.products[other], assume_unique=True, return_indices=True
        )
        impacts = np.minimum(impacts[ours], segment.impacts[other][theirs])
    return products, impacts


def carriers(part: Part, group: Group) -> Mask:
    """Return the products that contain any alternative of a word."""
    mask = np.zeros(part.segment.size, np.bool_)
    for alternative in group.alternatives:
        mask[matches(part, alternative)[0]] = True
    return mask


def carriers_of_phrase(part: Part, vocabulary: Vocabulary, phrase: str) -> Mask:
    """Return the products that contain a phrase in one field; a single word matches its whole stem."""
    segment, stream = part.segment, part.segment.stream
    carriers = np.zeros(segment.size, np.bool_)
    words = words_of(phrase)
    if len(words) == 1:
        term = vocabulary.term(words[0])
        if term is not None:
            carriers[segment.products[segment.postings(term)]] = True
        return carriers
    numbers = [vocabulary.word(word) for word in words]
    if not numbers or None in numbers:
        return carriers
    places = np.flatnonzero(stream.words[: len(stream.words) - len(numbers) + 1] == numbers[0])
    for distance, number in enumerate(numbers[1:], 1):
        places = places[stream.words[places + distance] == number]
    fields = np.searchsorted(stream.starts, places, side="right")
    same = fields == np.searchsorted(stream.starts, places + len(numbers) - 1, side="right")
    carriers[(fields[same] - 1) // FIELDS] = True
    return carriers
