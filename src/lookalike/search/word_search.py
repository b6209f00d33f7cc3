"""The lexical half of a search: parses the words, scores products, and explains matches."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from lookalike.database import Database
from lookalike.errors import BadQuery
from lookalike.index import Index, Probe
from lookalike.index.base import CURRENCY, SlotLookup
from lookalike.lexical import Document, Found, WordQuery, search
from lookalike.lexical.explain import Explainer
from lookalike.lexical.index import View
from lookalike.lexical.languages import LANGUAGES
from lookalike.lexical.segment import Segment
from lookalike.lexical.understanding import Understanding, colour_facet, understand
from lookalike.search.lexical_sync import LexicalSync
from lookalike.types import Chip, Correction, Interpretation, Product, Query, WordEvidence, WordSettings

MOST_LETTERS = 2000


class WordSearch:
    """Searches the words of one catalog."""

    def __init__(self, database: Database) -> None:
        self.sync = LexicalSync(database)
        self._facets: IndexFacets | None = None

    def search(self, text: str, query: Query, index: Index) -> WordHalf:
        """Parse the words of a query and score the products that contain them."""
        if len(text) > MOST_LETTERS:
            raise BadQuery(f"A text may have at most {MOST_LETTERS} letters, got {len(text)}. Shorten it.")
        if query.language and query.language not in LANGUAGES:
            known_codes = ", ".join(LANGUAGES)
            raise BadQuery(f"Unknown language '{query.language}'. Use one of {known_codes}.")
        view = self.sync.follow(index.revision)
        settings = self.sync.settings
        language = query.language or view.vocabulary.language
        facets = self.facets(index)
        wanted = settings.understand if query.understand is None else query.understand
        said = understand(text, facets, language) if wanted else Understanding(text)
        asked = WordQuery(
            text=said.text,
            phrases=said.phrases,
            excluded=said.excluded,
            correct=query.correct,
            known=query.known,
        )
        found = search(view, asked, language)
        chips = (*said.chips, *_colours(found, said, text, facets)) if wanted else ()
        explainer = Explainer(found.reading, view)
        return WordHalf(text, said, found, view, settings, language, chips, explainer)

    def facets(self, index: Index) -> IndexFacets:
        """The current facets of the catalog."""
        if self._facets is None or self._facets.revision != index.revision:
            self._facets = IndexFacets(index)
        return self._facets


class IndexFacets:
    """Facet values at one revision, each counted on first use."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._counts: dict[str, dict[str, int]] = {}
        self._names: list[str] | None = None
        self.revision = index.revision

    def facet_names(self) -> Sequence[str]:
        """The facets of the catalog."""
        if self._names is None:
            # "shoes under 50 EUR" has a price.
            self._names = [name for name in self._index.facet_names() if name != CURRENCY]
        return self._names

    def counts(self, facet: str) -> Mapping[str, int]:
        """Return the number of products for each value of a facet, most first."""
        if facet not in self._counts:
            answer = self._index.search(Probe(k=1, count=(facet,)))
            counted = answer.counts[facet]
            self._counts[facet] = {each.value: each.count for each in counted if isinstance(each.value, str)}
        return self._counts[facet]

    def values(self, facet: str) -> Sequence[str]:
        """Return the values of a facet, most frequent first."""
        return list(self.counts(facet))


