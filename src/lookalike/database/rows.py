"""The rows of a catalog, in portable SQL."""

from __future__ import annotations

import json
import logging
import os
import socket
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from lookalike.database.base import (
    Batch,
    Change,
    FactsWritten,
    PhotoStorage,
    StoredEntry,
    StoredText,
    TextChanges,
    VerifyReport,
)
from lookalike.database.event_store import EventStore
from lookalike.database.jobs import JobRows
from lookalike.database.journal_rows import JournalRows
from lookalike.database.keys import KeyRows
from lookalike.database.photo_rows import large_photos, photo_storage, write_photos
from lookalike.database.product_rows import next_revision, remove_products, update_facts, write_products
from lookalike.database.session import Connections, Session, Words, marks
from lookalike.database.source_products import SourceProductRows
from lookalike.database.source_rows import SourceRows
from lookalike.database.source_runs import SourceRunRows
from lookalike.database.vector_rows import (
    intact,
    made_space,
    space_number,
    write_vectors,
)
from lookalike.database.verify import verify
from lookalike.errors import BadText, Conflict
from lookalike.media.images import StoredPhoto
from lookalike.text import nul_field
from lookalike.types import Photo, Product

PIECE = 2000
PAGE = 500
ENCODING_STATE = "made"
logger = logging.getLogger(__name__)

ENTRIES = """
    SELECT p.revision, p.id, p.family, p.facets, p.price, p.stock, f.photo, v.vector, t.vector,
        v.checksum, t.checksum, p.currency
    FROM products p
    LEFT JOIN product_photos f ON f.product = p.number
    LEFT JOIN photo_vectors v ON v.space = ? AND v.photo = f.photo
    LEFT JOIN text_vectors t ON t.space = ? AND t.product = p.number
    WHERE p.revision > ?
    ORDER BY p.revision, p.number, f.position
"""

TEXTS = """
    SELECT p.revision, p.number, p.id, p.title, p.description, p.facets, c.code
    FROM products p
    LEFT JOIN codes c ON c.product = p.number
    WHERE p.revision > ?
    ORDER BY p.revision, p.number, c.code
"""

PRODUCT = (
    "p.id, p.title, p.description, p.facets, p.price, p.currency, p.stock, p.family, p.link, p.former_price"
)


