"""A catalog in PostgreSQL: pooled connections, full-text search with tsvector, one writer at a time."""

from __future__ import annotations

import math
import random
import re
import time
import unicodedata
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from lookalike.database.events import EventRows
from lookalike.database.migrations import migrate, pending
from lookalike.database.patience import Patience
from lookalike.database.pool import Pool
from lookalike.database.rows import RowsDatabase
from lookalike.database.session import NUL, Reader, Session, T, marks
from lookalike.errors import (
    BadText,
    DatabaseBroken,
    DatabaseBusy,
    ExtraMissing,
    LookalikeError,
    UsageError,
    install_command,
)
from lookalike.settings import settings

if TYPE_CHECKING:
    import psycopg

MIGRATING = 7_256_214
STREAMED = 2000
# Seconds to wait for an unavailable server, enough for a restart; after them, callers fail at once.
PATIENCE = 10.0
SHORTEST_PAUSE, LONGEST_PAUSE = 0.02, 1.0
# Transient errors: a conflicting transaction, or a server that stops, starts or cannot be reached.
PASSING = frozenset({"40001", "40P01", "57P01", "57P02", "57P03", "08000", "08003", "08006", None})
# Detect a network that drops packets; settings in the URL take precedence.
DETAILS = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
    "fallback_application_name": "lookalike",
}
SCHEMA_NAME = re.compile(r"[A-Za-z0-9_-]{1,63}")
SCHEMA = {
    "key": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    "integer": "BIGINT",
    # Text sorts in byte order, as in SQLite.
    "text": 'TEXT COLLATE "C"',
    "bytes": "BYTEA",
    "real": "DOUBLE PRECISION",
    "clustered": "",
    "words": "CREATE TABLE words (product BIGINT PRIMARY KEY REFERENCES products (number) ON DELETE CASCADE, "
    "document TSVECTOR NOT NULL); CREATE INDEX words_by_document ON words USING gin (document)",
}


