"""A catalogue in PostgreSQL: pooled connections, words as tsvector, one writer at a time."""

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
from lookalike.database.session import Reader, Session, T, marks
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
from lookalike.text import NUL

if TYPE_CHECKING:
    import psycopg

MIGRATING = 7_256_214
STREAMED = 2000
# Seconds that a server may be away before nobody waits for it any more; enough for one to start again.
PATIENCE = 10.0
SHORTEST_PAUSE, LONGEST_PAUSE = 0.02, 1.0
# What passes: met another transaction, or the server ended, starts, or was never reached.
PASSING = frozenset({"40001", "40P01", "57P01", "57P02", "57P03", "08000", "08003", "08006", None})
# A network that swallows everything is noticed; what the URL says counts more.
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
        with self.connection.cursor("stream", binary=True) as cursor:
            cursor.itersize = STREAMED
            cursor.execute(_placed(sql), bindings)
            yield from cursor

    def many(self, sql: str, bindings: Iterable[Sequence[Any]]) -> None:
        """One statement for each set of values, sent without waiting for each answer."""
        with self.connection.cursor() as cursor:
            cursor.executemany(_placed(sql), bindings)


class PostgresReader:
    """Statements that only read: each takes a connection for itself, and another if that one is lost."""

    def __init__(self, connections: PostgresConnections) -> None:
        self._connections = connections

    def rows(self, sql: str, bindings: Sequence[Any] = ()) -> list[Any]:
        """All rows of a statement, as tuples."""
        return self._connections.patiently(lambda: self._connections.rows(sql, bindings))


