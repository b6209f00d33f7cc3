"""The contract of a source: a feed or a shop system whose products a catalog follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from lookalike.types import Product, RowProblem


@dataclass(frozen=True, slots=True)
class Page:
    """Some products of a source, and the ids that are gone from it.

    `groups` are those that the page lists in full: a product of such a group that the catalog has and the
    page has not is gone. This is how a shop system tells of a variant, or of all variants, that it dropped.
    `cursor` is where a later run may begin; a run stores the one of its last page. `complete` on the last
    page says that the pages of this run list everything there is, so that products missing from them may
    be removed. `problems` are rows that cannot be read in full; their ids count as listed.
    """

    products: list[Product] = field(default_factory=list[Product])
    removed: list[str] = field(default_factory=list[str])
    groups: frozenset[str] = frozenset()
    cursor: str | None = None
    complete: bool = False
    problems: list[RowProblem] = field(default_factory=list[RowProblem])


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook as it arrived. The names of headers are in lower case."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Notice:
    """What a genuine webhook says: which items to read again.

    `id` is the same each time the webhook is delivered. Nothing but ids is taken from a webhook, so that an
    old one cannot bring back old facts.
    """

    id: str
    items: tuple[str, ...]


class Source(Protocol):
    """A feed or a shop system.

    Every method raises SourceDenied if the shop does not accept the token, and SourceUnavailable if it does
    not answer after several tries.
    """

    @property
    def name(self) -> str: ...

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """What changed since `cursor`, or everything if it is None or the source no longer knows it."""
        ...

    def changed_by(self, delivery: Delivery) -> Notice:
        """What to read again after a webhook.

        Raises BadDelivery if the delivery is forged or expired, and UsageError if the source has no webhooks.
        """
        ...

    def read(self, ids: Sequence[str]) -> Page:
        """The items of these ids as they are now: products for those that exist, and what is gone."""
        ...