class PostgresSession:
    """A session on one connection of the pool."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection

    def rows(self, sql: str, bindings: Sequence[Any] = ()) -> list[Any]:
        """Return all rows of a statement, as tuples."""
        cursor = self.connection.execute(_placed(sql), bindings)
        return cursor.fetchall() if cursor.description else []

    def stream(self, sql: str, bindings: Sequence[Any] = ()) -> Iterator[Any]:
        """Yield the rows of a statement, fetched from the server in batches."""
        with self.connection.cursor("stream", binary=True) as cursor:
            cursor.itersize = STREAMED
            cursor.execute(_placed(sql), bindings)
            yield from cursor

    def many(self, sql: str, bindings: Iterable[Sequence[Any]]) -> None:
        """Execute a statement for each set of values, pipelined."""
        with self.connection.cursor() as cursor:
            cursor.executemany(_placed(sql), bindings)


class PostgresReader:
    """Read-only statements: each borrows a connection, and another if that one is lost."""

    def __init__(self, connections: PostgresConnections) -> None:
        self._connections = connections

    def rows(self, sql: str, bindings: Sequence[Any] = ()) -> list[Any]:
        """Return all rows of a statement, as tuples."""
        return self._connections.patiently(lambda: self._connections.rows(sql, bindings))


class PostgresConnections:
    """A pool of connections to one server."""

    def __init__(self, url: str, patience: float = PATIENCE) -> None:
        """`url` is a libpq URL; `schema=NAME` in it selects the schema of the tables."""
        try:
            import psycopg
            from psycopg.conninfo import conninfo_to_dict, make_conninfo
        except ImportError as error:
            raise ExtraMissing(f"PostgreSQL needs an extra: {install_command('postgres')}.") from error
        self._psycopg = psycopg
        self._lost = psycopg.OperationalError
        self._url = url
        try:
            plain, schema = _without_schema(url)
            asked = conninfo_to_dict(plain)
            if schema:
                asked["options"] = f'{asked.get("options", "")} -c search_path="{schema}"'.strip()
            self._details = make_conninfo("", **{**DETAILS, **asked})
        except psycopg.ProgrammingError as error:
            raise UsageError(
                f"Invalid URL {self.url} ({_reason(error)}). Write postgresql://USER@HOST:PORT/DATABASE."
            ) from error
        hosts = f"{asked.get('host', '')}{asked.get('hostaddr', '')}"
        self._has_standby = "," in hosts and "target_session_attrs" not in asked
        self._pool = Pool(self._connected, settings().connections, patience)
        # No retries at the start: a wrong URL stays wrong.
        self._for_answers = Patience(patience, since=-math.inf)
        self._for_writes = Patience(patience)

    def _connected(self) -> psycopg.Connection[Any]:
        """Connect to the server that writes or, if none does at present, to a standby."""
        if self._has_standby:
            with suppress(self._lost):
                return self._psycopg.connect(
                    self._details, autocommit=True, target_session_attrs="read-write"
                )
        return self._psycopg.connect(self._details, autocommit=True)

    def migrate(self) -> None:
        """Create or migrate the tables."""
        with self.translated():
            self._migrate()

    def _migrate(self) -> None:
        with self.read() as reader:
            begun = reader.rows("SELECT to_regclass('migrations')")[0][0]
            if begun and not pending(reader, self.url):
                return
        with self.write() as session:
            # If several programs start at once, one migrates and the others wait.
            session.rows("SELECT pg_advisory_xact_lock(?)", (MIGRATING,))
            session.rows("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY)")
            migrate(session, self.url, SCHEMA)

    @property
    def url(self) -> str:
        """The URL of the server, without the password."""
        return re.sub(r"(://[^:/@]*):[^@]*@", r"\1@", re.sub(r"password=[^&\s]*", "password=", self._url))

    @property
    def clock(self) -> str:
        """The server's time in seconds, as an SQL expression."""
        return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS DOUBLE PRECISION)"

    def rows(self, sql: str, bindings: Sequence[Any]) -> list[Any]:
        """Return all rows of one statement on a connection of its own."""
        with self._pool.lent() as connection:
            return PostgresSession(connection).rows(sql, bindings)

    @contextmanager
    def read(self) -> Generator[PostgresReader]:
        """The session for reads."""
        yield PostgresReader(self)

    @contextmanager
    def snapshot(self) -> Generator[PostgresSession]:
        """A session in which all statements see the same snapshot."""
        with self.write() as session:
            session.rows("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield session

    @contextmanager
    def write(self) -> Generator[PostgresSession]:
        """A transaction: committed durably at the end of the block, or rolled back."""
        with self.translated(), self._transaction() as session:
            yield session

    @contextmanager
    def _transaction(self) -> Generator[PostgresSession]:
        with self._pool.lent() as connection:
            try:
                with connection.transaction():
                    yield PostgresSession(connection)
            except self._psycopg.errors.ReadOnlySqlTransaction:
                # A standby: the next connection may find the server that writes.
                connection.close()
                raise

    def redo(self, work: Callable[[Session], T]) -> T:
        """Run an idempotent transaction, retrying it after transient errors."""

        def attempt() -> T:
            with self._transaction() as session:
                return work(session)

        return self._patiently(attempt, self._for_writes)

    def patiently(self, attempt: Callable[[], T]) -> T:
        """Run a read, retrying it if the connection is lost."""
        return self._patiently(attempt, self._for_answers)

    def _patiently(self, attempt: Callable[[], T], patience: Patience) -> T:
        """Run an operation, retrying it after conflicts and lost connections."""
        pause = SHORTEST_PAUSE
        with self.translated():
            while True:
                try:
                    result = attempt()
                except self._lost as error:
                    if not _passes(error) or patience.ended():
                        raise
                except self._psycopg.errors.ReadOnlySqlTransaction:
                    # A standby that is promoted will accept the write.
                    if not self._has_standby or patience.ended():
                        raise
                else:
                    patience.found()
                    return result
                # Random, so that conflicting transactions do not conflict again.
                time.sleep(pause * random.uniform(0.5, 1))
                pause = min(2 * pause, LONGEST_PAUSE)

    @contextmanager
    def outside(self) -> Generator[PostgresSession]:
        """A session in autocommit mode, for statements that PostgreSQL refuses in a transaction."""
        with self.translated(), self._pool.lent() as connection:
            yield PostgresSession(connection)

    @contextmanager
    def translated(self) -> Generator[None]:
        """Translate PostgreSQL's errors, with what to do about them."""
        errors = self._psycopg.errors
        try:
            yield
        except LookalikeError:
            raise
        except (errors.LockNotAvailable, errors.DeadlockDetected, errors.SerializationFailure) as error:
            raise DatabaseBusy(f"{self.url} is being written by others: try again.") from error
        except errors.ReadOnlySqlTransaction as error:
            raise DatabaseBroken(
                f"{self.url} is a read-only standby. Try again when it is promoted "
                "or the primary server is back."
            ) from error
        except self._psycopg.DataError as error:
            if "NUL" in str(error):
                raise BadText(NUL) from error
            raise
        except errors.DiskFull as error:
            raise DatabaseBroken(
                f"The disk of {self.url} is full. Free some space there. Searches continue to work."
            ) from error
        except errors.InsufficientPrivilege as error:
            raise DatabaseBroken(
                f"This user lacks a permission on {self.url} ({_reason(error)}). "
                "Grant it, or connect as the owner of the catalog."
            ) from error
        except self._lost as error:
            if _refused(error):
                raise DatabaseBroken(f"{self.url} rejects this user or password. Check the URL.") from error
            raise DatabaseBroken(
                f"{self.url} does not answer ({_reason(error)}). Check the URL and the server."
            ) from error

    def structural_damage(self) -> list[str]:
        """Report no problems: the server checks its own files (initdb --data-checksums, pg_amcheck)."""
        return []

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


class TsvectorWords:
    """Full-text search with tsvector; titles rank first."""

    def put(self, session: Session, entries: Sequence[tuple[int, str, str]]) -> None:
        """Index titles and other words by product number."""
        session.many(
            "INSERT INTO words (product, document) VALUES (?, "
            "setweight(to_tsvector('simple', ?::text), 'A') || to_tsvector('simple', ?::text))",
            [(number, _plain(title), _plain(body)) for number, title, body in entries],
        )

    def drop(self, session: Session, numbers: Sequence[int]) -> None:
        """Remove the words of products."""
        session.rows(f"DELETE FROM words WHERE product IN ({marks(numbers)})", numbers)

    def find(self, session: Reader, text: str, limit: int) -> list[str]:
        """Return the ids of the products that contain all words, the best match first."""
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
    """Deletes rows, and has the server overwrite their space."""

    def __init__(self, connections: PostgresConnections) -> None:
        self._connections = connections

    def erase(self, session: Session, sequences: Sequence[int]) -> None:
        """Delete within the transaction."""
        session.many("DELETE FROM events WHERE sequence = ?", ((sequence,) for sequence in sequences))

    def settle(self) -> None:
        """Rewrite the table without the deleted rows."""
        with self._connections.outside() as session:
            session.rows("VACUUM FULL events")


def open_postgres(url: str, patience: float = PATIENCE) -> RowsDatabase:
    """Open the catalog in a PostgreSQL database; create it if it does not exist."""
    connections = PostgresConnections(url, patience)
    connections.migrate()
    return RowsDatabase(connections, TsvectorWords(), EventRows(connections, PostgresEraser(connections)))


def _without_schema(url: str) -> tuple[str, str]:
    """Split a URL into the one for libpq and the schema."""
    parts = urlsplit(url)
    named = parse_qsl(parts.query, keep_blank_values=True)
    schema = dict(named).get("schema", "")
    if not schema:
        return url, ""
    if not SCHEMA_NAME.fullmatch(schema):
        raise UsageError(f"'{schema}' cannot be a schema here: use letters, digits, '-' and '_'.")
    kept = urlencode([each for each in named if each[0] != "schema"], quote_via=quote)
    return parts._replace(query=kept).geturl(), schema


def _passes(error: psycopg.OperationalError) -> bool:
    """Whether a retry may succeed."""
    return error.sqlstate in PASSING and not _refused(error)


def _refused(error: psycopg.OperationalError) -> bool:
    """Whether the server rejects this user; during connection, libpq reports that only as text."""
    reason = _reason(error)
    return "password" in reason or "authentication" in reason


def _reason(error: Exception) -> str:
    """The last line of the server's message."""
    said = str(error).strip().splitlines()
    return said[-1].strip() if said else "no answer"


def _placed(sql: str) -> Any:
    return cast("Any", sql.replace("?", "%s"))


def _plain(text: str) -> str:
    """Return words without accents and punctuation, as they are indexed."""
    split = unicodedata.normalize("NFKD", text.replace("\0", " "))
    return re.sub(r"[^\w\s]+", " ", "".join(c for c in split if not unicodedata.combining(c)))
