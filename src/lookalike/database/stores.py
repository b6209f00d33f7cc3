"""The catalogs of a server: files in one folder, or schemas of one PostgreSQL database."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Generator, Hashable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote, urlsplit

from lookalike.errors import BadName, Conflict, DatabaseBroken, NotFound
from lookalike.kept_files import kept_folder

if TYPE_CHECKING:
    import psycopg
    from psycopg.sql import Identifier

# The catalog that `--catalog` names and that routes without a name address.
DEFAULT = "default"
LONGEST_NAME = 50
# Lowercase only: some file systems ignore case.
NAME = re.compile(rf"[a-z0-9][a-z0-9_-]{{0,{LONGEST_NAME - 1}}}", re.ASCII)
SUFFIX = ".db"
SCHEMA_PREFIX = "catalog_"


class CatalogStore(Protocol):
    """A collection of named catalogs."""

    def names(self) -> list[str]:
        """All names, in order."""
        ...

    def address(self, name: str) -> str:
        """Return the argument of `lookalike.open` for a catalog, whether or not it exists."""
        ...

    def identity(self, name: str) -> Hashable:
        """Return an identity that changes when a catalog is deleted and created again.

        Raises NotFound if there is no such catalog.
        """
        ...

    def create(self, name: str) -> None:
        """Create an empty catalog.

        Raises BadName for an invalid name, and Conflict for one that is taken.
        """
        ...

    def delete(self, name: str) -> None:
        """Delete a catalog and everything in it.

        Raises NotFound if there is no such catalog.
        """
        ...

    def close(self) -> None:
        """Close the connections of the store, not those of its catalogs."""
        ...


def open_store(url: str) -> CatalogStore:
    """Open the store in a folder or at a postgresql:// URL."""
    if url.startswith(("postgresql://", "postgres://")):
        return SchemaStore(url)
    return FolderStore(Path(url))


def open_store_beside(url: str, catalog: str) -> CatalogStore:
    """Open the store of the additional catalogs of a server.

    Raises Conflict if the default catalog is in the store: it would have two names.
    """
    store = open_store(url)
    for name in store.names():
        if _place(store.address(name)) == _place(catalog):
            store.close()
            raise Conflict(f"{catalog} is one of the named catalogs. Keep it in another place.")
    return store


def is_name(name: str) -> bool:
    """Whether an additional catalog may have this name."""
    return NAME.fullmatch(name) is not None and name != DEFAULT


