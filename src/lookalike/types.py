"""The vocabulary: records for products, photos, queries and hits, without I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, overload

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from PIL.Image import Image

FacetValue: TypeAlias = "str | float | bool | tuple[str, ...]"
Facets: TypeAlias = "Mapping[str, FacetValue]"
Where: TypeAlias = "Mapping[str, Any]"
Vector: TypeAlias = "np.ndarray[Any, np.dtype[np.float32]]"
ImageInput: TypeAlias = "str | Path | bytes | Image"
Metric: TypeAlias = Literal["cosine", "euclidean", "dot"]


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo of a product: its source, and its id once stored."""

    source: str = ""
    data: bytes | None = field(default=None, repr=False)
    id: str = ""
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Product:
    """A product of the shop: texts, facts and photos under one id."""

    id: str
    title: str = ""
    description: str = ""
    facets: Facets = field(default_factory=dict[str, FacetValue])
    price: float | None = None
    currency: str = ""
    stock: int | None = None
    group: str = ""
    link: str = ""
    photos: tuple[Photo, ...] = ()
    former_price: float | None = None


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One row of a feed: its product, or the reason why it is invalid.

    `last` means that the feed ends early: products may be missing after it.
    """

    line: int
    product: Product | None = None
    problem: str = ""
    raw_id: str = ""
    last: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A query: any combination of photo, words, product and vector, with limits on the answer.

    `sort` is "price", "title", "newest" or any facet; a leading minus reverses the order. Only hits close to
    the
    best are sorted, or all that reach `min_score` if it is given.
    `word_weight` is the share of matching words in the score of a search by text alone. `correct` allows
    corrections of misspelled words, `understand` allows the text to set prices, sizes and exclusions. None
    and
    an empty `language` use the catalog's settings. `known` words are not corrected.
    """

    image: ImageInput | None = None
    text: str | None = None
    product: str | None = None
    vector: Sequence[float] | Vector | None = None
    image_weight: float | None = None
    where: Where = field(default_factory=dict[str, Any])
    k: int = 10
    offset: int = 0
    min_score: float | None = None
    exclude: frozenset[str] = frozenset()
    grouped: bool = True
    count: tuple[str, ...] = ()
    clusters: int = 0
    shopper: str | None = None
    sort: str = ""
    word_weight: float | None = None
    language: str = ""
    correct: bool = True
    understand: bool | None = None
    known: frozenset[str] = frozenset()


MatchKind: TypeAlias = Literal["exact", "correction", "completion", "joined", "split", "related", "similar"]


@dataclass(frozen=True, slots=True)
class WordMatch:
    """A query word that a product contains: the matching word, why it matches, and its fields."""

    word: str
    matched: str
    kind: MatchKind
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WordEvidence:
    """The query words that a product contains, and their positions in its title and description."""

    words: tuple[WordMatch, ...] = ()
    highlights: Mapping[str, tuple[tuple[int, int], ...]] = field(
        default_factory=dict[str, "tuple[tuple[int, int], ...]"]
    )


@dataclass(frozen=True, slots=True)
class Hit:
    """A product found: its score, the parts of the score, and the photo that matched.

    `cluster` is the cluster of that photo, if the recipe has clusters. A Euclidean recipe sets the
    `distance` of the photo and, for unit vectors, the `likeness` 1 - distance^2 / 2, which is the
    cosine.

    `named` means that the product contains all words of the query; `evidence` lists them.
    """

    product: Product
    score: float
    parts: Mapping[str, float]
    photo: str | None = None
    match: float | None = None
    why: tuple[str, ...] = ()
    cluster: str | None = None
    distance: float | None = None
    likeness: float | None = None
    named: bool = False
    explain: Callable[[Product], WordEvidence] | None = field(default=None, repr=False, compare=False)

    @property
    def id(self) -> str:
        """The id of the product."""
        return self.product.id

    @property
    def title(self) -> str:
        """The title of the product."""
        return self.product.title

    @property
    def evidence(self) -> WordEvidence:
        """The query words that the product contains; computed on first use."""
        return WordEvidence() if self.explain is None else self.explain(self.product)


