"""The contract of a source: a feed or a shop system whose products a catalog follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from lookalike.types import Product, RowProblem


@dataclass(frozen=True, slots=True)
class Page:
    """Some products of a source, and the ids that were removed from it.

    `groups` are listed in full: a product of such a group that the catalog has from this source and the page
    lacks was removed. Shop systems report a removed variant this way, and a removed item as a group without
    products. `cursor` is where the next run begins; a run stores that of its last page. `complete` on the
    last page means that the pages of the run list every product of the source, so that missing ones may be
    removed. `problems` are rows that cannot be read in full; their ids count as listed.
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
    """The items that a genuine webhook names; they are read again.

    `id` is the same each time the webhook is delivered. Only ids are taken from a webhook, so that an old one
    cannot restore old values.
    """

    id: str
    items: tuple[str, ...]


class Source(Protocol):
    """A feed or a shop system.

    Every method raises SourceDenied if the shop does not accept the token, and SourceUnavailable if it does
    not answer after several attempts.
    """

    @property
    def name(self) -> str: ...

    @property
    def incremental(self) -> bool:
        """Whether a shop can be asked for changes and for single items. A feed is always read as a whole."""
        ...

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """The changes since `cursor`, or everything if it is None or too old for the source.

        A source that is not incremental gives everything, or a page without products if nothing has changed.
        """
        ...

    def changed_by(self, delivery: Delivery) -> Notice:
        """The items to read again after a webhook.

        Raises BadDelivery if the delivery is forged or expired, and UsageError if the source has no webhooks.
        """
        ...

    def read(self, ids: Sequence[str]) -> Page:
        """The items of these ids as they are now. Those that no longer exist are groups without products.

        Raises UsageError if the source is not incremental.
        """
        ...
