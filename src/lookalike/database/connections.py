"""SQLite connections: one writer, one reader a thread, and their errors in our words."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from lookalike.database.migrations import MIGRATIONS
from lookalike.errors import Conflict, DatabaseBroken, DatabaseBusy, LookalikeError

BUSY_MS = 30_000


def rows(connection: apsw.Connection, sql: str, bindings: Sequence[Any] = ()) -> list[Any]:
    """All rows of a statement, as tuples."""
    return connection.execute(sql, bindings).fetchall()


class Connections:
    """The connections of one process to one file.

    All writes of a process go through one connection, which also owns its checkpoints; other
    processes have theirs, and SQLite lets one write at a time.
    """

    def __init__(self, path: str, busy_ms: int = BUSY_MS) -> None:
        self.path = path
        self._busy_ms = busy_ms
        self._local = threading.local()
        self._readers: list[apsw.Connection] = []
        self._lock = threading.RLock()
        with self.translated():
            self._writer = self._connect(apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
            # A shopper who is forgotten is forgotten in every page of the file.
            self._writer.execute("PRAGMA secure_delete = ON")
            self._migrate()

    def _connect(self, flags: int) -> apsw.Connection:
        connection = apsw.Connection(self.path, flags=flags)
        connection.set_busy_timeout(self._busy_ms)
        connection.execute("PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA cache_size = -16000")
        return connection

    def _migrate(self) -> None:
        writer = self._writer
        if not rows(writer, "SELECT 1 FROM sqlite_schema LIMIT 1"):
            writer.execute("PRAGMA page_size = 8192")
            writer.pragma("journal_mode", "wal")
        if self._applied(writer) == set(MIGRATIONS):
            return
        with self.write() as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY) WITHOUT ROWID")
            applied = self._applied(connection)
            if newer := applied - set(MIGRATIONS):
                raise Conflict(
                    f"{self.path} was written by a newer Lookalike (it has {min(newer)}): "
                    "upgrade with pip install -U lookalike."
                )
            for name, script in MIGRATIONS.items():
                if name not in applied:
                    connection.execute(script)
                    connection.execute("INSERT INTO migrations VALUES (?)", (name,))

    def _applied(self, connection: apsw.Connection) -> set[str]:
        if not rows(connection, "SELECT 1 FROM sqlite_schema WHERE name = 'migrations'"):
            return set()
        return {name for (name,) in rows(connection, "SELECT name FROM migrations")}

    def reader(self) -> apsw.Connection:
        """This thread's own connection for reading."""
        connection: apsw.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            with self._lock:
                connection = self._connect(apsw.SQLITE_OPEN_READWRITE)
                connection.execute("PRAGMA query_only = ON")
                self._readers.append(connection)
            self._local.connection = connection
        return connection

    @contextmanager
    def write(self) -> Generator[apsw.Connection]:
        """A transaction that is on the disk when the block ends, or has left no trace."""
        with self._lock, self.translated():
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    @contextmanager
    def read(self) -> Generator[apsw.Connection]:
        """A connection to read from."""
        with self.translated():
            yield self.reader()

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
            self._writer.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)

    def _who_writes(self) -> str:
        """The processes that said they write and are alive, as far as this one can see."""
        try:
            writers = rows(self.reader(), "SELECT host, pid, what FROM writers")
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
            for connection in (*self._readers, self._writer):
                connection.close()
            self._readers.clear()