@dataclass(frozen=True, slots=True)
class FacetCount:
    """The number of matching products with one value of a facet."""

    value: str | float
    count: int


@dataclass(frozen=True, slots=True)
class Correction:
    """A misspelled word and its correction."""

    typed: str
    meant: str


ChipKind: TypeAlias = Literal["price", "size", "people", "colour", "phrase", "excluded"]


@dataclass(frozen=True, slots=True)
class Chip:
    """A part of a query and its interpretation; `rest` is the query without it.

    `field` and `condition` are its filter, if it became one.
    """

    kind: ChipKind
    text: str
    rest: str
    field: str = ""
    condition: Any = None


@dataclass(frozen=True, slots=True)
class Interpretation:
    """How the words of a query were interpreted.

    `searched` is the corrected query. `dropped` are words that were ignored because no product contains all
    words, `unknown` those that no product contains.
    """

    typed: str
    searched: str
    corrections: tuple[Correction, ...] = ()
    dropped: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    chips: tuple[Chip, ...] = ()
    language: str = ""


@dataclass(frozen=True, slots=True)
class Results(Sequence[Hit]):
    """The hits of a query, best first, with totals and facet counts.

    `good` states whether the catalog has a good match; None if it is not known.
    """

    hits: tuple[Hit, ...]
    total: int
    took_ms: float
    recipe: str
    counts: Mapping[str, tuple[FacetCount, ...]] = field(default_factory=dict[str, "tuple[FacetCount, ...]"])
    revision: int = 0
    good: bool | None = None
    interpretation: Interpretation | None = None

    @overload
    def __getitem__(self, index: int) -> Hit: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Hit, ...]: ...
    def __getitem__(self, index: int | slice) -> Hit | tuple[Hit, ...]:
        return self.hits[index]

    def __len__(self) -> int:
        return len(self.hits)

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)


@dataclass(frozen=True, slots=True)
class Completion:
    """A suggested query, and the number of products that contain its additional words."""

    text: str
    products: int


@dataclass(frozen=True, slots=True)
class FacetSuggestion:
    """A category or brand that fits the typed text, and the number of its products."""

    field: str
    value: str
    products: int


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Suggestions for a shopper who is typing."""

    typed: str
    took_ms: float
    completions: tuple[Completion, ...] = ()
    categories: tuple[FacetSuggestion, ...] = ()
    brands: tuple[FacetSuggestion, ...] = ()
    products: tuple[Hit, ...] = ()
    popular: tuple[str, ...] = ()
    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True, slots=True)
class WordSettings:
    """How words are searched; `language` is a code such as "de", or "auto" to detect it.

    `weight` is the share of matching words in a search by text alone; None uses the recipe's.
    """

    language: str = "auto"
    understand: bool = True
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A feed row that was not imported, and the reason."""

    feed: str
    line: int
    id: str
    reason: str


