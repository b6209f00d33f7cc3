"""JSON forms of the vocabulary, the same on the command line and over HTTP."""

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
    """The fields that hits and products share."""

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
    """A query word that a product contains: the matching word, why it matches, and its fields."""

    word: str
    matched: str
    kind: str
    fields: list[str]


class CorrectionJson(TypedDict):
    """A misspelled word and its correction."""

    typed: str
    meant: str


class ChipJson(TypedDict):
    """A part of a query and its interpretation; `rest` is the query without it."""

    kind: str
    text: str
    rest: str
    field: str
    condition: Any


class InterpretationJson(TypedDict):
    """How the words of a query were interpreted."""

    typed: str
    searched: str
    corrections: list[CorrectionJson]
    dropped: list[str]
    unknown: list[str]
    chips: list[ChipJson]
    language: str


class CompletionJson(TypedDict):
    """A suggested query, and the number of products that contain its additional words."""

    text: str
    products: int


class FacetSuggestionJson(TypedDict):
    """A category or brand that fits the typed text, and the number of its products."""

    field: str
    value: str
    products: int


class SuggestedProductJson(TypedDict):
    """A product that fits the typed text."""

    id: str
    title: str
    photo: str | None
    price: float | None
    currency: str


class SuggestionsJson(TypedDict):
    """Suggestions for a shopper who is typing."""

    typed: str
    completions: list[CompletionJson]
    categories: list[FacetSuggestionJson]
    brands: list[FacetSuggestionJson]
    products: list[SuggestedProductJson]
    popular: list[str]
    corrections: list[CorrectionJson]
    took_ms: float


class WordSettingsJson(TypedDict):
    """How words are searched in a catalog."""

    language: str
    understand: bool
    weight: float | None


class HitJson(ProductFacts):
    """A product found, with its score, the parts of it, and the photo that matched."""

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
    """The number of matching products with one value of a facet."""

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
    """A feed row that was not imported, and the reason."""

    feed: str
    line: int
    id: str
    reason: str


class ReportJson(TypedDict):
    """The result of an import."""

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
    """A problem in the format of RFC 9457; the detail says what to do next."""

    type: str
    title: str
    status: int
    detail: str


def product_json(product: Product) -> ProductJson:
    """Return a product with the ids of its photos; their sources are not published."""
    photos = [PhotoJson(id=p.id, width=p.width, height=p.height) for p in product.photos if p.id]
    return ProductJson(**_facts(product), photos=photos)


def hit_json(hit: Hit) -> HitJson:
    """Return a hit with scores of five digits."""
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
    """Return how the words of a query were interpreted."""
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
    """Return suggestions for a shopper who is typing."""
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
    """Return how words are searched in a catalog."""
    return WordSettingsJson(
        language=settings.language, understand=settings.understand, weight=settings.weight
    )


def _corrections(corrections: Sequence[Correction]) -> list[CorrectionJson]:
    return [CorrectionJson(typed=each.typed, meant=each.meant) for each in corrections]


def _facet_suggestion(found: FacetSuggestion) -> FacetSuggestionJson:
    return FacetSuggestionJson(field=found.field, value=found.value, products=found.products)


def report_json(report: ImportReport) -> ReportJson:
    """Return the result of an import, including invalid rows."""
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
    """Return an error as type, title and detail."""
    kind = error.title.lower().replace(" ", "-")
    return ProblemJson(
        type=f"urn:lookalike:{kind}", title=error.title, status=error.status, detail=str(error)
    )


def facets_json(facets: Facets) -> dict[str, str | int | float | bool | list[str]]:
    """Return facets, with multiple values as lists."""
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
    """Return 2011 rather than 2011.0, as for a year."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
