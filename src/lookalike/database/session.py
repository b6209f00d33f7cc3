"""What the rows of a catalogue need from whatever keeps them: statements in portable SQL, `?` for values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Reader(Protocol):
    """Where statements that only read are sent."""

    def rows(self, sql: str, bindings: Sequence[Any] = ()) -> list[Any]:
        """All rows of a statement, as tuples."""
        ...


class Session(Reader, Protocol):
    """A connection in use."""

    def stream(self, sql: str, bindings: Sequence[Any] = ()) -> Iterator[Any]:
        """The rows of a statement one after the other, however many they are."""
        ...

    def many(self, sql: str, bindings: Iterable[Sequence[Any]]) -> None:
        """One statement for each set of values."""
        ...


class Connections(Protocol):
    """The connections of one process to one catalogue."""

    @property
    def url(self) -> str: ...
    @property
    def clock(self) -> str:
        """The database's own time in seconds, in its SQL: the clocks of those who ask may differ."""
        ...

    def read(self) -> AbstractContextManager[Reader]:
        """Where to read from."""
        ...

    def snapshot(self) -> AbstractContextManager[Session]:
        """A session whose statements all see the same state."""
        ...

    def write(self) -> AbstractContextManager[Session]:
        """A transaction that is on the disk when the block ends, or has left no trace."""
        ...

    def redo(self, work: Callable[[Session], T]) -> T:
        """The outcome of a transaction that may run twice, because the second time it changes nothing."""
        ...

    def structural_damage(self) -> list[str]:
        """What the database itself finds wrong with its files; nothing where it checks them on its own."""
        ...

    def close(self) -> None: ...


class Words(Protocol):
    """Full-text search, which every SQL does in its own way."""

    def put(self, session: Session, entries: Sequence[tuple[int, str, str]]) -> None:
        """Index titles and other words by the numbers of their products."""
        ...

    def drop(self, session: Session, numbers: Sequence[int]) -> None: ...
    def find(self, session: Reader, text: str, limit: int) -> list[str]:
        """The ids of the products that carry all the words, the best match first."""
        ...


def marks(values: Sequence[Any]) -> str:
    """As many placeholders as there are values; where there are none, what nothing equals."""
    return ", ".join("?" * len(values)) or "NULL"
