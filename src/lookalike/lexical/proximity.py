"""Proximity: products rank higher where the query words are adjacent and in the typed order."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lookalike.lexical.document import Field
from lookalike.lexical.index import View
from lookalike.lexical.query import Group, Reading
from lookalike.lexical.segment import FIELDS, Segment

# Only the first words of a title are considered.
LONGEST_TITLE = 40
AS_TYPED = 0.05
SIDE_BY_SIDE = 0.05


def bonus(segment: Segment, products: NDArray[np.intp], view: View, reading: Reading) -> NDArray[np.float32]:
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