@dataclass(slots=True)
class ImportReport:
    """The result of an import in numbers."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    failed: int = 0
    photos: int = 0
    seconds: float = 0.0
    interrupted: bool = False
    stage: str = ""
    """The step after the last row; empty while rows are read."""
    problems: list[RowProblem] = field(default_factory=list[RowProblem])

    @property
    def seen(self) -> int:
        """The number of rows read so far."""
        return self.added + self.updated + self.unchanged + self.failed


@dataclass(frozen=True, slots=True)
class LastImport:
    """The import that can be undone, and its changes; `time` is in seconds since 1970."""

    feed: str
    time: float
    added: int
    updated: int
    removed: int


@dataclass(slots=True)
class UndoReport:
    """The result of an undo.

    `removed` products were new in the import, `restored` ones have their previous state again, and `kept`
    ones
    were changed after it.
    """

    feed: str
    removed: int = 0
    restored: int = 0
    kept: int = 0

    @property
    def seen(self) -> int:
        """The number of products processed so far."""
        return self.removed + self.restored + self.kept


@dataclass(frozen=True, slots=True)
class Recipe:
    """The models and settings used for search.

    `components` reduces image vectors by PCA: a number of components from 1 on, a share of the variance
    below 1, 0 for none. `clusters` groups image vectors by k-means, so that a search can be limited to the
    nearest clusters. `head` names a facet: a linear layer, trained to separate its values, projects the
    frozen
    image vectors instead of PCA. `joint` means that both encoders share one space, so that words are
    compared with photos too. `k` is the default number of hits. Without `keyword_bonus`, the score is exactly
    that of the encoders: products that contain the words of the query get no
    bonus. `word_weight` is the share of matching words in a search by text alone, and
    `word_fields` are the weights of title, brand, category, other facets and description.
    """

    name: str
    summary: str
    image: str = ""
    text: str = ""
    text_fields: tuple[str, ...] = ("title", "description", "facets")
    image_weight: float = 0.7
    metric: Metric = "cosine"
    joint: bool = False
    word_weight: float = 0.8
    word_fields: tuple[float, ...] = (3.0, 2.0, 2.0, 1.0, 1.0)
    components: float = 0.0
    clusters: int = 0
    head: str = ""
    min_score: float | None = None
    k: int = 10
    keyword_bonus: bool = True
    paper: str = ""
    steps: tuple[str, ...] = ()


ShopperAct: TypeAlias = Literal[
    "view",
    "click",
    "cart",
    "remove-from-cart",
    "purchase",
    "return",
    "rating",
    "comment",
    "like",
    "dislike",
    "search",
    "impression",
]
EventKind: TypeAlias = ShopperAct | Literal["exposure"]


@dataclass(frozen=True, slots=True)
class Event:
    """An action of a shopper, with its time in seconds since 1970; events with the same id are the same.

    `query` is the search, or the search that led to the action; `vector` represents a photo that was searched
    for, which is never stored itself; `position` is the position on the page, from 1.
    An exposure has the `experiment` in which the shopper participates, and the `variant` shown.
    """

    kind: EventKind
    shopper: str
    product: str = ""
    id: str = ""
    time: float | None = None
    rating: float | None = None
    query: str = ""
    comment: str = ""
    position: int | None = None
    vector: Sequence[float] | Vector | None = field(default=None, repr=False)
    experiment: str = ""
    variant: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """The result of a batch of events: the numbers of new and of known ones."""

    new: int = 0
    known: int = 0


@dataclass(frozen=True, slots=True)
class Shopper:
    """A shopper's profile: number of events, interests and dislikes."""

    id: str
    events: int
    interests: tuple[tuple[str, ...], ...] = ()
    disliked: tuple[str, ...] = ()
    bought: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recommendations(Sequence[Hit]):
    """The recommended products, best first, and the share of each source."""

    hits: tuple[Hit, ...]
    took_ms: float
    recipe: str
    mix: Mapping[str, float] = field(default_factory=dict[str, float])

    @overload
    def __getitem__(self, index: int) -> Hit: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Hit, ...]: ...
    def __getitem__(self, index: int | slice) -> Hit | tuple[Hit, ...]:
        return self.hits[index]

    def __len__(self) -> int:
        return len(self.hits)

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)


RuleAction: TypeAlias = Literal["pin", "boost", "bury", "hide", "include", "synonym"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A merchandising rule: an action on products, with its place and period.

    The products are listed, or selected by a filter. Without `query` and `category` the rule applies
    everywhere; `starts` and `ends` are ISO dates or times, the end exclusive.
    """

    id: str
    action: RuleAction
    products: tuple[str, ...] = ()
    where: Where = field(default_factory=dict[str, Any])
    words: tuple[str, ...] = ()
    amount: float = 1.0
    position: int = 1
    query: str = ""
    category: str = ""
    starts: str = ""
    ends: str = ""
