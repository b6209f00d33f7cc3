"""The result of a search before its hits are assessed."""

from __future__ import annotations

from dataclasses import dataclass

from lookalike.index import Answer
from lookalike.search.query import QueryVectors
from lookalike.types import Hit, Interpretation, Query


@dataclass(frozen=True, slots=True)
class Found:
    """Hits without a match: `head` holds the best, `page` the requested ones."""

    query: Query
    vectors: QueryVectors
    head: tuple[Hit, ...]
    page: tuple[Hit, ...]
    answer: Answer
    recipe: str
    interpretation: Interpretation | None = None