class RowsDatabase:
    """Products, photos, vectors and settings in SQL tables."""

    def __init__(self, connections: Connections, words: Words, events: EventStore) -> None:
        self.connections = connections
        self._words = words
        self.events = events
        self.jobs = JobRows(connections)
        self.journal = JournalRows(connections)
        self.keys = KeyRows(connections)
        self.sources = SourceRows(connections)
        self.source_products = SourceProductRows(connections)
        self.source_runs = SourceRunRows(connections)

    @property
    def url(self) -> str:
        """The location of the catalog."""
        return self.connections.url

    def close(self) -> None:
        """Close every connection."""
        self.connections.close()

    def revision(self) -> int:
        """The revision of the last write."""
        return int(self._one("SELECT revision FROM counter"))

    def count(self) -> int:
        """The number of products."""
        return int(self._one("SELECT count(*) FROM products"))

    def _rows(self, sql: str, bindings: Sequence[Any] = ()) -> list[Any]:
        with self.connections.read() as session:
            return session.rows(sql, bindings)

    def _one(self, sql: str, bindings: Sequence[Any] = ()) -> Any:
        return self._rows(sql, bindings)[0][0]

    def changes(self, since: int, image_space: str, text_space: str) -> Iterator[tuple[int, list[Change]]]:
        """Yield what changed after a revision, in batches, each with the revision after it.

        Only the last batch advances the revision. A reader that stops early repeats the batches, which is
        idempotent.
        """
        with self.connections.snapshot() as session:
            until = int(session.rows("SELECT revision FROM counter")[0][0])
            gone = session.rows("SELECT id FROM removed WHERE revision > ?", (since,))
            piece = [Change(id, None) for (id,) in gone]
            spaces = (space_number(session, image_space), space_number(session, text_space))
            entries = session.stream(ENTRIES, (*spaces, since))
            for _, photos in groupby(entries, key=lambda row: row[1]):
                piece.append(_change(list(photos)))
                if len(piece) >= PIECE:
                    yield since, piece
                    piece = []
        yield until, piece

    def text_changes(self, since: int) -> Iterator[TextChanges]:
        """Yield the product texts that changed after a revision, in batches like `changes`."""
        with self.connections.snapshot() as session:
            until = int(session.rows("SELECT revision FROM counter")[0][0])
            removed = [id for (id,) in session.rows("SELECT id FROM removed WHERE revision > ?", (since,))]
            texts: list[StoredText] = []
            for _, same in groupby(session.stream(TEXTS, (since,)), key=lambda row: row[1]):
                rows = list(same)
                codes = tuple(row[6] for row in rows if row[6] is not None)
                id, title, description, facets = rows[0][2:6]
                texts.append(StoredText(id, title, description, facets, codes))
                if len(texts) >= PIECE:
                    yield TextChanges(texts, removed, since)
                    texts, removed = [], []
        yield TextChanges(texts, removed, until)

    def write(self, batch: Batch) -> int:
        """Insert or replace products in one transaction and return its revision."""

        def work(session: Session) -> int:
            revision = next_revision(session)
            _check_texts(batch)
            if batch.made is not None:
                _check_made(session, batch.made)
            write_photos(session, batch.photos)
            write_products(session, self._words, batch.products, revision)
            write_vectors(session, batch)
            return revision

        return self.connections.redo(work)

    def put_vectors(self, batch: Batch) -> None:
        """Store vectors of a space that is not searched yet; the revision stays the same."""
        self.connections.redo(lambda session: write_vectors(session, batch))

    def update_facts(self, facts: Mapping[str, Mapping[str, Any]]) -> FactsWritten:
        """Set price, former price, currency, stock or link of products by id, in one transaction."""
        return self.connections.redo(lambda session: update_facts(session, facts))

    def remove(self, ids: Sequence[str]) -> int:
        """Delete products and return their number."""
        # Not retried: a second attempt would count no products if the first had deleted them.
        with self.connections.write() as session:
            return remove_products(session, self._words, ids, next_revision(session))

    def digests(self, ids: Sequence[str]) -> dict[str, bytes]:
        """Return the digests of the products' feed rows."""
        return dict(self._rows(f"SELECT id, digest FROM products WHERE id IN ({marks(ids)})", ids))

    def ids(self) -> Iterator[str]:
        """Yield all ids, in order."""
        after = ""
        while found := self._rows("SELECT id FROM products WHERE id > ? ORDER BY id LIMIT ?", (after, PIECE)):
            yield from (id for (id,) in found)
            after = found[-1][0]

    def newest(self, ids: Sequence[str]) -> list[str]:
        """Return those of these products that exist, the most recently added first."""
        numbered: list[tuple[int, str]] = []
        for start in range(0, len(ids), PIECE):
            some = ids[start : start + PIECE]
            numbered += self._rows(f"SELECT number, id FROM products WHERE id IN ({marks(some)})", some)
        return [id for _, id in sorted(numbered, reverse=True)]

    def products(self, ids: Sequence[str]) -> dict[str, Product]:
        """Return the products with these ids that exist."""
        sql = (
            f"SELECT {PRODUCT}, f.source, f.photo, s.width, s.height FROM products p "
            "LEFT JOIN product_photos f ON f.product = p.number LEFT JOIN photos s ON s.id = f.photo "
            f"WHERE p.id IN ({marks(ids)}) ORDER BY p.id, f.position"
        )
        return _shown(self._rows(sql, ids))

    def page(self, after: str, limit: int) -> list[Product]:
        """Return products in the order of their ids, starting after one id."""
        sql = (
            f"SELECT {PRODUCT}, f.source, f.photo, s.width, s.height "
            "FROM (SELECT * FROM products WHERE id > ? ORDER BY id LIMIT ?) p "
            "LEFT JOIN product_photos f ON f.product = p.number LEFT JOIN photos s ON s.id = f.photo "
            "ORDER BY p.id, f.position"
        )
        return list(_shown(self._rows(sql, (after, limit))).values())

    def all_products(self) -> Iterator[Product]:
        """Yield every product in the order of their ids; products added in the meantime may be missed."""
        after = ""
        while page := self.page(after, PAGE):
            yield from page
            after = page[-1].id

    def photo(self, photo_id: str) -> StoredPhoto | None:
        """Return a stored photo."""
        return self.stored_photos([photo_id]).get(photo_id)

    def stored_photos(self, ids: Sequence[str]) -> dict[str, StoredPhoto]:
        """Return the stored photos of these ids that exist and are intact."""
        found = self._rows(
            f"SELECT id, data, media_type, width, height, checksum FROM photos WHERE id IN ({marks(ids)})",
            ids,
        )
        return {row[0]: StoredPhoto(*row[:5]) for row in found if intact(row[1], row[5], f"photo {row[0]}")}

    def large_photos(self, ids: Sequence[str]) -> dict[str, bytes]:
        """The photos of these ids that are also kept in a size to zoom, as JPEG."""
        with self.connections.read() as session:
            return large_photos(session, ids)

    def photo_storage(self) -> PhotoStorage:
        """How many bytes the photos take."""
        with self.connections.read() as session:
            return photo_storage(session)

    def image_vectors(self, space: str, photos: Sequence[str]) -> dict[str, bytes]:
        """Return the vectors of photos in a space."""
        sql = (
            "SELECT photo, vector, checksum FROM photo_vectors "
            f"WHERE space = ? AND photo IN ({marks(photos)})"
        )
        with self.connections.read() as session:
            number = space_number(session, space)
        found = self._rows(sql, (number, *photos))
        return {id: row for id, row, known in found if intact(row, known, f"the vector of photo {id}")}

    def text_vectors(self, space: str, products: Sequence[str]) -> dict[str, tuple[str, bytes]]:
        """Return the text vectors of products in a space, with the digest of the text."""
        sql = (
            "SELECT p.id, t.text, t.vector, t.checksum FROM products p "
            "JOIN text_vectors t ON t.product = p.number "
            f"WHERE t.space = ? AND p.id IN ({marks(products)})"
        )
        with self.connections.read() as session:
            number = space_number(session, space)
        found = self._rows(sql, (number, *products))
        return {
            id: (text, row)
            for id, text, row, known in found
            if intact(row, known, f"the text vector of product {id}")
        }

    def photos_without(self, space: str, limit: int) -> list[str]:
        """Return photos of products that have no vector in a space yet."""
        with self.connections.read() as session:
            number = space_number(session, space)
        found = self._rows(
            "SELECT id FROM photos p WHERE NOT EXISTS "
            "(SELECT 1 FROM photo_vectors v WHERE v.space = ? AND v.photo = p.id) ORDER BY id LIMIT ?",
            (number, limit),
        )
        return [id for (id,) in found]

    def products_without(self, space: str, limit: int) -> list[str]:
        """Return products that have no text vector in a space yet."""
        with self.connections.read() as session:
            number = space_number(session, space)
        found = self._rows(
            "SELECT id FROM products p WHERE NOT EXISTS "
            "(SELECT 1 FROM text_vectors t WHERE t.space = ? AND t.product = p.number) "
            "ORDER BY number LIMIT ?",
            (number, limit),
        )
        return [id for (id,) in found]

    def verify(self) -> VerifyReport:
        """Compare every row with its checksum. Damaged rows are marked and ignored from then on."""
        return verify(self.connections)

    def drop_space(self, space: str) -> None:
        """Delete a space with all its vectors."""

        def work(session: Session) -> None:
            number = space_number(session, space)
            session.rows("DELETE FROM photo_vectors WHERE space = ?", (number,))
            session.rows("DELETE FROM text_vectors WHERE space = ?", (number,))
            session.rows("DELETE FROM spaces WHERE number = ?", (number,))

        self.connections.redo(work)

    def with_code(self, code: str, limit: int) -> list[str]:
        """Return products with an identifier: their id, SKU, GTIN or similar."""
        found = self._rows(
            "SELECT p.id FROM codes c JOIN products p ON p.number = c.product WHERE c.code = ? LIMIT ?",
            (code.strip().casefold(), limit),
        )
        return [id for (id,) in found]

    def with_words(self, text: str, limit: int) -> list[str]:
        """Return products that contain all words of a text, the best match first."""
        with self.connections.read() as session:
            return self._words.find(session, text, limit)

    def settings(self) -> dict[str, str]:
        """Return all settings."""
        return dict(self._rows("SELECT name, value FROM settings"))

    def put_settings(self, values: Mapping[str, str | None], at: int | None = None) -> int | None:
        """Set or delete settings in one transaction and return its revision.

        With `at`, the change applies only if nothing was written since that revision; otherwise returns None.
        """
        with self.connections.write() as session:
            # Locks the counter, so that no write happens between the check and the change.
            revision = next_revision(session)
            if at is not None and revision != at + 1:
                session.rows("UPDATE counter SET revision = revision - 1")
                return None
            for name, value in values.items():
                session.rows("DELETE FROM settings WHERE name = ?", (name,))
                if value is not None:
                    session.rows("INSERT INTO settings (name, value) VALUES (?, ?)", (name, value))
            return revision

    def fit(self, space: str) -> bytes | None:
        """Return what was fitted to the catalog for a space, such as a projection."""
        found = self._rows("SELECT fit FROM spaces WHERE name = ?", (space,))
        return found[0][0] if found else None

    def put_fit(self, space: str, data: bytes) -> None:
        """Store what was fitted to the catalog for a space."""

        def work(session: Session) -> None:
            number = made_space(session, space)
            session.rows("UPDATE spaces SET fit = ? WHERE number = ?", (data, number))

        self.connections.redo(work)

    @contextmanager
    def writing(self, what: str) -> Generator[None]:
        """Show other processes what this one writes, for the duration of the block."""
        me = (socket.gethostname(), os.getpid())

        def leave(session: Session) -> None:
            session.rows("DELETE FROM writers WHERE host = ? AND pid = ?", me)

        def enter(session: Session) -> None:
            leave(session)
            since = datetime.now(UTC).isoformat(timespec="seconds")
            session.rows(
                "INSERT INTO writers (host, pid, what, since) VALUES (?, ?, ?, ?)", (*me, what, since)
            )

        self.connections.redo(enter)
        try:
            yield
        finally:
            self.connections.redo(leave)