class PostgresConnections:
    """A pool of connections to one server."""

    def __init__(self, url: str, patience: float = PATIENCE) -> None:
        """`url` is what libpq takes; `schema=NAME` in it names the schema whose tables are used."""
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
                f"{self.url} cannot be read ({_reason(error)}): write postgresql://USER@HOST:PORT/DATABASE."
            ) from error
        hosts = f"{asked.get('host', '')}{asked.get('hostaddr', '')}"
        self._has_standby = "," in hosts and "target_session_attrs" not in asked
        self._pool = Pool(self._connected, settings().connections, patience)
        # At the start nobody waits: a wrong URL does not get better.
        self._for_answers = Patience(patience, since=-math.inf)
        self._for_writes = Patience(patience)

    def _connected(self) -> psycopg.Connection[Any]:
        """The server that writes or, where none of several does now, one that can be read."""
        if self._has_standby:
            with suppress(self._lost):
                return self._psycopg.connect(
                    self._details, autocommit=True, target_session_attrs="read-write"
                )
        return self._psycopg.connect(self._details, autocommit=True)

    def migrate(self) -> None:
        """Create the tables, or bring them up to date."""
        with self.translated():
            self._migrate()

    def _migrate(self) -> None:
        with self.read() as reader:
            begun = reader.rows("SELECT to_regclass('migrations')")[0][0]
            if begun and not pending(reader, self.url):
                return
        with self.write() as session:
            # Of several programs that start at once, one migrates and the others find it done.
            session.rows("SELECT pg_advisory_xact_lock(?)", (MIGRATING,))
            session.rows("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY)")
            migrate(session, self.url, SCHEMA)

    @property
    def url(self) -> str:
        """Where the server is, without the password."""
        return re.sub(r"(://[^:/@]*):[^@]*@", r"\1@", re.sub(r"password=[^&\s]*", "password=", self._url))

    @property
    def clock(self) -> str:
        """The server's time in seconds, in SQL."""
        return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS DOUBLE PRECISION)"

    def rows(self, sql: str, bindings: Sequence[Any]) -> list[Any]:
        """All rows of one statement on a connection of its own."""
        with self._pool.lent() as connection:
            return PostgresSession(connection).rows(sql, bindings)

    @contextmanager
    def read(self) -> Generator[PostgresReader]:
        """Where to read from."""
        yield PostgresReader(self)

    @contextmanager
    def snapshot(self) -> Generator[PostgresSession]:
        """A session whose statements all see the same state."""
        with self.write() as session:
            session.rows("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield session

    @contextmanager
    def write(self) -> Generator[PostgresSession]:
        """A transaction that is on the disk when the block ends, or has left no trace."""
        with self.translated(), self._transaction() as session:
            yield session

    @contextmanager
    def _transaction(self) -> Generator[PostgresSession]:
        with self._pool.lent() as connection:
            try:
                with connection.transaction():
                    yield PostgresSession(connection)
            except self._psycopg.errors.ReadOnlySqlTransaction:
                # A standby: whoever connects next may find the server that writes.
                connection.close()
                raise

    def redo(self, work: Callable[[Session], T]) -> T:
        """The outcome of a transaction that may run twice, because the second time it changes nothing."""

        def attempt() -> T:
            with self._transaction() as session:
                return work(session)

        return self._patiently(attempt, self._for_writes)

    def patiently(self, attempt: Callable[[], T]) -> T:
        """What comes of reading that is tried again where it lost the server."""
        return self._patiently(attempt, self._for_answers)

    def _patiently(self, attempt: Callable[[], T], patience: Patience) -> T:
        """What comes of something that is tried again where it met another writer or lost the server."""
        pause = SHORTEST_PAUSE
        with self.translated():
            while True:
                try:
                    result = attempt()
                except self._lost as error:
                    if not _passes(error) or patience.ended():
                        raise
                except self._psycopg.errors.ReadOnlySqlTransaction:
                    # Where there is a standby, one that is promoted will take the write.
                    if not self._has_standby or patience.ended():
                        raise
                else:
                    patience.found()
                    return result
                # At random, so that those who met do not meet again.
                time.sleep(pause * random.uniform(0.5, 1))
                pause = min(2 * pause, LONGEST_PAUSE)

    @contextmanager
    def outside(self) -> Generator[PostgresSession]:
        """A session without a transaction, for what PostgreSQL does only so."""
        with self.translated(), self._pool.lent() as connection:
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
        except errors.ReadOnlySqlTransaction as error:
            raise DatabaseBroken(
                f"{self.url} can only be read now, as a standby: write again when it is promoted, "
                "or when the first server is back."
            ) from error
        except self._psycopg.DataError as error:
            if "NUL" in str(error):
                raise BadText(NUL) from error
            raise
        except errors.DiskFull as error:
            raise DatabaseBroken(
                f"The disk of {self.url} is full: free some space there; searching goes on meanwhile."
            ) from error
        except errors.InsufficientPrivilege as error:
            raise DatabaseBroken(
                f"{self.url} does not let this user do that ({_reason(error)}): "
                "grant it the right, or connect as the owner of the catalogue."
            ) from error
        except self._lost as error:
            if _refused(error):
                raise DatabaseBroken(f"{self.url} refuses this user or password: check the URL.") from error
            raise DatabaseBroken(
                f"{self.url} does not answer ({_reason(error)}): check the URL and the server."
            ) from error

    def structural_damage(self) -> list[str]:
        """Nothing: the server checks its own files (initdb --data-checksums, pg_amcheck)."""
        return []

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


class TsvectorWords:
    """Full-text search by tsvector, ranked with titles first."""

    def put(self, session: Session, entries: Sequence[tuple[int, str, str]]) -> None:
        """Index titles and other words by the numbers of their products."""
        session.many(
            "INSERT INTO words (product, document) VALUES (?, "
            "setweight(to_tsvector('simple', ?::text), 'A') || to_tsvector('simple', ?::text))",
            [(number, _plain(title), _plain(body)) for number, title, body in entries],
        )

    def drop(self, session: Session, numbers: Sequence[int]) -> None:
        """Forget the words of products."""
        session.rows(f"DELETE FROM words WHERE product IN ({marks(numbers)})", numbers)

    def find(self, session: Reader, text: str, limit: int) -> list[str]:
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


def open_postgres(url: str, patience: float = PATIENCE) -> RowsDatabase:
    """The catalogue in a server's database, made where there is none."""
    connections = PostgresConnections(url, patience)
    connections.migrate()
    return RowsDatabase(connections, TsvectorWords(), EventRows(connections, PostgresEraser(connections)))


def _without_schema(url: str) -> tuple[str, str]:
    """The URL that libpq takes, and the schema that it names besides."""
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
    """Whether the same may succeed later."""
    return error.sqlstate in PASSING and not _refused(error)


def _refused(error: psycopg.OperationalError) -> bool:
    """Whether this user may not in; while it connects, libpq tells that in words only."""
    reason = _reason(error)
    return "password" in reason or "authentication" in reason


def _reason(error: Exception) -> str:
    """The last line of what the server said."""
    said = str(error).strip().splitlines()
    return said[-1].strip() if said else "no answer"


def _placed(sql: str) -> Any:
    return cast("Any", sql.replace("?", "%s"))


def _plain(text: str) -> str:
    """Words without accents and signs, so that they are found however they are written."""
    split = unicodedata.normalize("NFKD", text.replace("\0", " "))
    return re.sub(r"[^\w\s]+", " ", "".join(c for c in split if not unicodedata.combining(c)))
