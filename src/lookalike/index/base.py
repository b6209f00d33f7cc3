"""What every index takes and answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lookalike.index.filters import Filter
from lookalike.types import FacetCount, Facets, Metric, Vector
from lookalike.vectors.sparse import SparseRow


@dataclass(frozen=True, slots=True)
class Space:
    """Whose vectors an index holds, and of what kind: what is kept elsewhere is known by it.

    `catalog` is the catalogue's own id, `made` changes with whatever makes the vectors others, and `folder`
    lies beside a catalogue that is a file, for what is derived from it.
    """

    catalog: str
    made: str
    image_dim: int
    text_dim: int
    metric: Metric = "cosine"
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """What an index holds of one product: its facts, one image row for each photo, one text row."""

    id: str
    group: str = ""
    facets: Facets = field(default_factory=dict[str, "str"])
    price: float | None = None
    stock: int | None = None
    photos: tuple[str, ...] = ()
    images: Vector | None = None
    text: Vector | SparseRow | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything that became different between two revisions."""

    upserts: Sequence[Entry]
    removed: Sequence[str]
    revision: int


@dataclass(frozen=True, slots=True)
class Probe:
    """A query as an index understands it: ready vectors, their weights, and the limits on the answer."""

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
    count: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """A product that an index found, with the unweighted parts of its score and the photo that gave it."""

    id: str
    score: float
    image: float | None
    text: float | None
    bonus: float
    photo: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The matches of one page, best first, how many products the filter lets through, and facet counts."""

    matches: tuple[Match, ...]
    total: int
    counts: Mapping[str, tuple[FacetCount, ...]]
    revision: int


@dataclass(frozen=True, slots=True)
class IndexFacts:
    """How many rows an index looks through, and the share of the nearest that it was measured to find.

    `kept` rows outlive the process; `note` says what keeps it from being what was asked for.
    """

    rows: int
    kept: int = 0
    recall: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Near:
    """The nearest rows that were seen, best first, and whether they are all there are."""

    rows: NDArray[np.intp]
    scores: NDArray[np.float32]
    complete: bool


class FrozenRows(Protocol):
    """Fused rows that a file holds and that an approximate search can look through."""

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
    """Takes in what changes in a catalogue."""

    @property
    def revision(self) -> int:
        """The last change that was taken in, and, where it outlives its process, is kept."""
        ...

    def apply(self, changes: Changes) -> None:
        """Take in what changed; searches that run meanwhile see the state before or after, never between."""
        ...


class Index(ChangeSink, Protocol):
    """Finds the products whose fused vectors have the largest inner product with a probe's."""

    @property
    def kind(self) -> str:
        """What searches, in a word: exact, approximate or milvus."""
        ...

    def __len__(self) -> int: ...
    def search(self, probe: Probe) -> Answer: ...
    def facet_names(self) -> list[str]: ...
    def facts(self) -> IndexFacts: ...
    def should_reopen(self) -> bool:
        """Whether opening it anew and following the database from there pays."""
        ...

    def close(self) -> None: ...
