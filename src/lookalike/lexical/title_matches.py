"""Refines scores by the titles of products: adjacent words, the typed order, and rare forms."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lookalike.lexical.document import Field
from lookalike.lexical.index import COUNTED, View
from lookalike.lexical.query import Alternative, Group, Reading
from lookalike.lexical.scoring import Scored, matches
from lookalike.lexical.segment import FIELDS, STEPS, Segment

# Only the first words of a title are considered.
LONGEST_TITLE = 40
AS_TYPED = 0.05
SIDE_BY_SIDE = 0.05
# Enough for what a shopper scrolls through.
FEW_TITLES = 3


def proximity(
    segment: Segment, products: NDArray[np.intp], view: View, reading: Reading
) -> NDArray[np.float32]:
    """Add proximity scores to some products, from the words of their titles."""
    groups = [group for group in reading.groups if group.alternatives]
    starts = segment.stream.starts
    first = starts[products * FIELDS + Field.TITLE]
    last = np.minimum(starts[products * FIELDS + Field.TITLE + 1], first + LONGEST_TITLE)
    places = first[:, None] + np.arange(int((last - first).max(initial=1)))
    inside = places < last[:, None]
    words = np.where(inside, segment.stream.words[np.minimum(places, len(segment.stream.words) - 1)], -1)
    terms = np.where(inside, view.term_of[words], -1)
    total = sum(group.importance for group in reading.groups)
    added = np.zeros(len(products), np.float32)
    carried = [_carried(terms, group) for group in groups]
    for group in groups:
        typed = view.vocabulary.word(group.alternatives[0].word)
        if typed is not None:
            added += np.float32(AS_TYPED * group.importance / total) * (words == typed).any(axis=1)
    for one, other in pairwise(carried):
        beside = (one[:, :-1] & other[:, 1:]).any(axis=1)
        added += np.float32(SIDE_BY_SIDE / (len(groups) - 1)) * beside
    return added


def _carried(terms: NDArray[np.int32], group: Group) -> NDArray[np.bool_]:
    """Find the positions of a query word, or an alternative of it, in titles."""
    wanted = [each.terms[0] for each in group.alternatives if each.weight >= 0.5]
    return np.isin(terms, wanted) if len(wanted) > 1 else terms == (wanted[0] if wanted else -2)


def raise_rare_forms(scored: Scored, view: View, reading: Reading) -> None:
    """Score a rare form that was typed in full if a title contains it.

    Otherwise a shorter title with a more frequent form of the word, or with a longer word, could rank first:
    "roller" would find five titles with "rollers" before the only one with "roller".
    """
    total = sum(group.importance for group in reading.groups)
    for group in reading.groups:
        typed = next((each for each in group.alternatives if each.kind == "exact"), None)
        number = None if typed is None else view.vocabulary.word(typed.word)
        if typed is None or number is None or view.count(number) > FEW_TITLES * COUNTED[Field.TITLE]:
            continue
        products = _titled(scored.part.segment, number)
        places = np.flatnonzero(np.isin(scored.products, products))
        if len(places):
            impacts = _impacts(scored, typed, scored.products[places])
            scored.scores[places] += np.float32(group.importance / total) * (1 - impacts)


def _titled(segment: Segment, number: int) -> NDArray[np.intp]:
    """Return the products whose title contains a word."""
    places = np.flatnonzero(segment.stream.words == number)
    fields = np.searchsorted(segment.stream.starts, places, side="right") - 1
    return fields[fields % FIELDS == Field.TITLE] // FIELDS


def _impacts(scored: Scored, typed: Alternative, products: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return the weight of the word in some products that contain it, from 0 to 1."""
    carriers, impacts = matches(scored.part, typed)
    return impacts[np.searchsorted(carriers, products)] / np.float32(STEPS)
