"""A catalogue in PostgreSQL: pooled connections, words as tsvector, one writer at a time."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from lookalike.database.events import EventRows
from lookalike.database.migrations import migrate, pending
from lookalike.database.rows import RowsDatabase
from lookalike.errors import DatabaseBroken, DatabaseBusy, ExtraMissing, LookalikeError

if TYPE_CHECKING:
    import psycopg

    from lookalike.database.session import Session

MIGRATING = 7_256_214
STREAMED = 2000
SCHEMA = {
    "key": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    "integer": "BIGINT",
    # In the order of their bytes, as everywhere else.
    "text": 'TEXT COLLATE "C"',
    "bytes": "BYTEA",
    "real": "DOUBLE PRECISION",
    "clustered": "",
    "words": "CREATE TABLE words (product BIGINT PRIMARY KEY REFERENCES products (number) ON DELETE CASCADE, "
    "document TSVECTOR NOT NULL); CREATE INDEX words_by_document ON words USING gin (document)",
}


class PostgresSession:
    """One connection of the pool, as statements."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection

    def rows(self, sql: str, bindings: Sequence[Any] = ()) -> list[Any]:
        """All rows of a statement, as tuples."""
        cursor = self.connection.execute(_placed(sql), bindings)
        return cursor.fetchall() if cursor.description else []

    def stream(self, sql: str, bindings: Sequence[Any] = ()) -> Iterator[Any]:
        """The rows of a statement one after the other, fetched from the server a few at a time."""
        with self.connection.cursor("stream") as cursor:
            cursor.itersize = STREAMED
            cursor.execute(_placed(sql), bindings)
            yield from cursor

    def many(self, sql: str, bindings: Iterable[Sequence[Any]]) -> None:
        """One statement for each set of values."""
        with self.connection.cursor() as cursor:
            cursor.executemany(_placed(sql), list(bindings))


class PostgresConnections:
    """A pool of connections to one server."""

    def __init__(self, url: str, timeout: float = 10.0) -> None:
        try:
            import psycopg
            from psycopg_pool import ConnectionPool, PoolTimeout
        except ImportError as error:
            raise ExtraMissing("PostgreSQL needs an extra: pip install 'lookalike[postgres]'.") from error
        self._psycopg = psycopg
        self._timed_out = PoolTimeout
        self._url = url
        with self.translated():
            # A pool tries for ever; the first connection says at once what is wrong.
            psycopg.connect(url, connect_timeout=int(timeout)).close()
            self._pool: ConnectionPool[psycopg.Connection[Any]] = ConnectionPool(
                url,
                min_size=1,
                max_size=16,
                timeout=timeout,
                check=ConnectionPool.check_connection,
                open=True,
            )
        with self.translated():
            self._migrate()

    def _migrate(self) -> None:
        with self.read() as session:
            begun = session.rows("SELECT to_regclass('migrations')")[0][0]
            if begun and not pending(session, self.url):
                return
        with self.write() as session:
            # Of several programs that start at once, one migrates and the others find it done.
            session.rows("SELECT pg_advisory_xact_lock(?)", (MIGRATING,))
            session.rows("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY)")
            migrate(session, self.url, SCHEMA)

    @property
    def url(self) -> str:
        """Where the server is, without the password."""
        return re.sub(r"(://[^:/@]*):[^@]*@", r"\1@", self._url)

    @contextmanager
    def read(self) -> Generator[PostgresSession]:
        """A session to read from."""
        with self.translated(), self._pool.connection() as connection:
            yield PostgresSession(connection)

    @contextmanager
    def snapshot(self) -> Generator[PostgresSession]:
        """A session whose statements all see the same state."""
        with self.read() as session:
            session.rows("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield session

    @contextmanager
    def write(self) -> Generator[PostgresSession]:
        """A transaction that is on the disk when the block ends, or has left no trace."""
        with self.read() as session, session.connection.transaction():
            yield session

    @contextmanager
    def outside(self) -> Generator[PostgresSession]:
        """A session without a transaction, for what PostgreSQL does only so."""
        with self.translated(), self._psycopg.connect(self._url, autocommit=True) as connection:
            yield PostgresSession(connection)

    @contextmanager
    def translated(self) -> Generator[None]:
        """PostgreSQL's errors as ours, with what to do."""
        errors = self._psycopg.errors
        try:
            yield
        except LookalikeError:
            raise
        except (errors.LockNotAvailable, errors.DeadlockDetected, errors.SerializationFailure) as error:
            raise DatabaseBusy(f"{self.url} is being written by others: try again.") from error
        except (errors.InvalidPassword, errors.InvalidAuthorizationSpecification) as error:
            raise DatabaseBroken(f"{self.url} refuses this user or password: check the URL.") from error
        except errors.DiskFull as error:
            raise DatabaseBroken(f"The disk of {self.url} is full: free some space and try again.") from error
        except (self._psycopg.OperationalError, self._timed_out) as error:
            reason = str(error).strip().splitlines()
            told = reason[-1] if reason else "no answer"
            raise DatabaseBroken(
                f"{self.url} does not answer ({told}): check the URL and the server."
            ) from error

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


class TsvectorWords:
    """Full-text search by tsvector, ranked with titles first."""

    def put(self, session: Session, number: int, title: str, body: str) -> None:
        """Index the words of a product."""
        session.rows(
            "INSERT INTO words (product, document) VALUES (?, "
            "setweight(to_tsvector('simple', ?::text), 'A') || to_tsvector('simple', ?::text))",
            (number, _plain(title), _plain(body)),
        )

    def drop(self, session: Session, number: int) -> None:
        """Forget the words of a product."""
        session.rows("DELETE FROM words WHERE product = ?", (number,))

    def find(self, session: Session, text: str, limit: int) -> list[str]:
        """The ids of the products that carry all the words, the best match first."""
        plain = _plain(text)
        if not plain.strip():
            return []
        found = session.rows(
            "SELECT p.id FROM words w JOIN products p ON p.number = w.product, "
            "plainto_tsquery('simple', ?::text) asked WHERE w.document @@ asked "
            "ORDER BY ts_rank(w.document, asked) DESC, p.id LIMIT ?",
            (plain, limit),
        )
        return [id for (id,) in found]


class PostgresEraser:
    """Deletes rows, and has the server overwrite the room they took."""

    def __init__(self, connections: PostgresConnections) -> None:
        self._connections = connections

    def erase(self, session: Session, sequences: Sequence[int]) -> None:
        """Delete within the transaction."""
        session.many("DELETE FROM events WHERE sequence = ?", ((sequence,) for sequence in sequences))

    def settle(self) -> None:
        """Write the table anew without what was deleted."""
        with self._connections.outside() as session:
            session.rows("VACUUM FULL events")


def open_postgres(url: str) -> RowsDatabase:
    """The catalogue in a server's database, made where there is none."""
    connections = PostgresConnections(url)
    return RowsDatabase(connections, TsvectorWords(), EventRows(connections, PostgresEraser(connections)))


def _placed(sql: str) -> Any:
    return cast("Any", sql.replace("?", "%s"))


def _plain(text: str) -> str:
    """Words without accents and signs, so that they are found however they are written."""
    split = unicodedata.normalize("NFKD", text.replace("\0", " "))
    return re.sub(r"[^\w\s]+", " ", "".join(c for c in split if not unicodedata.combining(c)))
