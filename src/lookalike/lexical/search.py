"""Lexical search: interprets the query, scores products, and reranks the best by proximity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lookalike.lexical.analysis import code_word
from lookalike.lexical.expansion import read
from lookalike.lexical.index import Part, View
from lookalike.lexical.query import Group, Reading, WordQuery
from lookalike.lexical.scoring import Scored, carriers, carriers_of_phrase, score
from lookalike.lexical.title_matches import proximity, raise_rare_forms

# Number of top products that are reranked.
REACH = 256
# A product whose code was typed outranks all others.
CODE_SCORE = 2.0
LEAST_CODE = 3
# Longer than any real query.
CARRIES_CODE = 127


@dataclass(frozen=True, slots=True)
class Found:
    """Products that match a query, by segment, and how the query was interpreted.

    A score is a fraction of the highest score the query allows, plus a bonus for adjacent words and exact
    forms. A product matches if it contains all words except the dropped ones.
    """

    reading: Reading
    parts: tuple[Scored, ...]

    @property
    def total(self) -> int:
        """The number of matching products."""
        return sum(int(np.count_nonzero(part.matching)) for part in self.parts)

    def best(self, k: int) -> list[tuple[str, float]]:
        """Return the ids of the best products with their scores."""
        found: list[tuple[float, str]] = []
        for part in self.parts:
            for place in largest(part.scores, k):
                found.append((-float(part.scores[place]), part.part.segment.ids[int(part.products[place])]))
        return [(id, -score) for score, id in sorted(found)[:k]]


def search(view: View, query: WordQuery, language: str = "") -> Found:
    """Return the products of a snapshot that match a query."""
    reading = read(query, view, language or view.vocabulary.language)
    groups = tuple(group for group in reading.groups if group.alternatives)
    total = sum(group.importance for group in reading.groups)
    scored = score(view, groups, total) if groups else []
    scored = [_constrained(part, view, query) for part in scored]
    scored = [_refined(part, view, reading) for part in scored]
    scored = _with_codes(scored, view, query)
    wanted = max((int(part.carried.max(initial=0)) for part in scored), default=0)
    if wanted == CARRIES_CODE:
        reading = replace(reading, corrected=(), unknown=())
    if not 0 < wanted < len(groups):
        return Found(reading, tuple(replace(part, matching=part.carried >= wanted) for part in scored))
    kept = _kept(scored, groups, wanted)
    dropped = tuple(group.word for group in groups if group not in kept)
    scored = [_matching(part, kept) for part in scored]
    return Found(replace(reading, dropped=dropped), tuple(scored))


def _kept(scored: Sequence[Scored], groups: Sequence[Group], wanted: int) -> tuple[Group, ...]:
    """Return the words that the best matches share; the least informative words are dropped first."""
    best = max(
        (float(part.scores[place]), number, int(part.products[place]))
        for number, part in enumerate(scored)
        for place in np.flatnonzero(part.carried == wanted)[:REACH]
    )
    _, number, product = best
    return tuple(group for group in groups if carriers(scored[number].part, group)[product])


def _matching(scored: Scored, kept: Sequence[Group]) -> Scored:
    matching = np.ones(len(scored.products), np.bool_)
    for group in kept:
        matching &= carriers(scored.part, group)[scored.products]
    return replace(scored, matching=matching)


def _constrained(scored: Scored, view: View, query: WordQuery) -> Scored:
    """Exclude products without a required phrase or with an excluded word."""
    keep = np.ones(scored.part.segment.size, np.bool_)
    for phrase in query.phrases:
        keep &= carriers_of_phrase(scored.part, view.vocabulary, phrase)
    for word in query.excluded:
        keep &= ~carriers_of_phrase(scored.part, view.vocabulary, word)
    if keep.all():
        return scored
    kept = keep[scored.products]
    return replace(
        scored, products=scored.products[kept], carried=scored.carried[kept], scores=scored.scores[kept]
    )


def _refined(scored: Scored, view: View, reading: Reading) -> Scored:
    raise_rare_forms(scored, view, reading)
    best = largest(scored.scores, REACH)
    if len(best):
        scored.scores[best] += proximity(scored.part.segment, scored.products[best], view, reading)
    return scored


def _with_codes(scored: Sequence[Scored], view: View, query: WordQuery) -> list[Scored]:
    tokens = [
        token for token in query.text.split() if len(token) >= LEAST_CODE and any(map(str.isdigit, token))
    ]
    terms = [
        term
        for text in dict.fromkeys([query.text, *tokens])
        if (word := code_word(text))
        and (term := view.vocabulary.term(word)) is not None
        and view.carriers(term)
    ]
    if not terms:
        return list(scored)
    parts = {id(part.part): part for part in scored}
    return [_coded(parts.get(id(part)), part, terms) for part in view.parts]


def _coded(scored: Scored | None, part: Part, terms: Sequence[int]) -> Scored:
    products = np.concatenate([part.segment.products[part.segment.postings(term)] for term in terms])
    products = np.unique(products).astype(np.intp)
    if part.alive is not None:
        products = products[part.alive[products]]
    carried, scores = (
        np.full(len(products), CARRIES_CODE, np.int32),
        np.full(len(products), CODE_SCORE, np.float32),
    )
    if scored is None:
        return Scored(part, products, carried, scores)
    others = ~np.isin(scored.products, products)
    return Scored(
        part,
        np.concatenate([products, scored.products[others]]),
        np.concatenate([carried, scored.carried[others]]),
        np.concatenate([scores, scored.scores[others]]),
    )


def largest(scores: NDArray[np.float32], k: int) -> NDArray[np.intp]:
    """Return the positions of the largest scores, unordered."""
    if len(scores) <= k:
        return np.arange(len(scores))
    return np.argpartition(scores, len(scores) - k)[-k:]
