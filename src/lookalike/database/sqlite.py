"""A catalogue as one SQLite file."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, cast

import apsw

from lookalike.database.connections import Connections, rows
from lookalike.database.contract import Batch, Change, StoredEntry, Written
from lookalike.database.events import SqliteEvents
from lookalike.errors import Conflict
from lookalike.images import StoredPhoto
from lookalike.records import Photo, Product

PIECE = 2000

ENTRIES = """
    SELECT p.revision, p.id, p.family, p.facets, p.price, p.stock, f.photo, v.vector, t.vector
    FROM products p
    LEFT JOIN product_photos f ON f.product = p.number
    LEFT JOIN photo_vectors v ON v.space = :image AND v.photo = f.photo
    LEFT JOIN text_vectors t ON t.space = :text AND t.product = p.number
    WHERE p.revision > :since AND p.revision <= :until
    ORDER BY p.revision, p.number, f.position
"""

PRODUCT = "id, title, description, facets, price, currency, stock, family, link, number"


class SqliteDatabase:
    """Products, photos, vectors and settings in one file that several processes may share."""

    def __init__(self, path: str) -> None:
        self._connections = Connections(path)
        self._spaces: dict[str, int] = {}
        self.events = SqliteEvents(self._connections)

    @property
    def url(self) -> str:
        """The name of the file."""
        return self._connections.path

    def close(self) -> None:
        """Close the file."""
        self._connections.close()

    def revision(self) -> int:
        """The number of the last write."""
        return int(self._one("SELECT revision FROM counter"))

    def count(self) -> int:
        """How many products there are."""
        return int(self._one("SELECT count(*) FROM products"))

    def _rows(self, sql: str, bindings: Sequence[Any] = ()) -> list[Any]:
        with self._connections.read() as connection:
            return rows(connection, sql, bindings)

    def _one(self, sql: str, bindings: Sequence[Any] = ()) -> Any:
        return self._rows(sql, bindings)[0][0]

    def changes(self, since: int, image_space: str, text_space: str) -> Iterator[tuple[int, list[Change]]]:
        """What changed after a revision, in pieces; each comes with the revision it brings a follower to.

        Only the last piece moves a follower on: a follower that stops in the middle asks again from
        where it was, and takes in twice what it has already, which changes nothing.
        """
        with self._connections.read() as connection:
            connection.execute("BEGIN")
            try:
                until = rows(connection, "SELECT revision FROM counter")[0][0]
                gone = rows(connection, "SELECT id FROM removed WHERE revision > ?", (since,))
                piece = [Change(id, None) for (id,) in gone]
                spaces = {
                    "image": self._space(connection, image_space),
                    "text": self._space(connection, text_space),
                }
                entries = connection.execute(ENTRIES, {**spaces, "since": since, "until": until})
                for _, photos in groupby(cast("Iterator[Any]", entries), key=lambda row: row[1]):
                    piece.append(_change(list(photos)))
                    if len(piece) >= PIECE:
                        yield since, piece
                        piece = []
            finally:
                connection.execute("COMMIT")
        yield until, piece

    def _space(self, connection: apsw.Connection, name: str) -> int:
        number = self._spaces.get(name)
        if number is None:
            found = rows(connection, "SELECT number FROM spaces WHERE name = ?", (name,))
            if not found:
                return -1
            number = self._spaces[name] = int(found[0][0])
        return number

    def _made_space(self, connection: apsw.Connection, name: str) -> int:
        connection.execute("INSERT INTO spaces (name) VALUES (?) ON CONFLICT DO NOTHING", (name,))
        return int(rows(connection, "SELECT number FROM spaces WHERE name = ?", (name,))[0][0])

    def write(self, batch: Batch) -> int:
        """Insert or replace products in one transaction and return its revision."""
        with self._connections.write() as connection:
            if batch.made is not None:
                _check_made(connection, batch.made)
            revision = _next_revision(connection)
            for photo in batch.photos:
                connection.execute(
                    "INSERT INTO photos VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                    (photo.id, photo.data, photo.media_type, photo.width, photo.height),
                )
            for written in batch.products:
                _write_product(connection, written, revision)
            self._write_vectors(connection, batch)
        return revision

    def put_vectors(self, batch: Batch) -> None:
        """Store vectors of a space that is not searched yet; no revision passes."""
        with self._connections.write() as connection:
            self._write_vectors(connection, batch)

    def _write_vectors(self, connection: apsw.Connection, batch: Batch) -> None:
        if batch.image_vectors:
            space = self._made_space(connection, batch.image_space)
            connection.executemany(
                "INSERT INTO photo_vectors (space, photo, vector) SELECT ?, id, ? FROM photos WHERE id = ? "
                "ON CONFLICT (space, photo) DO UPDATE SET vector = excluded.vector",
                ((space, vector, photo) for photo, vector in batch.image_vectors.items()),
            )
        if batch.text_vectors:
            space = self._made_space(connection, batch.text_space)
            connection.executemany(
                "INSERT INTO text_vectors (space, product, text, vector) "
                "SELECT ?, number, ?, ? FROM products WHERE id = ? "
                "ON CONFLICT (space, product) DO UPDATE SET text = excluded.text, vector = excluded.vector",
                ((space, text, vector, product) for product, (text, vector) in batch.text_vectors.items()),
            )

    def remove(self, ids: Sequence[str]) -> int:
        """Delete products; returns how many there were."""
        with self._connections.write() as connection:
            known = [
                (number, id)
                for id in ids
                for (number,) in rows(connection, "SELECT number FROM products WHERE id = ?", (id,))
            ]
            if not known:
                return 0
            revision = _next_revision(connection)
            for number, id in known:
                photos = _photos_of(connection, number)
                connection.execute("DELETE FROM words WHERE rowid = ?", (number,))
                connection.execute("DELETE FROM products WHERE number = ?", (number,))
                connection.execute("INSERT OR REPLACE INTO removed VALUES (?, ?)", (id, revision))
                _forget_photos(connection, photos)
        return len(known)

    def digests(self, ids: Sequence[str]) -> dict[str, bytes]:
        """The digests of the feed rows that products came from."""
        return dict(self._rows(f"SELECT id, digest FROM products WHERE id IN ({_marks(ids)})", ids))

    def ids(self) -> Iterator[str]:
        """All ids, in order."""
        after = ""
        while found := self._rows("SELECT id FROM products WHERE id > ? ORDER BY id LIMIT ?", (after, PIECE)):
            yield from (id for (id,) in found)
            after = found[-1][0]

    def products(self, ids: Sequence[str]) -> dict[str, Product]:
        """The products of these ids that exist."""
        found = self._rows(f"SELECT {PRODUCT} FROM products WHERE id IN ({_marks(ids)})", ids)
        return {product.id: product for product in self._with_photos(found)}

    def page(self, after: str, limit: int) -> list[Product]:
        """Products in the order of their ids, those after one id."""
        found = self._rows(f"SELECT {PRODUCT} FROM products WHERE id > ? ORDER BY id LIMIT ?", (after, limit))
        return self._with_photos(found)

    def _with_photos(self, found: list[Any]) -> list[Product]:
        numbers = [row[9] for row in found]
        photos: dict[int, list[Photo]] = {number: [] for number in numbers}
        shown = self._rows(
            "SELECT f.product, f.source, f.photo, p.width, p.height FROM product_photos f "
            f"JOIN photos p ON p.id = f.photo WHERE f.product IN ({_marks(numbers)}) "
            "ORDER BY f.product, f.position",
            numbers,
        )
        for number, source, id, width, height in shown:
            photos[number].append(Photo(source, None, id, width, height))
        return [
            Product(
                id=row[0],
                title=row[1],
                description=row[2],
                facets=_facets(row[3]),
                price=row[4],
                currency=row[5],
                stock=row[6],
                group=row[7],
                link=row[8],
                photos=tuple(photos[row[9]]),
            )
            for row in found
        ]

    def photo(self, photo_id: str) -> StoredPhoto | None:
        """One stored photo."""
        return self.stored_photos([photo_id]).get(photo_id)

    def stored_photos(self, ids: Sequence[str]) -> dict[str, StoredPhoto]:
        """The stored photos of these ids that exist."""
        found = self._rows(
            f"SELECT id, data, media_type, width, height FROM photos WHERE id IN ({_marks(ids)})", ids
        )
        return {row[0]: StoredPhoto(*row) for row in found}

    def image_vectors(self, space: str, photos: Sequence[str]) -> dict[str, bytes]:
        """The vectors that photos have in a space."""
        sql = f"SELECT photo, vector FROM photo_vectors WHERE space = ? AND photo IN ({_marks(photos)})"
        with self._connections.read() as connection:
            number = self._space(connection, space)
        return dict(self._rows(sql, (number, *photos)))

    def text_vectors(self, space: str, products: Sequence[str]) -> dict[str, tuple[str, bytes]]:
        """The vectors that products' words have in a space, with the digest of the words."""
        sql = (
            "SELECT p.id, t.text, t.vector FROM products p JOIN text_vectors t ON t.product = p.number "
            f"WHERE t.space = ? AND p.id IN ({_marks(products)})"
        )
        with self._connections.read() as connection:
            number = self._space(connection, space)
        return {id: (text, vector) for id, text, vector in self._rows(sql, (number, *products))}

    def photos_without(self, space: str, limit: int) -> list[str]:
        """Photos in use that have no vector in a space yet."""
        with self._connections.read() as connection:
            number = self._space(connection, space)
        found = self._rows(
            "SELECT id FROM photos p WHERE NOT EXISTS "
            "(SELECT 1 FROM photo_vectors v WHERE v.space = ? AND v.photo = p.id) ORDER BY id LIMIT ?",
            (number, limit),
        )
        return [id for (id,) in found]

    def products_without(self, space: str, limit: int) -> list[str]:
        """Products that have no text vector in a space yet."""
        with self._connections.read() as connection:
            number = self._space(connection, space)
        found = self._rows(
            "SELECT id FROM products p WHERE NOT EXISTS "
            "(SELECT 1 FROM text_vectors t WHERE t.space = ? AND t.product = p.number) "
            "ORDER BY number LIMIT ?",
            (number, limit),
        )
        return [id for (id,) in found]

    def drop_space(self, space: str) -> None:
        """Delete a space and every vector in it."""
        with self._connections.write() as connection:
            number = self._space(connection, space)
            connection.execute("DELETE FROM photo_vectors WHERE space = ?", (number,))
            connection.execute("DELETE FROM text_vectors WHERE space = ?", (number,))
            connection.execute("DELETE FROM spaces WHERE number = ?", (number,))
        self._spaces.pop(space, None)

    def with_code(self, code: str, limit: int) -> list[str]:
        """Products that carry an identifier: their id, SKU, GTIN and the like."""
        found = self._rows(
            "SELECT p.id FROM codes c JOIN products p ON p.number = c.product WHERE c.code = ? LIMIT ?",
            (code.strip().casefold(), limit),
        )
        return [id for (id,) in found]

    def with_words(self, text: str, limit: int) -> list[str]:
        """Products that carry all the words of a text, the best match first."""
        terms = ["".join(c for c in word if c.isalnum() or ord(c) > 127) for word in text.split()]
        query = " ".join(f'"{term}"' for term in terms[:64] if term)
        if not query:
            return []
        found = self._rows(
            "SELECT p.id FROM words w JOIN products p ON p.number = w.rowid "
            "WHERE words MATCH ? ORDER BY bm25(words, 4.0, 1.0) LIMIT ?",
            (query, limit),
        )
        return [id for (id,) in found]

    def settings(self) -> dict[str, str]:
        """Everything that is set."""
        return dict(self._rows("SELECT name, value FROM settings"))

    def put_settings(self, values: Mapping[str, str | None], at: int | None = None) -> int | None:
        """Set or delete settings in one transaction and return its revision.

        With `at`, only if nothing was written since that revision; None says that something was.
        """
        with self._connections.write() as connection:
            if at is not None and rows(connection, "SELECT revision FROM counter")[0][0] != at:
                return None
            for name, value in values.items():
                if value is None:
                    connection.execute("DELETE FROM settings WHERE name = ?", (name,))
                else:
                    connection.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))
            return _next_revision(connection)

    def fit(self, space: str) -> bytes | None:
        """What was learned from the catalogue to make a space."""
        found = self._rows("SELECT fit FROM spaces WHERE name = ?", (space,))
        return found[0][0] if found else None

    def put_fit(self, space: str, data: bytes) -> None:
        """Keep what was learned from the catalogue to make a space."""
        with self._connections.write() as connection:
            number = self._made_space(connection, space)
            connection.execute("UPDATE spaces SET fit = ? WHERE number = ?", (data, number))

    @contextmanager
    def writing(self, what: str) -> Generator[None]:
        """Say to other processes what this one writes, for as long as the block runs."""
        me = (socket.gethostname(), os.getpid())
        with self._connections.write() as connection:
            since = datetime.now(UTC).isoformat(timespec="seconds")
            connection.execute("INSERT OR REPLACE INTO writers VALUES (?, ?, ?, ?)", (*me, what, since))
        try:
            yield
        finally:
            with self._connections.write() as connection:
                connection.execute("DELETE FROM writers WHERE host = ? AND pid = ?", me)


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))


