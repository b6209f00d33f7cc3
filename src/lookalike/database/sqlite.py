"""A catalog in one SQLite file: one connection writes, a small pool reads, FTS5 searches words."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import apsw

from lookalike.database.events import DIGEST_BYTES, EventRows
from lookalike.database.migrations import migrate, pending
from lookalike.database.rows import RowsDatabase
from lookalike.database.session import Reader, Session, T, reject_nul
from lookalike.errors import DatabaseBroken, DatabaseBusy, LookalikeError

BUSY_MS = 30_000
MOST_TERMS = 64
IDLE_READERS = 8

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
    """A session on one connection."""

    def __init__(self, connection: apsw.Connection) -> None:
        self.connection = connection

    def rows(self, sql: str, bindings: Sequence[Any] = ()) -> list[Any]:
        """Return all rows of a statement, as tuples."""
        reject_nul(bindings)
        return self.connection.execute(sql, bindings).fetchall()

    def stream(self, sql: str, bindings: Sequence[Any] = ()) -> Iterator[Any]:
        """Yield the rows of a statement without loading all at once."""
        reject_nul(bindings)
        return iter(self.connection.execute(sql, bindings))

    def many(self, sql: str, bindings: Iterable[Sequence[Any]]) -> None:
        """Execute a statement for each set of values."""
        self.connection.executemany(sql, map(reject_nul, bindings))


class SqliteReaders:
    """A pool of read connections, each lent to one user at a time.

    Connections do not belong to threads: a thread that ends would leave its connection open.
    Up to `IDLE_READERS` connections stay open between uses.
    """

    def __init__(self, connect: Callable[[], apsw.Connection]) -> None:
        self._connect = connect
        self._lock = threading.Lock()
        self._idle: list[SqliteSession] = []
        self._closed = False

    @contextmanager
    def lent(self) -> Generator[SqliteSession]:
        """Lend a connection for the duration of the block."""
        with self._lock:
            session = self._idle.pop() if self._idle else None
        session = session or SqliteSession(self._connect())
        try:
            yield session
        finally:
            self._take_back(session)

    def _take_back(self, session: SqliteSession) -> None:
        with self._lock:
            if not self._closed and len(self._idle) < IDLE_READERS and not session.connection.in_transaction:
                self._idle.append(session)
                return
        session.connection.close()

    def close(self) -> None:
        """Close idle connections now, and lent ones when they are returned."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for session in idle:
            session.connection.close()


