"""A catalogue as one SQLite file: one connection that writes, one a thread that reads, words in FTS5."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from lookalike.database.events import DIGEST_BYTES, EventRows
from lookalike.database.migrations import migrate, pending
from lookalike.database.rows import RowsDatabase
from lookalike.database.session import Reader, Session, T
from lookalike.errors import DatabaseBroken, DatabaseBusy, LookalikeError

BUSY_MS = 30_000
MOST_TERMS = 64

SCHEMA = {
    "key": "INTEGER PRIMARY KEY",
    "integer": "INTEGER",
    "text": "TEXT",
    "bytes": "BLOB",
    "real": "REAL",
    "clustered": "WITHOUT ROWID",
    "words": "CREATE VIRTUAL TABLE words USING fts5 (title, body, content='', contentless_delete=1, "
    "tokenize='unicode61 remove_diacritics 2')",
}


class SqliteSession:
    """One connection, as statements."""

    def __init__(self, connection: apsw.Connection) -> None:
        self.connection = connection

    def rows(self, sql: str, bindings: Sequence[Any] = ()) -> list[Any]:
        """All rows of a statement, as tuples."""
        return self.connection.execute(sql, bindings).fetchall()

    def stream(self, sql: str, bindings: Sequence[Any] = ()) -> Iterator[Any]:
        """The rows of a statement one after the other, however many they are."""
        return iter(self.connection.execute(sql, bindings))

    def many(self, sql: str, bindings: Iterable[Sequence[Any]]) -> None:
        """One statement for each set of values."""
        self.connection.executemany(sql, bindings)


class SqliteConnections:
    """The connections of one process to one file.

    All writes of a process go through one connection, which also owns its checkpoints; other
    processes have theirs, and SQLite lets one write at a time.
    """

    def __init__(self, path: str, busy_ms: int = BUSY_MS) -> None:
        self.path = path
        self._busy_ms = busy_ms
        self._local = threading.local()
        self._readers: list[SqliteSession] = []
        self._lock = threading.RLock()
        with self.translated():
            self._writer = SqliteSession(self._connect(apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE))
            # A shopper who is forgotten is forgotten in every page of the file.
            self._writer.rows("PRAGMA secure_delete = ON")
            self._migrate()

    @property
    def url(self) -> str:
        """The name of the file."""
        return self.path

    @property
    def clock(self) -> str:
        """The time in seconds, in SQL."""
        return "unixepoch('now', 'subsec')"

    def _connect(self, flags: int) -> apsw.Connection:
        connection = apsw.Connection(self.path, flags=flags)
        connection.set_busy_timeout(self._busy_ms)
        connection.execute("PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA cache_size = -16000")
        return connection

    def _migrate(self) -> None:
        writer = self._writer
        if not writer.rows("SELECT 1 FROM sqlite_schema LIMIT 1"):
            writer.rows("PRAGMA page_size = 8192")
            writer.connection.pragma("journal_mode", "wal")
        begun = writer.rows("SELECT 1 FROM sqlite_schema WHERE name = 'migrations'")
        if begun and not pending(writer, self.path):
            return
        with self.write() as session:
            session.rows("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY) WITHOUT ROWID")
            migrate(session, self.path, SCHEMA)

    def _reader(self) -> SqliteSession:
        """This thread's own connection for reading."""
        session: SqliteSession | None = getattr(self._local, "session", None)
        if session is None:
            with self._lock:
                session = SqliteSession(self._connect(apsw.SQLITE_OPEN_READWRITE))
                session.rows("PRAGMA query_only = ON")
                self._readers.append(session)
            self._local.session = session
        return session

    @contextmanager
    def write(self) -> Generator[SqliteSession]:
        """A transaction that is on the disk when the block ends, or has left no trace."""
        with self._lock, self.translated():
            self._writer.rows("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.rows("COMMIT")
            except BaseException:
                if self._writer.connection.in_transaction:
                    self._writer.rows("ROLLBACK")
                raise

    def redo(self, work: Callable[[Session], T]) -> T:
        """The outcome of a transaction; a file does not go away, so once is enough."""
        with self.write() as session:
            return work(session)

    @contextmanager
    def read(self) -> Generator[SqliteSession]:
        """A session to read from."""
        with self.translated():
            yield self._reader()

    @contextmanager
    def snapshot(self) -> Generator[SqliteSession]:
        """A session whose statements all see the same state."""
        with self.read() as session:
            session.rows("BEGIN")
            try:
                yield session
            finally:
                session.rows("COMMIT")

    @contextmanager
    def translated(self) -> Generator[None]:
        """SQLite's errors as ours, with what to do."""
        try:
            yield
        except LookalikeError:
            raise
        except apsw.BusyError as error:
            raise DatabaseBusy(
                f"{self.path} is being written by {self._who_writes()}: try again when it is done."
            ) from error
        except (apsw.NotADBError, apsw.CorruptError) as error:
            raise DatabaseBroken(
                f"{self.path} is damaged or no catalogue: restore a copy, or import the feed into a new file."
            ) from error
        except apsw.FullError as error:
            raise DatabaseBroken(
                f"The disk of {self.path} is full: free some space and run it again."
            ) from error
        except apsw.ReadOnlyError as error:
            raise DatabaseBroken(f"{self.path} cannot be written: check its permissions.") from error
        except (apsw.CantOpenError, apsw.IOError) as error:
            raise DatabaseBroken(
                f"{self.path} cannot be opened or read: check its folder, its disk and its permissions."
            ) from error

    def emptied_log(self) -> None:
        """Write the log into the file and leave it empty, so that nothing deleted outlives in it."""
        with self._lock, self.translated():
            self._writer.connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)

    def _who_writes(self) -> str:
        """The processes that said they write and are alive, as far as this one can see."""
        try:
            writers = self._reader().rows("SELECT host, pid, what FROM writers")
        except apsw.Error:
            writers = []
        here = socket.gethostname()
        named = [
            f"process {pid} ({what})"
            for host, pid, what in writers
            if pid != os.getpid()
            and (host != here or Path(f"/proc/{pid}").exists() or not Path("/proc").exists())
        ]
        return " and ".join(named) or "another process"

    def close(self) -> None:
        """Close every connection of this process."""
        with self._lock:
            for session in (*self._readers, self._writer):
                session.connection.close()
            self._readers.clear()


