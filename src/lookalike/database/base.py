"""The contract of every database."""

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
    """A product to write: its photos by id, the digest of its feed row, and its searchable text."""

    product: Product
    digest: bytes
    words: str = ""
    codes: tuple[str, ...] = ()


@dataclass(slots=True)
class Batch:
    """The content of one transaction. Vectors are bytes; their space defines the format.

    The write is refused unless the setting of that name still equals `made`.
    """

    products: list[Written] = field(default_factory=list[Written])
    photos: list[StoredPhoto] = field(default_factory=list[StoredPhoto])
    made: str | None = None
    image_space: str = ""
    image_vectors: dict[str, bytes] = field(default_factory=dict[str, bytes])
    text_space: str = ""
    text_vectors: dict[str, tuple[str, bytes]] = field(default_factory=dict[str, "tuple[str, bytes]"])


@dataclass(frozen=True, slots=True)
class PhotoStorage:
    """How many photos are stored, and how many bytes they take."""

    photos: int
    photo_bytes: int
    large_photos: int
    large_bytes: int


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """A product in the change feed: facts, photo vectors in order, and the text vector."""

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
    """One changed product with its new state; None if it was deleted."""

    id: str
    entry: StoredEntry | None


@dataclass(frozen=True, slots=True)
class Damage:
    """A row whose content differs from what was written."""

    table: str
    key: str
    products: tuple[str, ...] = ()


@dataclass(slots=True)
class VerifyReport:
    """The number of rows read, and the damaged ones; `recorded` rows had no checksum before."""

    rows: int = 0
    recorded: int = 0
    structure: list[str] = field(default_factory=list[str])
    damaged: list[Damage] = field(default_factory=list[Damage])

    @property
    def sound(self) -> bool:
        """Whether no row is damaged."""
        return not self.structure and not self.damaged


@dataclass(frozen=True, slots=True)
class FactsWritten:
    """The products whose facts changed, and those that already had these facts."""

    changed: frozenset[str]
    unchanged: frozenset[str]


@dataclass(frozen=True, slots=True)
class StoredText:
    """The texts of a product in the change feed; facets are JSON."""

    id: str
    title: str
    description: str
    facets: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TextChanges:
    """Changed texts, deleted products, and the revision after them."""

    texts: list[StoredText]
    removed: list[str]
    revision: int


class Database(Protocol):
    """Products, photos, vectors and settings. Every write is durable when the call returns."""

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
        """The revision of the last write."""
        ...

    def count(self) -> int: ...
    def changes(self, since: int, image_space: str, text_space: str) -> Iterator[tuple[int, list[Change]]]:
        """Yield what changed after a revision, in batches, each with the revision after it."""
        ...

    def text_changes(self, since: int) -> Iterator[TextChanges]:
        """Yield the product texts that changed after a revision, in batches like `changes`."""
        ...

    def write(self, batch: Batch) -> int:
        """Insert or replace products in one transaction and return its revision."""
        ...

    def update_facts(self, facts: Mapping[str, Mapping[str, Any]]) -> FactsWritten:
        """Set price, former price, currency, stock or link of products by id, in one transaction."""
        ...

    def remove(self, ids: Sequence[str]) -> int:
        """Delete products and return their number."""
        ...

    def digests(self, ids: Sequence[str]) -> dict[str, bytes]: ...
    def ids(self) -> Iterator[str]: ...
    def newest(self, ids: Sequence[str]) -> list[str]:
        """Return those of these products that exist, the most recently added first."""
        ...

    def products(self, ids: Sequence[str]) -> dict[str, Product]: ...
    def page(self, after: str, limit: int) -> list[Product]:
        """Return products in the order of their ids, starting after one id."""
        ...

    def all_products(self) -> Iterator[Product]:
        """Yield every product in the order of their ids, one page at a time."""
        ...

    def photo(self, photo_id: str) -> StoredPhoto | None: ...
    def stored_photos(self, ids: Sequence[str]) -> dict[str, StoredPhoto]: ...
    def large_photos(self, ids: Sequence[str]) -> dict[str, bytes]:
        """The photos of these ids that are also kept in a size to zoom, as JPEG."""
        ...

    def photo_storage(self) -> PhotoStorage:
        """How many bytes the photos take."""
        ...

    def image_vectors(self, space: str, photos: Sequence[str]) -> dict[str, bytes]: ...
    def text_vectors(self, space: str, products: Sequence[str]) -> dict[str, tuple[str, bytes]]: ...
    def photos_without(self, space: str, limit: int) -> list[str]:
        """Return photos of products that have no vector in a space yet."""
        ...

    def products_without(self, space: str, limit: int) -> list[str]:
        """Return products that have no text vector in a space yet."""
        ...

    def put_vectors(self, batch: Batch) -> None:
        """Store vectors of a space that is not searched yet; the revision stays the same."""
        ...

    def verify(self) -> VerifyReport:
        """Compare every row with its checksum. Damaged rows are marked and ignored from then on."""
        ...

    def drop_space(self, space: str) -> None: ...

    def with_code(self, code: str, limit: int) -> list[str]:
        """Return products with an identifier: their id, SKU, GTIN or similar."""
        ...

    def with_words(self, text: str, limit: int) -> list[str]:
        """Return products that contain all words of a text, the best match first."""
        ...

    def settings(self) -> dict[str, str]: ...
    def put_settings(self, values: Mapping[str, str | None], at: int | None = None) -> int | None:
        """Set or delete settings in one transaction and return its revision.

        With `at`, the change applies only if nothing was written since that revision; otherwise returns None.
        """
        ...

    def fit(self, space: str) -> bytes | None:
        """Return what was fitted to the catalog for a space, such as a projection."""
        ...

    def put_fit(self, space: str, data: bytes) -> None: ...

    def writing(self, what: str) -> AbstractContextManager[None]:
        """Show other processes what this one writes, for the duration of the block."""
        ...
