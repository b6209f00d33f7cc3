"""The vocabulary: what a product, a photo, a query and a hit are; no I/O."""

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
    """One picture of a product: where it came from, and its id once it is stored."""

    source: str = ""
    data: bytes | None = field(default=None, repr=False)
    id: str = ""
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Product:
    """What a shop sells: words, facts and photos under one id."""

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
    """One row of a feed: the product it describes, or the reason why it describes none.

    `last` says that the feed breaks off here: products may be missing after it.
    """

    line: int
    product: Product | None = None
    problem: str = ""
    raw_id: str = ""
    last: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: any mix of photo, words, product and vector, and the limits on the answer.

    `sort` is what to order by: "price", "title", "newest" or any facet, with a minus for the other way round.
    Sorted is what comes near to the best hit, or all that reaches `min_score` if it is given.
    `word_weight` is the share of matching words in the score of a search by text alone. `correct` lets
    misspelt words be replaced, `understand` lets prices, sizes and exclusions be read from the text; None
    leaves it to the catalogue's settings, as an empty `language` does. `known` words are not corrected.
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
    """A word of a query that a product carries: as which word, why that one, and in which fields."""

    word: str
    matched: str
    kind: MatchKind
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WordEvidence:
    """The words of a query that a product carries, and where they stand in its title and description."""

    words: tuple[WordMatch, ...] = ()
    highlights: Mapping[str, tuple[tuple[int, int], ...]] = field(
        default_factory=dict[str, "tuple[tuple[int, int], ...]"]
    )


@dataclass(frozen=True, slots=True)
class Hit:
    """A product that was found: its score, the parts of the score, and which photo matched.

    `cluster` is the cluster of that photo, where the recipe has clusters. A Euclidean recipe gives the
    `distance` of the photo and, where rows have length one, the `likeness` 1 - distance^2 / 2, which is the
    cosine.

    `named` says that it carries all the words of the query; `evidence` tells which, and where.
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
        """The words of the query that the product carries; read from its texts when it is asked for."""
        return WordEvidence() if self.explain is None else self.explain(self.product)


@dataclass(frozen=True, slots=True)
class FacetCount:
    """How many of the matching products carry one value of a facet."""

    value: str | float
    count: int


@dataclass(frozen=True, slots=True)
class Correction:
    """A misspelt word and what it was taken for."""

    typed: str
    meant: str


ChipKind: TypeAlias = Literal["price", "size", "people", "colour", "phrase", "excluded"]


@dataclass(frozen=True, slots=True)
class Chip:
    """A part of a query and what it was taken for; `rest` is the query without it.

    `field` and `condition` are the filter it became, if it became one.
    """

    kind: ChipKind
    text: str
    rest: str
    field: str = ""
    condition: Any = None


@dataclass(frozen=True, slots=True)
class Interpretation:
    """What the words of a query were taken to say.

    `searched` is what was searched for, with misspelt words put right. `dropped` are words that were left
    out because no product carries all of them, `unknown` those that no product carries at all.
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
    """The hits of a query, best first, with what surrounds them.

    `good` says whether the catalogue has what was asked for; None where `evaluate` has not learned it.
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
    """A query to go on with, and how many products carry the words it adds."""

    text: str
    products: int


@dataclass(frozen=True, slots=True)
class FacetSuggestion:
    """A category or brand that fits what is typed, and how many products have it."""

    field: str
    value: str
    products: int


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What somebody may be about to search for, while they type."""

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
    """How a catalogue is searched by words; `language` is a code such as "de", or "auto" to have it told.

    `weight` is the share of matching words in a search by text alone; None is what the recipe says.
    """

    language: str = "auto"
    understand: bool = True
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row of a feed that did not go in, and why."""

    feed: str
    line: int
    id: str
    reason: str


@dataclass(slots=True)
class ImportReport:
    """What an import did, row by row in numbers."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    failed: int = 0
    photos: int = 0
    seconds: float = 0.0
    interrupted: bool = False
    stage: str = ""
    """What is done after the last row, empty while rows are read."""
    problems: list[RowProblem] = field(default_factory=list[RowProblem])

    @property
    def seen(self) -> int:
        """Rows that were read so far."""
        return self.added + self.updated + self.unchanged + self.failed


@dataclass(frozen=True, slots=True)
class LastImport:
    """The import that can be undone, and what it changed; `time` is in seconds since 1970."""

    feed: str
    time: float
    added: int
    updated: int
    removed: int


@dataclass(slots=True)
class UndoReport:
    """What the undo of an import did.

    `removed` products were new in the import, `restored` ones are what they were before it, and `kept` ones
    were changed after it.
    """

    feed: str
    removed: int = 0
    restored: int = 0
    kept: int = 0

    @property
    def seen(self) -> int:
        """Products that were looked at so far."""
        return self.removed + self.restored + self.kept


@dataclass(frozen=True, slots=True)
class Recipe:
    """The models and settings used for search.

    `components` reduces the image rows by PCA: a number of components from 1 on, a share of the variance
    below 1, 0 for none. `clusters` groups the image rows by K-means, so that a search may keep to the
    nearest groups. `head` names a facet: a linear layer, learned to tell its values apart, projects the
    frozen image rows in place of PCA. `joint` says that both encoders share one space, so that words are
    compared with photos too. `k` is the number of hits of a query that names none. Without `keyword_bonus`,
    the score is what the encoders say and nothing else: products that contain the words of the query get no
    extra points. `word_weight` is the share of matching words in a search by text alone, and
    `word_fields` what a word counts in title, brand, category, other facets and description.
    """

    name: str
    summary: str
    image: str = ""
    text: str = ""
    text_fields: tuple[str, ...] = ("title", "description", "facets")
    image_weight: float = 0.7
    metric: Metric = "cosine"
    joint: bool = False
    word_weight: float = 0.9
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
    """What a shopper did, and when in seconds since 1970; the same id is the same event.

    `query` is what was searched, or the words that led to what was done; `vector` stands for a photo
    that was searched by, which itself is never kept; `position` is the place on the page, from 1.
    An exposure names the `experiment` that the shopper takes part in, and the `variant` shown.
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
    """What became of a batch of events: how many are new, and how many were known already."""

    new: int = 0
    known: int = 0


@dataclass(frozen=True, slots=True)
class Shopper:
    """What is known of a shopper: how much was done, the interests that follow, and what is avoided."""

    id: str
    events: int
    interests: tuple[tuple[str, ...], ...] = ()
    disliked: tuple[str, ...] = ()
    bought: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recommendations(Sequence[Hit]):
    """The products recommended, best first, and which share each source has in them."""

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
    """What a merchandiser decided: an action on products, where and when it holds.

    The products are named, or chosen by a filter. Without `query` and `category` the rule holds
    everywhere; `starts` and `ends` are ISO dates or times, the end not included.
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