class FolderStore:
    """A folder in which each catalog is a file NAME.db."""

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DatabaseBroken(
                f"{folder} cannot be a folder of catalogs ({error.strerror}): choose another."
            ) from error
        self._folder = folder

    def names(self) -> list[str]:
        """All names, in order."""
        return sorted(path.stem for path in self._folder.glob(f"*{SUFFIX}") if is_name(path.stem))

    def address(self, name: str) -> str:
        """The path of the file."""
        _check_known(name)
        return str(self._folder / f"{name}{SUFFIX}")

    def identity(self, name: str) -> Hashable:
        """The device and inode of the file."""
        try:
            status = Path(self.address(name)).stat()
        except FileNotFoundError:
            raise _unknown(name) from None
        return status.st_dev, status.st_ino

    def create(self, name: str) -> None:
        """Create an empty file, readable only by its owner."""
        _check_new(name)
        try:
            os.close(os.open(self.address(name), os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        except FileExistsError:
            raise _taken(name) from None
        except OSError as error:
            raise DatabaseBroken(
                f"{self._folder} cannot be written ({error.strerror}): check its permissions and its disk."
            ) from error

    def delete(self, name: str) -> None:
        """Delete the file and the files beside it."""
        self.identity(name)
        file = Path(self.address(name))
        # The log first: SQLite would replay it into a new catalog of the same name.
        for beside in (f"{file}-wal", f"{file}-shm", f"{file}"):
            Path(beside).unlink(missing_ok=True)
        shutil.rmtree(f"{file}.index", ignore_errors=True)

    def close(self) -> None:
        """Do nothing: a folder has no connections."""


class SchemaStore:
    """A database in which each catalog is a schema `catalog_NAME`."""

    def __init__(self, url: str) -> None:
        from lookalike.database.postgres import PostgresConnections

        self._url = url
        self._connections = PostgresConnections(url)
        # Report a wrong URL at the start.
        self.names()

    def names(self) -> list[str]:
        """All names, in order."""
        with self._connected() as connection:
            found = connection.execute("SELECT nspname FROM pg_namespace").fetchall()
        names = (
            schema.removeprefix(SCHEMA_PREFIX) for (schema,) in found if schema.startswith(SCHEMA_PREFIX)
        )
        return sorted(filter(is_name, names))

    def address(self, name: str) -> str:
        """The URL of the database with the schema."""
        _check_known(name)
        mark = "&" if urlsplit(self._url).query else "?"
        return f"{self._url}{mark}schema={quote(SCHEMA_PREFIX + name)}"

    def identity(self, name: str) -> Hashable:
        """The object id of the schema."""
        _check_known(name)
        with self._connected() as connection:
            found = connection.execute(
                "SELECT oid FROM pg_namespace WHERE nspname = %s", (SCHEMA_PREFIX + name,)
            ).fetchone()
        if found is None:
            raise _unknown(name)
        return int(found[0])

    def create(self, name: str) -> None:
        """Create an empty schema."""
        from psycopg.errors import DuplicateSchema, UniqueViolation
        from psycopg.sql import SQL

        _check_new(name)
        with self._connected() as connection:
            try:
                connection.execute(SQL("CREATE SCHEMA {}").format(_schema(name)))
            except (DuplicateSchema, UniqueViolation):
                raise _taken(name) from None

    def delete(self, name: str) -> None:
        """Drop the schema with all its tables."""
        from psycopg.errors import InvalidSchemaName
        from psycopg.sql import SQL

        _check_known(name)
        with self._connected() as connection:
            catalog = _catalog_id(connection, name)
            try:
                connection.execute(SQL("DROP SCHEMA {} CASCADE").format(_schema(name)))
            except InvalidSchemaName:
                raise _unknown(name) from None
        # What this machine derived from the catalog; other machines keep theirs.
        kept = kept_folder(self._url, catalog)
        if kept is not None:
            shutil.rmtree(kept, ignore_errors=True)

    def close(self) -> None:
        """Close the connections to the server."""
        self._connections.close()

    @contextmanager
    def _connected(self) -> Generator[psycopg.Connection[Any]]:
        with self._connections.outside() as session:
            yield session.connection


def _place(url: str) -> str:
    return url if "://" in url else str(Path(url).resolve())


def _schema(name: str) -> Identifier:
    from psycopg.sql import Identifier

    return Identifier(SCHEMA_PREFIX + name)


def _catalog_id(connection: psycopg.Connection[Any], name: str) -> str:
    """The id of the catalog in a schema; empty if it has none yet."""
    from psycopg.sql import SQL

    # A name has no sign that would have to be quoted but the hyphen.
    there = connection.execute("SELECT to_regclass(%s)", (f'"{SCHEMA_PREFIX}{name}".settings',)).fetchone()
    if there is None or there[0] is None:
        return ""
    query = SQL("SELECT value FROM {}.settings WHERE name = 'catalog'").format(_schema(name))
    found = connection.execute(query).fetchone()
    return found[0] if found else ""


def _check_new(name: str) -> None:
    if not is_name(name):
        raise BadName(
            f"Invalid catalog name {name!r}. Use at most {LONGEST_NAME} lowercase letters, digits, "
            f"'-' and '_', starting with a letter or digit, and not '{DEFAULT}'."
        )


def _check_known(name: str) -> None:
    if not is_name(name):
        raise _unknown(name)


def _unknown(name: str) -> NotFound:
    return NotFound(f"There is no catalog {name!r}: GET /v1/catalogs lists them.")


def _taken(name: str) -> Conflict:
    return Conflict(f"A catalog '{name}' already exists. Choose another name.")
