"""Suggestions while a shopper types: completions, categories, brands and products."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from lookalike.catalog.catalog import Catalog
from lookalike.errors import BadQuery
from lookalike.index import Index
from lookalike.lexical import WordQuery, search
from lookalike.lexical.analysis import fold, words_of
from lookalike.lexical.document import Field, field_of
from lookalike.lexical.suggest import completions, corrected
from lookalike.search.word_search import MOST_LETTERS, IndexFacets, WordSearch
from lookalike.types import FacetSuggestion, Hit, Suggestions

MOST_SUGGESTED = 20
# Facet values that most products share do not narrow a search.
MOST_VALUES = 5000


def suggest(words: WordSearch, catalog: Catalog, index: Index, typed: str, k: int) -> Suggestions:
    """Suggests ways to continue the typed text."""
    began = time.perf_counter()
    if not 0 < k <= MOST_SUGGESTED:
        raise BadQuery(f"k must be from 1 to {MOST_SUGGESTED}, got {k}.")
    if len(typed) > MOST_LETTERS:
        raise BadQuery(f"A text may have at most {MOST_LETTERS} letters, got {len(typed)}. Shorten it.")
    view = words.sync.follow(index.revision)
    found = search(view, WordQuery(typed))
    best = found.best(k)
    products = catalog.database.products([id for id, _ in best])
    facets, said = words.facets(index), corrected(found.reading)
    hits = (
        Hit(
            products[id],
            score,
            {"words": score},
            next((photo.id for photo in products[id].photos if photo.id), None),
        )
        for id, score in best
        if id in products
    )
    return Suggestions(
        typed=typed,
        completions=tuple(completions(typed, found, view, k)),
        categories=tuple(_values(facets, Field.CATEGORY, said, k)),
        brands=tuple(_values(facets, Field.BRAND, said, k)),
        products=tuple(hits),
        corrections=found.reading.corrected,
        took_ms=(time.perf_counter() - began) * 1000,
    )


def _values(facets: IndexFacets, kind: Field, said: Sequence[str], k: int) -> Iterable[FacetSuggestion]:
    """Return facet values that contain a completion of the last word, most frequent first."""
    if not said:
        return []
    found: dict[str, FacetSuggestion] = {}
    for facet in facets.facet_names():
        if field_of(facet) != kind:
            continue
        for value, count in list(facets.counts(facet).items())[:MOST_VALUES]:
            if _fits(words_of(value), said):
                known = found.get(fold(value))
                if known is None or known.products < count:
                    found[fold(value)] = FacetSuggestion(facet, value, count)
    return sorted(found.values(), key=lambda each: (-each.products, each.value))[:k]


def _fits(words: Sequence[str], said: Sequence[str]) -> bool:
    """Whether a value starts with the typed text, or one of its words with the last typed word."""
    whole = " ".join(said)
    return " ".join(words).startswith(whole) or any(word.startswith(said[-1]) for word in words)