def _check_made(session: Session, made: str) -> None:
    if session.rows("SELECT value FROM settings WHERE name = ?", (ENCODING_STATE,)) != [(made,)]:
        raise Conflict("The catalog was switched to another encoder in the meantime. Run the import again.")


def _shown(lines: list[Any]) -> dict[str, Product]:
    """Group rows, one per photo, into products by id."""
    products: dict[str, Product] = {}
    for id, same in groupby(lines, key=lambda line: line[0]):
        shown = list(same)
        try:
            facets = _facets(shown[0][3])
        except ValueError:
            logger.warning("Product %s is damaged and ignored. Run `lookalike check`.", id)
            continue
        _, title, description, _, price, currency, stock, group, link, former = shown[0][:10]
        photos = tuple(Photo(line[10], None, *line[11:14]) for line in shown if line[11] is not None)
        facts = (id, title, description, facets, price, currency, stock, group, link)
        products[id] = Product(*facts, photos, former)
    return products


def _facets(text: str) -> dict[str, Any]:
    facets = json.loads(text)
    if "[" in text:
        return {key: tuple(value) if isinstance(value, list) else value for key, value in facets.items()}
    return facets


def _change(lines: list[Any]) -> Change:
    _, id, group, facets, price, stock, _, _, text, _, text_sum, currency = lines[0]
    shown = [line for line in lines if line[6] is not None]
    photos = tuple(line[6] for line in shown)
    images = tuple(intact(line[7], line[9], f"the vector of photo {line[6]}") for line in shown)
    text = intact(text, text_sum, f"the text vector of product {id}")
    return Change(id, StoredEntry(id, group, facets, price, stock, photos, images, text, currency))


def _check_texts(batch: Batch) -> None:
    for written in batch.products:
        if field := nul_field(written.product):
            raise BadText(
                f"The field '{field}' of {written.product.id!r} contains a NUL character. Remove it."
            )
