"""Previews rules: answers past searches with the current and the proposed rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lookalike.types import Event, Query, Results


@dataclass(frozen=True, slots=True)
class Difference:
    """A search whose first page would change: ids before and after."""

    query: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """The number of searches tried, and those whose results would change."""

    replayed: int
    changed: tuple[Difference, ...]


def queries_of(searches: Iterable[Event], k: int) -> list[Query]:
    """Past searches as distinct queries without shoppers."""
    found: list[Query] = []
    seen: set[str] = set()
    for search in searches:
        words = search.query.strip()
        key = words.casefold() if search.vector is None else search.id
        if key and key not in seen:
            seen.add(key)
            found.append(Query(text=words or None, vector=search.vector, k=k))
    return found


def previewed(
    queries: Iterable[Query], now: Callable[[Query], Results], then: Callable[[Query], Results]
) -> Preview:
    """Answer each query both ways."""
    changed: list[Difference] = []
    replayed = 0
    for query in queries:
        replayed += 1
        before = tuple(hit.id for hit in now(query))
        after = tuple(hit.id for hit in then(query))
        if before != after:
            changed.append(Difference(query.text or "(a photo)", before, after))
    return Preview(replayed, tuple(changed))
