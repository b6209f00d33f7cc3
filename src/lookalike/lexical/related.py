"""Finds words that are related to a query word: compounds with it, and forms that no stem tells."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from itertools import takewhile

from lookalike.lexical import languages
from lookalike.lexical.compounds import (
    SHORTEST_ALONE,
    SHORTEST_PART,
    begins,
    modifier,
    opens,
    parts,
    pronounceable,
)
from lookalike.lexical.index import View
from lookalike.lexical.query import Alternative

# "Damenhandtasche" for "Handtasche": the thing itself. Without a known first part, "Baumwolle" for "Wolle".
HEAD = 0.8
ALONE = 0.6
# "Lederjacke" for "Leder": something else that has to do with it.
MODIFIER = 0.5
# "Damen Handtasche" for "Damenhandtasche", and any "Handtasche".
ALL_PARTS = 0.9
LAST_PART = 0.4
MOST_COMPOUNDS = 200
# Forms of a word share this much of the shorter one. The more they share, the longer may their endings be.
SHARED = 0.65
LONGEST_ENDING = 3
LONGEST_ENDING_OF_ALL = 5
SHORTEST_SHARED = 3
FORM = 0.9


def related(view: View, word: str, language: str, others: Collection[str]) -> list[Alternative]:
    """Return words related to a query word; `others` are the words of the query."""
    if not word.isalpha():
        return []
    found: list[Alternative] = []
    if languages.inflects_by_ending(word, language):
        found += _forms(view, word)
    if language in languages.COMPOUNDING and len(word) >= SHORTEST_PART:
        known = _is_known(view, others)
        found += [*_compounds(view, word, language, known), *_parts(view, word, language)]
    return found


def _is_known(view: View, others: Collection[str]) -> Callable[[str], bool]:
    """Whether a word is used alone, in the catalog or in the query."""
    vocabulary = view.vocabulary
    asked = {vocabulary.base(other) for other in others}

    def known(part: str) -> bool:
        term = vocabulary.term(part)
        return vocabulary.base(part) in asked or (term is not None and view.carriers(term) > 0)

    return known


def _compounds(view: View, word: str, language: str, known: Callable[[str], bool]) -> list[Alternative]:
    """Return the compounds that a word is the last or the first part of, the most frequent of them."""
    weights = _with_last(view, word, language, known)
    for other in view.completer.completions(word, view.word_counts, MOST_COMPOUNDS):
        base = view.vocabulary.base(other)
        if opens(base, word, known):
            weights.setdefault(base, MODIFIER)
    numbers = {term: view.vocabulary.term_number(term) for term in weights}
    carried = {
        number: term for term, number in numbers.items() if number is not None and view.carriers(number)
    }
    best = sorted(carried, key=lambda number: -view.carriers(number))[:MOST_COMPOUNDS]
    return [Alternative((number,), carried[number], weights[carried[number]], "related") for number in best]


def _with_last(view: View, word: str, language: str, known: Callable[[str], bool]) -> dict[str, float]:
    """Return the terms of compounds that end with a word, with their weights."""
    base = view.vocabulary.base(word)
    if len(base) < SHORTEST_PART:
        return {}
    weights: dict[str, float] = {}
    for term in view.compounds.ending_with(base):
        first = term[: len(term) - len(base)]
        if modifier(first, known) or begins(first, known):
            weights[term] = HEAD
        elif len(word) >= languages.SHORTEST_HEAD.get(language, SHORTEST_ALONE) and pronounceable(first):
            weights[term] = ALONE
    return weights


def _parts(view: View, word: str, language: str) -> list[Alternative]:
    """Return the parts of a compound together, and its last part alone or in other compounds."""
    known = _is_known(view, ())
    found = parts(word, known)
    terms = [term for part in found if (term := view.vocabulary.term(part)) is not None]
    if not terms:
        return []
    last = Alternative((terms[-1],), found[-1], LAST_PART, "related")
    whole = Alternative(tuple(terms), " ".join(found), ALL_PARTS, "split")
    own = view.vocabulary.term(word)
    others = [
        replace(each, weight=LAST_PART * each.weight)
        for each in _compounds(view, found[-1], language, known)
        if each.weight > MODIFIER and each.terms != (own,)
    ]
    return [*([whole] if len(terms) > 1 else []), last, *others]


def _forms(view: View, word: str) -> list[Alternative]:
    """Return the words that differ from a word only in their endings."""
    vocabulary = view.vocabulary
    weights: dict[int, Alternative] = {}
    start = word[: max(SHORTEST_SHARED, int(SHARED * len(word)) - 1)]
    for other in view.completer.starting_with(start):
        term = vocabulary.term(other)
        shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(word, other, strict=False)))
        shorter, longer = sorted((len(word), len(other)))
        if (
            term is None
            or other == word
            or not other.isalpha()
            or not view.carriers(term)
            or shared < max(SHORTEST_SHARED, SHARED * shorter)
            or longer - shared > max(LONGEST_ENDING, min(LONGEST_ENDING_OF_ALL, shared - 1))
        ):
            continue
        weight = FORM * 2 * shared / (shorter + longer)
        if term not in weights or weights[term].weight < weight:
            weights[term] = Alternative((term,), other, weight, "related")
    return sorted(weights.values(), key=lambda each: -each.weight)