class SqliteConnections:
    """The connections of one process to one file.

    All writes of a process use one connection, which also owns the checkpoints. Across processes, SQLite
    allows
    one write at a time.
    """

    def __init__(self, path: str, busy_ms: int = BUSY_MS) -> None:
        self.path = path
        self._busy_ms = busy_ms
        self._lock = threading.RLock()
        with self.translated():
            self._open()

    @property
    def url(self) -> str:
        """The path of the file."""
        return self.path

    @property
    def clock(self) -> str:
        """The time in seconds, as an SQL expression."""
        return "unixepoch('now', 'subsec')"

    def _open(self) -> None:
        """Open for reading and writing, or read-only if the disk is."""
        self._readers = SqliteReaders(self._reading)
        self._frozen: tuple[int, ...] | None = None
        self._create_private()
        try:
            self._writer = SqliteSession(
                self._connect(self.path, apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
            )
            # Deleted events must not remain in free pages of the file.
            self._writer.rows("PRAGMA secure_delete = ON")
            self._migrate()
        except (apsw.ReadOnlyError, apsw.CantOpenError, apsw.IOError, apsw.FullError):
            stamp = self._stamp()
            # A read-only file must not need its write-ahead log.
            if stamp is None or not stamp[0] or _size(f"{self.path}-wal"):
                raise
            self._frozen = stamp
            self._writer = SqliteSession(self._reading())
            if pending(self._writer, self.path):
                raise

    def _create_private(self) -> None:
        """Create the file for its owner only: it contains shoppers' events."""
        try:
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        except OSError:
            # It exists already, or SQLite reports why it cannot be created.
            return

    def _stamp(self) -> tuple[int, ...] | None:
        """Size and time of the file, which reveal changes."""
        try:
            found = Path(self.path).stat()
        except OSError:
            return None
        return (found.st_size, found.st_mtime_ns)

    def _connect(self, name: str, flags: int) -> apsw.Connection:
        # SQLite file names are UTF-8 in every locale.
        connection = apsw.Connection(os.fsencode(name).decode("utf-8", "surrogateescape"), flags=flags)
        connection.set_busy_timeout(self._busy_ms)
        connection.execute("PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA cache_size = -16000")
        return connection

    def _reading(self) -> apsw.Connection:
        """Open a connection that cannot write."""
        if self._frozen is None:
            connection = self._connect(self.path, apsw.SQLITE_OPEN_READWRITE)
            connection.execute("PRAGMA query_only = ON")
            return connection
        name = quote(os.fsencode(Path(self.path).absolute()))
        return self._connect(f"file:{name}?immutable=1", apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)

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

    def _reopen_if_changed(self) -> None:
        """SQLite treats a file opened read-only as immutable; open it again if it has changed."""
        if self._frozen is None or self._stamp() == self._frozen:
            return
        with self._lock:
            self.close()
            self._open()

    @contextmanager
    def write(self) -> Generator[SqliteSession]:
        """A transaction: committed durably at the end of the block, or rolled back."""
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
        """Run a transaction once: a file has no transient errors."""
        with self.write() as session:
            return work(session)

    @contextmanager
    def read(self) -> Generator[SqliteSession]:
        """The session for reads."""
        with self.translated():
            self._reopen_if_changed()
            with self._readers.lent() as session:
                yield session

    @contextmanager
    def snapshot(self) -> Generator[SqliteSession]:
        """A session in which all statements see the same snapshot."""
        with self.read() as session:
            session.rows("BEGIN")
            try:
                yield session
            finally:
                session.rows("COMMIT")

    @contextmanager
    def translated(self) -> Generator[None]:
        """Translate SQLite's errors, with what to do about them."""
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
                f"{self.path} is damaged or not a catalog. Restore a backup, or import the feed anew."
            ) from error
        except apsw.FullError as error:
            raise DatabaseBroken(
                f"The disk of {self.path} is full: free some space and run it again."
            ) from error
        except apsw.ReadOnlyError as error:
            raise DatabaseBroken(
                f"{self.path} cannot be written: check its permissions and whether its disk is read-only."
            ) from error
        except (UnicodeDecodeError, json.JSONDecodeError) as error:
            raise DatabaseBroken(
                f"{self.path} has damaged text: run `lookalike check`, then import the feed again."
            ) from error
        except (apsw.CantOpenError, apsw.IOError) as error:
            raise DatabaseBroken(
                f"{self.path} cannot be opened or read: check its folder, its disk and its permissions."
            ) from error

    def structural_damage(self) -> list[str]:
        """Return the problems that SQLite's own check finds."""
        try:
            with self.read() as session:
                found = [line for (line,) in session.rows("PRAGMA integrity_check(20)")]
        except DatabaseBroken as error:
            return [str(error)]
        return [] if found == ["ok"] else found

    def emptied_log(self) -> None:
        """Write the log into the file and truncate it, so that deleted data does not remain in it."""
        with self._lock, self.translated():
            self._writer.connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)

    def _who_writes(self) -> str:
        """Describe the registered writers that are still alive."""
        try:
            with self._readers.lent() as reader:
                writers = reader.rows("SELECT host, pid, what FROM writers")
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
        """Close every connection of this process; those in use close when they are returned."""
        with self._lock:
            self._readers.close()
            self._writer.connection.close()


class Fts5Words:
    """Full-text search with FTS5, ranked by BM25."""

    def put(self, session: Session, entries: Sequence[tuple[int, str, str]]) -> None:
        """Index titles and other words by product number."""
        session.many("INSERT INTO words (rowid, title, body) VALUES (?, ?, ?)", entries)

    def drop(self, session: Session, numbers: Sequence[int]) -> None:
        """Remove the words of products."""
        session.many("DELETE FROM words WHERE rowid = ?", [(number,) for number in numbers])

    def find(self, session: Reader, text: str, limit: int) -> list[str]:
        """Return the ids of the products that contain all words, the best match first."""
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
    """Erases rows in place: deleting a row would move its neighbors within a page and leave traces."""

    def __init__(self, connections: SqliteConnections) -> None:
        self._connections = connections

    def erase(self, session: Session, sequences: Sequence[int]) -> None:
        """Overwrite rows in place with blanks of the same size."""
        for sequence in sequences:
            sql = "SELECT shopper, product, query, comment, vector FROM events WHERE sequence = ?"
            *words, vector = session.rows(sql, (sequence,))[0]
            blanks = (" " * len(word.encode()) for word in words)
            session.rows(
                "UPDATE events SET forgotten = 1, shopper = ?, product = ?, query = ?, comment = ?, "
                "vector = ?, id = ? WHERE sequence = ?",
                (*blanks, None if vector is None else bytes(len(vector)), os.urandom(DIGEST_BYTES), sequence),
            )
        # Index pages keep traces of moved rows; rebuilding the index erases them.
        session.rows("REINDEX events")

    def settle(self) -> None:
        """Erase the rows from the write-ahead log as well."""
        self._connections.emptied_log()


def _size(path: str) -> int:
    file = Path(path)
    return file.stat().st_size if file.is_file() else 0


def open_sqlite(path: str) -> RowsDatabase:
    """Open the catalog in a file; create it if it does not exist."""
    connections = SqliteConnections(path)
    return RowsDatabase(connections, Fts5Words(), EventRows(connections, SqliteEraser(connections)))
