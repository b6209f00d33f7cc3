"""The connection to Milvus, and the one place where its errors are translated."""

from __future__ import annotations

import logging
import re
import threading
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from lookalike.errors import ExtraMissing, IndexUnavailable, UsageError, install_command

if TYPE_CHECKING:
    from pymilvus import MilvusClient

PORT = 19530
# Milvus Lite accepts only folders with this suffix.
LITE_NAME = "rows.db"
CONNECT_SECONDS = 5.0
# Retried for this long; a restart of the server takes longer.
READ_SECONDS = 10.0
WRITE_SECONDS = 30.0
NO_COLLECTION = 100
MOST_TOLD = 200
REFUSALS = (
    (
        re.compile(r"auth check|unauthenticated|password|credential|permission|privilege", re.I),
        "rejects the user or password. Correct them in the index URL.",
    ),
    (
        re.compile(r"database.{0,300} not found", re.I),
        "has no such database. Create it, or name another.",
    ),
    (
        re.compile(r"no space left|disk|quota|deny to write|memory", re.I),
        "rejects writes because its disk or memory is full. Free some space.",
    ),
    (
        re.compile(r"locked by another|DataDirLocked|already locked|Open local milvus failed", re.I),
        "cannot be opened: another process uses the folder, or Milvus Lite did not create it.",
    ),
    (
        re.compile(r"connect|unavailable|deadline|resolv|run out of", re.I),
        "does not answer. Start it, or leave the index out to search in this process.",
    ),
)


class NoCollection(IndexUnavailable):
    """The collection no longer exists."""


@dataclass(frozen=True, slots=True)
class MilvusAddress:
    """The address of a Milvus server, or the folder of Milvus Lite."""

    shown: str
    uri: str
    user: str = ""
    password: str = ""
    database: str = ""

    @property
    def lite(self) -> bool:
        """Whether it runs in this process."""
        return self.uri.endswith(".db")

    @property
    def read_seconds(self) -> float | None:
        """The timeout of a search; none for Milvus Lite, which runs in this process."""
        return None if self.lite else READ_SECONDS

    @property
    def write_seconds(self) -> float | None:
        """The timeout of a write."""
        return None if self.lite else WRITE_SECONDS

    @classmethod
    def parse(cls, url: str) -> MilvusAddress:
        """Read milvus://user:password@host:port/database, or a path that ends in .milvus."""
        if not url.startswith("milvus:"):
            return cls(url, str(Path(url) / LITE_NAME))
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port or PORT
        except ValueError:
            host, port, parts = None, PORT, urlsplit("milvus://")
        database = parts.path.strip("/")
        if not host or "/" in database or parts.query or parts.fragment:
            raise UsageError("The index URL must look like milvus://user:password@host:port/database.")
        inside = f"[{host}]" if ":" in host else host
        return cls(
            shown=f"milvus://{inside}:{port}" + (f"/{database}" if database else ""),
            uri=f"http://{inside}:{port}",
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            database=unquote(database),
        )


class Server:
    """A client for one address that raises only errors of this project."""

    def __init__(self, place: MilvusAddress) -> None:
        self.place = place
        try:
            from pymilvus import MilvusClient
        except ImportError as error:
            raise ExtraMissing(f"Milvus needs an extra: run `{install_command('milvus')}`.") from error
        # The libraries log tracebacks for errors that are translated here.
        for chatty in ("pymilvus", "grpc._server", "milvus_lite"):
            logging.getLogger(chatty).setLevel(logging.CRITICAL)
        with _translated(place):
            if place.lite:
                _LITE.begin(place.uri)
            try:
                self._client = MilvusClient(
                    uri=place.uri,
                    user=place.user,
                    password=place.password,
                    db_name=place.database,
                    timeout=CONNECT_SECONDS,
                )
            except BaseException:
                if place.lite:
                    _LITE.end(place.uri)
                raise

    @contextmanager
    def talk(self) -> Generator[MilvusClient]:
        """The client, for a block whose errors are translated."""
        with _translated(self.place):
            yield self._client

    def close(self) -> None:
        """Close the connection; the last one also releases Milvus Lite's folder."""
        with _translated(self.place):
            self._client.close()
            if self.place.lite:
                _LITE.end(self.place.uri)


class _Lite:
    """The folders that Milvus Lite serves in this process, with their number of users."""

    def __init__(self) -> None:
        self._users: Counter[str] = Counter()
        self._lock = threading.Lock()

    def begin(self, path: str) -> None:
        """Add a user."""
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        with self._lock:
            self._users[path] += 1

    def end(self, path: str) -> None:
        """Remove a user."""
        from milvus_lite.server_manager import server_manager_instance

        with self._lock:
            self._users[path] -= 1
            if not self._users[path]:
                server_manager_instance.release_server(path)


_LITE = _Lite()


@contextmanager
def _translated(place: MilvusAddress) -> Generator[None]:
    import grpc
    from pymilvus.exceptions import MilvusException

    try:
        yield
    except (MilvusException, grpc.RpcError, OSError) as error:
        raise _in_our_words(place, error) from error


def _in_our_words(place: MilvusAddress, error: Exception) -> IndexUnavailable:
    message = str(getattr(error, "message", "")) or str(error)
    # A rejected password only says "Fail connecting".
    message += f" {error.__cause__}" if error.__cause__ is not None else ""
    if getattr(error, "code", None) == NO_COLLECTION:
        return NoCollection(f"Milvus at {place.shown} no longer has the catalog's collection.")
    for pattern, sentence in REFUSALS:
        if pattern.search(message):
            return IndexUnavailable(f"Milvus at {place.shown} {sentence}")
    return IndexUnavailable(f"Milvus at {place.shown} failed: {message.splitlines()[0][:MOST_TOLD]}")
