"""What every database of a catalogue can do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from lookalike.database.event_store import EventStore
from lookalike.database.jobs import JobRows
from lookalike.database.journal_rows import JournalRows
from lookalike.database.keys import KeyRows
from lookalike.database.source_products import SourceProductRows
from lookalike.database.source_rows import SourceRows
from lookalike.database.source_runs import SourceRunRows
from lookalike.media.images import StoredPhoto
from lookalike.types import Product


@dataclass(frozen=True, slots=True)
class Written:
    """A product as it goes in: its photos by id, the digest of its feed row, the words that are searched."""

    product: Product
    digest: bytes
    words: str = ""
    codes: tuple[str, ...] = ()


@dataclass(slots=True)
class Batch:
    """What one transaction writes; vectors are bytes here, their meaning belongs to the space.

    `made` is what the setting of that name must still be, or the write is refused.
    """

    products: list[Written] = field(default_factory=list[Written])
    photos: list[StoredPhoto] = field(default_factory=list[StoredPhoto])
    made: str | None = None
    image_space: str = ""
    image_vectors: dict[str, bytes] = field(default_factory=dict[str, bytes])
    text_space: str = ""
    text_vectors: dict[str, tuple[str, bytes]] = field(default_factory=dict[str, "tuple[str, bytes]"])


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """A product as the change feed tells it: facts, photo vectors in order, the text vector."""

    id: str
    group: str
    facets: str
    price: float | None
    stock: int | None
    photos: tuple[str, ...]
    images: tuple[bytes | None, ...]
    text: bytes | None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One product that became different: its new state, or None where it is gone."""

    id: str
    entry: StoredEntry | None


@dataclass(frozen=True, slots=True)
class Damage:
    """A row whose content is not what was written."""

    table: str
    key: str
    products: tuple[str, ...] = ()


@dataclass(slots=True)
class VerifyReport:
    """What was read, and what of it is damaged; `recorded` rows had no checksum before."""

    rows: int = 0
    recorded: int = 0
    structure: list[str] = field(default_factory=list[str])
    damaged: list[Damage] = field(default_factory=list[Damage])

    @property
    def sound(self) -> bool:
        """Whether nothing is damaged."""
        return not self.structure and not self.damaged


@dataclass(frozen=True, slots=True)
class FactsWritten:
    """The products whose facts became others, and those that had these facts already."""

    changed: frozenset[str]
    unchanged: frozenset[str]


@dataclass(frozen=True, slots=True)
class StoredText:
    """What a product is called, as the change feed tells it; facets are JSON."""

    id: str
    title: str
    description: str
    facets: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TextChanges:
    """The texts that became different, the products that are gone, and the revision this brings to."""

    texts: list[StoredText]
    removed: list[str]
    revision: int


class Database(Protocol):
    """Rows and a counter; every write is durable when the call returns."""

    @property
    def url(self) -> str: ...
    @property
    def events(self) -> EventStore: ...
    @property
    def jobs(self) -> JobRows: ...
    @property
    def journal(self) -> JournalRows: ...
    @property
    def keys(self) -> KeyRows: ...
    @property
    def sources(self) -> SourceRows: ...
    @property
    def source_products(self) -> SourceProductRows: ...
    @property
    def source_runs(self) -> SourceRunRows: ...
    def close(self) -> None: ...

    def revision(self) -> int:
        """The number of the last write."""
        ...

    def count(self) -> int: ...
    def changes(self, since: int, image_space: str, text_space: str) -> Iterator[tuple[int, list[Change]]]:
        """What changed after a revision, in pieces; each comes with the revision it brings a follower to."""
        ...

    def text_changes(self, since: int) -> Iterator[TextChanges]:
        """What changed after a revision in the texts of products, in pieces like `changes`."""
        ...

    def write(self, batch: Batch) -> int:
        """Insert or replace products in one transaction and return its revision."""
        ...

    def update_facts(self, facts: Mapping[str, Mapping[str, Any]]) -> FactsWritten:
        """Set price, former price, currency, stock or link of products by their ids, in one transaction."""
        ...

    def remove(self, ids: Sequence[str]) -> int:
        """Delete products; returns how many there were."""
        ...

    def digests(self, ids: Sequence[str]) -> dict[str, bytes]: ...
    def ids(self) -> Iterator[str]: ...
    def newest(self, ids: Sequence[str]) -> list[str]:
        """Those of these products that exist, the ones that came into the catalogue last first."""
        ...

    def products(self, ids: Sequence[str]) -> dict[str, Product]: ...
    def page(self, after: str, limit: int) -> list[Product]:
        """Products in the order of their ids, those after one id."""
        ...

    def all_products(self) -> Iterator[Product]:
        """Every product in order of ids, read a page at a time."""
        ...

    def photo(self, photo_id: str) -> StoredPhoto | None: ...
    def stored_photos(self, ids: Sequence[str]) -> dict[str, StoredPhoto]: ...

    def image_vectors(self, space: str, photos: Sequence[str]) -> dict[str, bytes]: ...
    def text_vectors(self, space: str, products: Sequence[str]) -> dict[str, tuple[str, bytes]]: ...
    def photos_without(self, space: str, limit: int) -> list[str]:
        """Photos in use that have no vector in a space yet."""
        ...

    def products_without(self, space: str, limit: int) -> list[str]:
        """Products that have no text vector in a space yet."""
        ...

    def put_vectors(self, batch: Batch) -> None:
        """Store vectors of a space that is not searched yet; no revision passes."""
        ...

    def verify(self) -> VerifyReport:
        """Compare every row with its checksum; damaged ones are marked and left out from then on."""
        ...

    def drop_space(self, space: str) -> None: ...

    def with_code(self, code: str, limit: int) -> list[str]:
        """Products that carry an identifier: their id, SKU, GTIN and the like."""
        ...

    def with_words(self, text: str, limit: int) -> list[str]:
        """Products that carry all the words of a text, the best match first."""
        ...

    def settings(self) -> dict[str, str]: ...
    def put_settings(self, values: Mapping[str, str | None], at: int | None = None) -> int | None:
        """Set or delete settings in one transaction and return its revision.

        With `at`, only if nothing was written since that revision; None says that something was.
        """
        ...

    def fit(self, space: str) -> bytes | None:
        """What was learned from the catalogue to make a space."""
        ...

    def put_fit(self, space: str, data: bytes) -> None: ...

    def writing(self, what: str) -> AbstractContextManager[None]:
        """Say to other processes what this one writes, for as long as the block runs."""
        ...