def _check_made(connection: apsw.Connection, made: str) -> None:
    if rows(connection, "SELECT value FROM settings WHERE name = 'made'") != [(made,)]:
        raise Conflict("The catalogue was switched to another encoder meanwhile: run the import again.")


def _next_revision(connection: apsw.Connection) -> int:
    return int(rows(connection, "UPDATE counter SET revision = revision + 1 RETURNING revision")[0][0])


def _write_product(connection: apsw.Connection, written: Written, revision: int) -> None:
    product = written.product
    row = (
        product.title,
        product.description,
        json.dumps(product.facets, ensure_ascii=False),
        product.price,
        product.currency,
        product.stock,
        product.group,
        product.link,
        written.digest,
        revision,
    )
    known = rows(connection, "SELECT number FROM products WHERE id = ?", (product.id,))
    dropped: list[str] = []
    if known:
        number = int(known[0][0])
        connection.execute(
            "UPDATE products SET title = ?, description = ?, facets = ?, price = ?, currency = ?, stock = ?, "
            "family = ?, link = ?, digest = ?, revision = ? WHERE number = ?",
            (*row, number),
        )
        dropped = _photos_of(connection, number)
        connection.execute("DELETE FROM product_photos WHERE product = ?", (number,))
        connection.execute("DELETE FROM codes WHERE product = ?", (number,))
        connection.execute("DELETE FROM words WHERE rowid = ?", (number,))
    else:
        connection.execute(
            "INSERT INTO products (id, title, description, facets, price, currency, stock, family, link, "
            "digest, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (product.id, *row),
        )
        number = connection.last_insert_rowid()
        connection.execute("DELETE FROM removed WHERE id = ?", (product.id,))
    connection.executemany(
        "INSERT INTO product_photos VALUES (?, ?, ?, ?)",
        ((number, position, photo.id, photo.source) for position, photo in enumerate(product.photos)),
    )
    connection.executemany(
        "INSERT INTO codes VALUES (?, ?) ON CONFLICT DO NOTHING", ((code, number) for code in written.codes)
    )
    connection.execute(
        "INSERT INTO words (rowid, title, body) VALUES (?, ?, ?)", (number, product.title, written.words)
    )
    _forget_photos(connection, dropped)


def _photos_of(connection: apsw.Connection, number: int) -> list[str]:
    return [
        id for (id,) in connection.execute("SELECT photo FROM product_photos WHERE product = ?", (number,))
    ]


def _forget_photos(connection: apsw.Connection, photos: list[str]) -> None:
    """Delete the photos that no product shows any more, their vectors with them."""
    connection.executemany(
        "DELETE FROM photos WHERE id = ? "
        "AND NOT EXISTS (SELECT 1 FROM product_photos WHERE photo = photos.id)",
        ((photo,) for photo in photos),
    )


def _facets(text: str) -> dict[str, Any]:
    return {
        key: tuple(value) if isinstance(value, list) else value for key, value in json.loads(text).items()
    }


def _change(lines: list[Any]) -> Change:
    _, id, group, facets, price, stock, _, _, text = lines[0]
    photos = tuple(line[6] for line in lines if line[6] is not None)
    images = tuple(line[7] for line in lines if line[6] is not None)
    return Change(id, StoredEntry(id, group, facets, price, stock, photos, images, text))
