"""Scores rare inflected forms in full if they occur in a title.

Otherwise a shorter title with a more frequent form of the word, or with a longer word, could rank first:
"roller" would find five titles with "rollers" before the only one with "roller".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lookalike.lexical.document import Field
from lookalike.lexical.index import COUNTED, View
from lookalike.lexical.query import Alternative, Reading
from lookalike.lexical.scoring import Scored, matches
from lookalike.lexical.segment import FIELDS, STEPS, Segment

# Enough for what a shopper scrolls through.
FEW_TITLES = 3


def raise_rare_forms(scored: Scored, view: View, reading: Reading) -> None:
    """Add to the scores of products whose title contains a rare form that was typed."""
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