class Fts5Words:
    """Full-text search by SQLite's FTS5, ranked by BM25."""

    def put(self, session: Session, entries: Sequence[tuple[int, str, str]]) -> None:
        """Index titles and other words by the numbers of their products."""
        session.many("INSERT INTO words (rowid, title, body) VALUES (?, ?, ?)", entries)

    def drop(self, session: Session, numbers: Sequence[int]) -> None:
        """Forget the words of products."""
        session.many("DELETE FROM words WHERE rowid = ?", [(number,) for number in numbers])

    def find(self, session: Reader, text: str, limit: int) -> list[str]:
        """The ids of the products that carry all the words, the best match first."""
        terms = ["".join(c for c in word if c.isalnum() or ord(c) > 127) for word in text.split()]
        query = " ".join(f'"{term}"' for term in terms[:MOST_TERMS] if term)
        if not query:
            return []
        found = session.rows(
            "SELECT p.id FROM words w JOIN products p ON p.number = w.rowid "
            "WHERE words MATCH ? ORDER BY bm25(words, 4.0, 1.0) LIMIT ?",
            (query, limit),
        )
        return [id for (id,) in found]


class SqliteEraser:
    """Forgets in place: a row that is deleted would move its neighbours about, and leave shreds of them."""

    def __init__(self, connections: SqliteConnections) -> None:
        self._connections = connections

    def erase(self, session: Session, sequences: Sequence[int]) -> None:
        """Overwrite rows where they lie by blanks of the same size."""
        for sequence in sequences:
            sql = "SELECT shopper, product, query, comment, vector FROM events WHERE sequence = ?"
            *words, vector = session.rows(sql, (sequence,))[0]
            blanks = (" " * len(word.encode()) for word in words)
            session.rows(
                "UPDATE events SET forgotten = 1, shopper = ?, product = ?, query = ?, comment = ?, "
                "vector = ?, id = ? WHERE sequence = ?",
                (*blanks, None if vector is None else bytes(len(vector)), os.urandom(DIGEST_BYTES), sequence),
            )
        # Pages of an index keep shreds of rows that were moved; building it anew zeroes them.
        session.rows("REINDEX events")

    def settle(self) -> None:
        """Leave nothing of the rows in the log either."""
        self._connections.emptied_log()


def open_sqlite(path: str) -> RowsDatabase:
    """The catalogue in a file, made where there is none."""
    connections = SqliteConnections(path)
    return RowsDatabase(connections, Fts5Words(), EventRows(connections, SqliteEraser(connections)))
