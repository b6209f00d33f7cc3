"""The contract of every index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lookalike.index.filters import Filter
from lookalike.types import FacetCount, Facets, FacetValue, Metric, Vector
from lookalike.vectors.sparse import SparseRow


@dataclass(frozen=True, slots=True)
class Space:
    """Identifies the vectors that an index holds.

    `catalog` is the catalog's id, `made` changes whenever the vectors would, and `folder` is where index
    files may be written, None for catalogs that are not a file.
    """

    catalog: str
    made: str
    image_dim: int
    text_dim: int
    metric: Metric = "cosine"
    folder: Path | None = None


# Not a facet of the feed: the currency of the price.
CURRENCY = "currency"


@dataclass(frozen=True, slots=True)
class Entry:
    """One product as an index stores it: facets, one image row per photo, one text row."""

    id: str
    group: str = ""
    facets: Facets = field(default_factory=dict[str, "str"])
    price: float | None = None
    stock: int | None = None
    photos: tuple[str, ...] = ()
    images: Vector | None = None
    text: Vector | SparseRow | None = None
    currency: str = ""

    def facts(self) -> dict[str, FacetValue | None]:
        """Everything that a filter may ask for."""
        currency = {CURRENCY: self.currency} if self.currency else {}
        return {**currency, **self.facets, "price": self.price, "stock": self.stock, "group": self.group}


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything that changed between two revisions."""

    upserts: Sequence[Entry]
    removed: Sequence[str]
    revision: int


class SlotLookup(Protocol):
    """Where an index keeps the products, as one search sees it: each has a slot, by number."""

    @property
    def slots(self) -> int: ...
    @property
    def table(self) -> object:
        """What the slots belong to: as long as it is the same, a product's slot stays unless it changes."""
        ...

    def slots_of(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """The slots of products; -1 for those that are not there."""
        ...


class WordScores(Protocol):
    """The scores of products by their words, and which of them match the query's words."""

    def by_slot(self, lookup: SlotLookup) -> tuple[NDArray[np.float32], NDArray[np.bool_] | None]:
        """The score of each slot, and the slots to which totals and counts refer; None means all."""
        ...


@dataclass(frozen=True, slots=True)
class Probe:
    """A query as an index takes it: vectors, scores of words, weights, filters and limits.

    A product scores `image_weight` times its look, `text_weight` times its text, `word_weight` times its
    words, plus its bonus.
    """

    image: Vector | None = None
    text: Vector | SparseRow | None = None
    image_weight: float = 1.0
    text_weight: float = 0.0
    where: Filter = field(default_factory=Filter)
    k: int = 10
    offset: int = 0
    min_score: float | None = None
    exclude: frozenset[str] = frozenset()
    grouped: bool = True
    bonus: Mapping[str, float] = field(default_factory=dict[str, float])
    words: WordScores | None = None
    word_weight: float = 0.0
    count: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """A product found, with the unweighted parts of its score and its best photo.

    `refers` is true if the product matches the words of the query.
    """

    id: str
    score: float
    image: float | None
    text: float | None
    bonus: float
    photo: str | None
    words: float = 0.0
    refers: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """One page of matches, best first, the number of products that pass the filter, and facet counts."""

    matches: tuple[Match, ...]
    total: int
    counts: Mapping[str, tuple[FacetCount, ...]]
    revision: int


@dataclass(frozen=True, slots=True)
class IndexFacts:
    """The number of rows in an index and its measured recall.

    `kept` rows are stored outside this process; `note` says why the index differs from the requested one.
    """

    rows: int
    kept: int = 0
    recall: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Near:
    """The nearest rows found, best first; `complete` if no other row can be nearer."""

    rows: NDArray[np.intp]
    scores: NDArray[np.float32]
    complete: bool


class FrozenRows(Protocol):
    """Fused rows in a file that an approximate search can scan."""

    def __len__(self) -> int: ...
    def row(self, number: int) -> Vector:
        """One fused row."""
        ...

    def nearest(
        self, query: Vector, kind: str | float, mask: NDArray[np.bool_] | None, reach: int, effort: float
    ) -> Near:
        """The rows under a mask with the largest inner product; more effort finds more of them."""
        ...

    def above(self, query: Vector, least: float, mask: NDArray[np.bool_] | None) -> Near:
        """All rows under a mask that reach a score."""
        ...


class ChangeSink(Protocol):
    """Receives the changes of a catalog."""

    @property
    def revision(self) -> int:
        """The last change applied and, for an index outside this process, stored."""
        ...

    def apply(self, changes: Changes) -> None:
        """Apply changes. A concurrent search sees the state before or after them, never a mixture."""
        ...


class Index(ChangeSink, Protocol):
    """Finds the products whose fused vectors have the largest inner product with a probe's."""

    @property
    def kind(self) -> str:
        """The kind of index: exact, approximate or milvus."""
        ...

    def __len__(self) -> int: ...
    def search(self, probe: Probe) -> Answer: ...
    def facet_names(self) -> list[str]: ...
    def facts(self) -> IndexFacts: ...
    def should_reopen(self) -> bool:
        """Whether reopening the index would make it faster or smaller."""
        ...

    def close(self) -> None: ...
