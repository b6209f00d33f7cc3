"""The contract between portable SQL and a database's connections; values are `?` placeholders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

from lookalike.errors import BadText

T = TypeVar("T")
Bindings = TypeVar("Bindings", bound=Sequence[Any])

NUL = "A text contains a NUL character. Remove it and try again."


class Reader(Protocol):
    """Executes read-only statements."""

    def rows(self, sql: str, bindings: Sequence[Any] = ()) -> list[Any]:
        """Return all rows of a statement, as tuples."""
        ...


class Session(Reader, Protocol):
    """A connection in use."""

    def stream(self, sql: str, bindings: Sequence[Any] = ()) -> Iterator[Any]:
        """Yield the rows of a statement without loading all at once."""
        ...

    def many(self, sql: str, bindings: Iterable[Sequence[Any]]) -> None:
        """Execute a statement for each set of values."""
        ...


class Connections(Protocol):
    """The connections of one process to one catalog."""

    @property
    def url(self) -> str: ...
    @property
    def clock(self) -> str:
        """The database's own time in seconds, as an SQL expression: clocks of clients may differ."""
        ...

    def read(self) -> AbstractContextManager[Reader]:
        """The session for reads."""
        ...

    def snapshot(self) -> AbstractContextManager[Session]:
        """A session in which all statements see the same snapshot."""
        ...

    def write(self) -> AbstractContextManager[Session]:
        """A transaction: committed durably at the end of the block, or rolled back."""
        ...

    def redo(self, work: Callable[[Session], T]) -> T:
        """Run an idempotent transaction, retrying it after transient errors."""
        ...

    def structural_damage(self) -> list[str]:
        """Return the problems that the database finds in its own files; none if it checks them itself."""
        ...

    def close(self) -> None: ...


class Words(Protocol):
    """Full-text search, which has no portable SQL."""

    def put(self, session: Session, entries: Sequence[tuple[int, str, str]]) -> None:
        """Index titles and other words by product number."""
        ...

    def drop(self, session: Session, numbers: Sequence[int]) -> None: ...
    def find(self, session: Reader, text: str, limit: int) -> list[str]:
        """Return the ids of the products that contain all words, the best match first."""
        ...


def marks(values: Sequence[Any]) -> str:
    """Return a placeholder per value; NULL, which equals nothing, if there are none."""
    return ", ".join("?" * len(values)) or "NULL"


def reject_nul(bindings: Bindings) -> Bindings:
    """Return the values of a statement unchanged.

    Raises BadText if one contains a NUL character, which PostgreSQL cannot store and SQLite truncates at.
    """
    for value in bindings:
        if isinstance(value, str) and "\0" in value:
            raise BadText(NUL)
    return bindings
