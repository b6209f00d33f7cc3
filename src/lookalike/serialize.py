"""How the vocabulary reads as JSON: the same on the command line and over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from typing_extensions import TypedDict

from lookalike.errors import LookalikeError
from lookalike.types import (
    Correction,
    Facets,
    FacetSuggestion,
    FacetValue,
    Hit,
    ImportReport,
    Interpretation,
    Product,
    Results,
    Suggestions,
    WordSettings,
)


class PhotoJson(TypedDict):
    """A stored photo; its bytes are at /v1/photos/{id}."""

    id: str
    width: int
    height: int


class ProductFacts(TypedDict):
    """What a hit and a product both tell."""

    id: str
    title: str
    description: str
    facets: dict[str, str | int | float | bool | list[str]]
    price: float | None
    former_price: float | None
    currency: str
    stock: int | None
    group: str
    link: str


class ProductJson(ProductFacts):
    """A product with its photos."""

    photos: list[PhotoJson]


class WordMatchJson(TypedDict):
    """A word of the query that a product carries: as which word, why that one, and in which fields."""

    word: str
    matched: str
    kind: str
    fields: list[str]


class CorrectionJson(TypedDict):
    """A misspelt word and what it was taken for."""

    typed: str
    meant: str


class ChipJson(TypedDict):
    """A part of a query and what it was taken for; `rest` is the query without it."""

    kind: str
    text: str
    rest: str
    field: str
    condition: Any


class InterpretationJson(TypedDict):
    """What the words of a query were taken to say."""

    typed: str
    searched: str
    corrections: list[CorrectionJson]
    dropped: list[str]
    unknown: list[str]
    chips: list[ChipJson]
    language: str


class CompletionJson(TypedDict):
    """A query to go on with, and how many products carry the words it adds."""

    text: str
    products: int


class FacetSuggestionJson(TypedDict):
    """A category or brand that fits what is typed, and how many products have it."""

    field: str
    value: str
    products: int


class SuggestedProductJson(TypedDict):
    """A product that fits what is typed."""

    id: str
    title: str
    photo: str | None
    price: float | None
    currency: str


class SuggestionsJson(TypedDict):
    """What somebody may be about to search for."""

    typed: str
    completions: list[CompletionJson]
    categories: list[FacetSuggestionJson]
    brands: list[FacetSuggestionJson]
    products: list[SuggestedProductJson]
    popular: list[str]
    corrections: list[CorrectionJson]
    took_ms: float


class WordSettingsJson(TypedDict):
    """How a catalog is searched by words."""

    language: str
    understand: bool
    weight: float | None


class HitJson(ProductFacts):
    """A product that was found, with the score, its parts and the photo that matched."""

    score: float
    parts: dict[str, float]
    match: float | None
    photo: str | None
    why: list[str]
    cluster: str | None
    distance: float | None
    likeness: float | None
    named: bool
    words: list[WordMatchJson]
    highlights: dict[str, list[list[int]]]


class FacetCountJson(TypedDict):
    """How many of the matching products carry one value of a facet."""

    value: str | int | float
    count: int


class ResultsJson(TypedDict):
    """The answer to a search."""

    hits: list[HitJson]
    good: bool | None
    total: int
    counts: dict[str, list[FacetCountJson]]
    took_ms: float
    recipe: str
    revision: int
    interpretation: InterpretationJson | None


class RowProblemJson(TypedDict):
    """A row of a feed that did not go in, and why."""

    feed: str
    line: int
    id: str
    reason: str


class ReportJson(TypedDict):
    """What an import did."""

    added: int
    updated: int
    unchanged: int
    removed: int
    failed: int
    photos: int
    seconds: float
    interrupted: bool
    problems: list[RowProblemJson]


class ProblemJson(TypedDict):
    """What went wrong, as RFC 9457 writes it; the detail says what to do next."""

    type: str
    title: str
    status: int
    detail: str


def product_json(product: Product) -> ProductJson:
    """A product with the ids of its photos; where they came from stays in the catalogue."""
    photos = [PhotoJson(id=p.id, width=p.width, height=p.height) for p in product.photos if p.id]
    return ProductJson(**_facts(product), photos=photos)


def hit_json(hit: Hit) -> HitJson:
    """A hit with its scores to five digits."""
    evidence = hit.evidence
    return HitJson(
        **_facts(hit.product),
        score=round(hit.score, 5),
        parts={name: round(value, 5) for name, value in hit.parts.items()},
        match=None if hit.match is None else round(hit.match, 4),
        photo=hit.photo,
        why=list(hit.why),
        cluster=hit.cluster,
        distance=None if hit.distance is None else round(hit.distance, 5),
        likeness=None if hit.likeness is None else round(hit.likeness, 5),
        named=hit.named,
        words=[
            WordMatchJson(word=each.word, matched=each.matched, kind=each.kind, fields=list(each.fields))
            for each in evidence.words
        ],
        highlights={name: [list(span) for span in spans] for name, spans in evidence.highlights.items()},
    )


def hits_json(hits: Sequence[Hit]) -> list[HitJson]:
    """Hits, best first."""
    return [hit_json(hit) for hit in hits]


def results_json(results: Results) -> ResultsJson:
    """The answer to a search."""
    return ResultsJson(
        hits=hits_json(results.hits),
        good=results.good,
        total=results.total,
        counts={
            name: [FacetCountJson(value=_counted(c.value), count=c.count) for c in counts]
            for name, counts in results.counts.items()
        },
        took_ms=round(results.took_ms, 2),
        recipe=results.recipe,
        revision=results.revision,
        interpretation=None
        if results.interpretation is None
        else interpretation_json(results.interpretation),
    )


def interpretation_json(said: Interpretation) -> InterpretationJson:
    """What the words of a query were taken to say."""
    return InterpretationJson(
        typed=said.typed,
        searched=said.searched,
        corrections=_corrections(said.corrections),
        dropped=list(said.dropped),
        unknown=list(said.unknown),
        chips=[
            ChipJson(
                kind=chip.kind, text=chip.text, rest=chip.rest, field=chip.field, condition=chip.condition
            )
            for chip in said.chips
        ],
        language=said.language,
    )


def suggestions_json(found: Suggestions) -> SuggestionsJson:
    """What somebody may be about to search for."""
    return SuggestionsJson(
        typed=found.typed,
        completions=[CompletionJson(text=each.text, products=each.products) for each in found.completions],
        categories=[_facet_suggestion(each) for each in found.categories],
        brands=[_facet_suggestion(each) for each in found.brands],
        products=[
            SuggestedProductJson(
                id=hit.id,
                title=hit.title,
                photo=hit.photo,
                price=hit.product.price,
                currency=hit.product.currency,
            )
            for hit in found.products
        ],
        popular=list(found.popular),
        corrections=_corrections(found.corrections),
        took_ms=round(found.took_ms, 2),
    )


def word_settings_json(settings: WordSettings) -> WordSettingsJson:
    """How a catalog is searched by words."""
    return WordSettingsJson(
        language=settings.language, understand=settings.understand, weight=settings.weight
    )


def _corrections(corrections: Sequence[Correction]) -> list[CorrectionJson]:
    return [CorrectionJson(typed=each.typed, meant=each.meant) for each in corrections]


def _facet_suggestion(found: FacetSuggestion) -> FacetSuggestionJson:
    return FacetSuggestionJson(field=found.field, value=found.value, products=found.products)


def report_json(report: ImportReport) -> ReportJson:
    """What an import did, the rows that failed included."""
    return ReportJson(
        added=report.added,
        updated=report.updated,
        unchanged=report.unchanged,
        removed=report.removed,
        failed=report.failed,
        photos=report.photos,
        seconds=round(report.seconds, 2),
        interrupted=report.interrupted,
        problems=[
            RowProblemJson(feed=p.feed, line=p.line, id=p.id, reason=p.reason) for p in report.problems
        ],
    )


def problem_json(error: LookalikeError) -> ProblemJson:
    """An error by its kind, its title and its sentence."""
    kind = error.title.lower().replace(" ", "-")
    return ProblemJson(
        type=f"urn:lookalike:{kind}", title=error.title, status=error.status, detail=str(error)
    )


def facets_json(facets: Facets) -> dict[str, str | int | float | bool | list[str]]:
    """Facets, several values of one as a list."""
    return {name: _value(value) for name, value in facets.items()}


def _facts(product: Product) -> ProductFacts:
    return ProductFacts(
        id=product.id,
        title=product.title,
        description=product.description,
        facets=facets_json(product.facets),
        price=product.price,
        former_price=product.former_price,
        currency=product.currency,
        stock=product.stock,
        group=product.group,
        link=product.link,
    )


def _counted(value: str | float) -> str | int | float:
    return value if isinstance(value, str) else _number(value)


def _value(value: FacetValue) -> str | int | float | bool | list[str]:
    if isinstance(value, tuple):
        return list(value)
    return value if isinstance(value, str | bool) else _number(value)


def _number(value: float) -> int | float:
    """2011 rather than 2011.0: a year is no measurement."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
