"""The contract of a source: a feed or a shop system whose products a catalog follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from lookalike.types import Product, RowProblem


@dataclass(frozen=True, slots=True)
class Page:
    """Some products of a source, and the ids that are gone from it.

    `cursor` is where a later run may begin; a run stores the one of its last page. `complete` on the last
    page says that the pages of this run list everything there is, so that products missing from them may
    be removed. `problems` are rows that cannot be read in full; their ids count as listed.
    """

    products: list[Product] = field(default_factory=list[Product])
    removed: list[str] = field(default_factory=list[str])
    cursor: str | None = None
    complete: bool = False
    problems: list[RowProblem] = field(default_factory=list[RowProblem])


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook as it arrived. The names of headers are in lower case."""

    headers: Mapping[str, str]
    body: bytes


class Source(Protocol):
    """A feed or a shop system."""

    @property
    def name(self) -> str: ...

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """What changed since `cursor`, or everything if it is None or the source no longer knows it."""
        ...

    def changed_by(self, delivery: Delivery) -> list[str]:
        """The ids to read again after a webhook.

        Raises AccessDenied if the delivery is forged, expired or replayed, and UsageError if the source
        has no webhooks.
        """
        ...

    def read(self, ids: Sequence[str]) -> list[Product]:
        """The products of these ids that exist; the others are gone from the shop."""
        ...