@dataclass(frozen=True, slots=True)
class WordHalf:
    """The parsed words of one query and the products that contain them."""

    typed: str
    said: Understanding
    found: Found
    view: View
    settings: WordSettings
    language: str
    chips: tuple[Chip, ...]
    explainer: Explainer

    @property
    def carried(self) -> bool:
        """Whether any product contains any of the words."""
        return any(len(part.products) for part in self.found.parts)

    @property
    def spoken(self) -> str:
        """Return the words for an encoder: without those that became filters, and corrected."""
        text = self.said.text or self.typed
        return self._completed(_corrected(text, self.found.reading.corrected))

    def _completed(self, text: str) -> str:
        """Return the text with its last word completed, if no product contains it as typed."""
        groups = self.found.reading.groups
        if groups and groups[-1].alternatives and groups[-1].alternatives[0].kind == "completion":
            last, whole = groups[-1].word, groups[-1].alternatives[0].word
            if text.lower().endswith(last):
                return text[: len(text) - len(last)] + whole
        return text

    def where(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Combine a filter with the one from the words; explicit conditions take precedence."""
        return {**self.said.where, **asked}

    def interpretation(self) -> Interpretation:
        """How the words were interpreted."""
        reading = self.found.reading
        return Interpretation(
            self.typed,
            _corrected(self.typed, reading.corrected),
            reading.corrected,
            reading.dropped,
            reading.unknown,
            self.chips,
            self.language,
        )

    def evidence(self, product: Product) -> WordEvidence:
        """Return the words that a product contains, and their positions in its title and description."""
        explainer = self.explainer
        document = Document(product.id, product.title, product.description, cast("Any", product.facets))
        texts = {"title": product.title, "description": product.description}
        spans = {name: tuple(explainer.highlight(text)) for name, text in texts.items()}
        return WordEvidence(
            explainer.words(document), {name: found for name, found in spans.items() if found}
        )


@dataclass(slots=True)
class FoundScores:
    """Word scores for an index; `refers` limits totals and counts to matching products."""

    found: Found
    refers: bool
    _table: object = None
    _scores: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    _matching: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))

    def by_slot(self, lookup: SlotLookup) -> tuple[NDArray[np.float32], NDArray[np.bool_] | None]:
        """Return the score of each slot, and the slots to which totals and counts refer."""
        if self._table is not lookup.table or len(self._scores) != lookup.slots:
            self._scores = np.zeros(lookup.slots, np.float32)
            self._matching = np.zeros(lookup.slots, np.bool_)
            for part in self.found.parts:
                slots = _slots_of(part.part.segment, lookup)[part.products]
                there = (slots >= 0) & (slots < lookup.slots)
                self._scores[slots[there]] = part.scores[there]
                self._matching[slots[there]] = part.matching[there]
            self._table = lookup.table
        return self._scores, self._matching if self.refers else None


@dataclass(frozen=True, slots=True)
class Among:
    """Limits totals and counts to some products, without word scores."""

    ids: Sequence[str]

    def by_slot(self, lookup: SlotLookup) -> tuple[NDArray[np.float32], NDArray[np.bool_] | None]:
        """Return zero scores and the slots of the products."""
        among = np.zeros(lookup.slots, np.bool_)
        slots = lookup.slots_of(self.ids)
        among[slots[(slots >= 0) & (slots < lookup.slots)]] = True
        return np.zeros(lookup.slots, np.float32), among


def _corrected(text: str, corrections: Sequence[Correction]) -> str:
    """Return a text with its misspelled words corrected."""
    for each in corrections:
        text = re.sub(rf"(?<!\w){re.escape(each.typed)}(?!\w)", each.meant, text, flags=re.IGNORECASE)
    return text


def _slots_of(segment: Segment, lookup: SlotLookup) -> NDArray[np.int64]:
    """Return where an index keeps the products of a segment, cached per index."""
    known = segment.elsewhere.get(lookup.table)
    if known is None:
        known = segment.elsewhere[lookup.table] = lookup.slots_of(segment.ids)
    elif len(missing := np.flatnonzero(known < 0)):
        # The index may have missed them a moment ago.
        known[missing] = lookup.slots_of([segment.ids[int(place)] for place in missing])
    return known


def _colours(found: Found, said: Understanding, typed: str, facets: IndexFacets) -> tuple[Chip, ...]:
    """Return the words that are colors here; these rank and do not filter."""
    facet = colour_facet(facets)
    if not facet:
        return ()
    named = {word for value in facets.values(facet) for word in value.casefold().split()}
    chips: list[Chip] = []
    for group in found.reading.groups:
        meant = group.alternatives[0].word if group.alternatives else group.word
        if meant in named and group.word in typed.casefold():
            rest = re.sub(rf"(?<!\w){re.escape(group.word)}(?!\w)", " ", typed, flags=re.IGNORECASE)
            chips.append(Chip("colour", meant, " ".join(rest.split()), facet))
    return tuple(chips)
