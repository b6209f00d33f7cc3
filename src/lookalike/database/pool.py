"""A pool of PostgreSQL connections: each is lent to one user at a time, kept, and replaced when lost."""

from __future__ import annotations

import selectors
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from lookalike.errors import DatabaseBusy

if TYPE_CHECKING:
    import psycopg

    Connect: TypeAlias = "Callable[[], psycopg.Connection[Any]]"


class Pool:
    """A bounded number of connections, created by the caller that needs one so that it sees the error."""

    def __init__(self, connect: Connect, most: int, patience: float) -> None:
        self._connect = connect
        self._most = most
        self._patience = patience
        self._free = threading.BoundedSemaphore(most)
        self._lock = threading.Lock()
        self._idle: list[psycopg.Connection[Any]] = []
        self._closed = False

    @contextmanager
    def lent(self) -> Generator[psycopg.Connection[Any]]:
        """Lend a connection for the duration of the block."""
        if not self._free.acquire(timeout=self._patience):
            raise DatabaseBusy(
                f"All {self._most} connections to the database are in use: try again, "
                "or allow more with LOOKALIKE_CONNECTIONS."
            )
        try:
            connection = self._kept() or self._connect()
            try:
                yield connection
            finally:
                self._take_back(connection)
        finally:
            self._free.release()

    def _kept(self) -> psycopg.Connection[Any] | None:
        """Return the most recently used connection that is still open."""
        while True:
            with self._lock:
                if not self._idle:
                    return None
                connection = self._idle.pop()
            if not _has_spoken(connection):
                return connection
            connection.close()

    def _take_back(self, connection: psycopg.Connection[Any]) -> None:
        usable = not connection.closed and connection.info.transaction_status.name == "IDLE"
        with self._lock:
            if usable and not self._closed:
                self._idle.append(connection)
                return
        connection.close()

    def close(self) -> None:
        """Close idle connections now, and lent ones when they are returned."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()


def _has_spoken(connection: psycopg.Connection[Any]) -> bool:
    """Whether the server sent an unsolicited message, as when it closes; this check needs no round trip."""
    with selectors.DefaultSelector() as selector:
        selector.register(connection, selectors.EVENT_READ)
        return bool(selector.select(0))
