"""What every feed is, and what a reader hands to the part that makes products of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol, TypeAlias

from lookalike.types import FeedRow

Cell: TypeAlias = object


class Feed(Protocol):
    """A stream of products that can be read from its start any number of times."""

    @property
    def name(self) -> str: ...
    def __iter__(self) -> Iterator[FeedRow]: ...


class Record(NamedTuple):
    """One row as its file has it: the columns and their cells, or what is wrong with it."""

    line: int
    names: tuple[str, ...] = ()
    cells: Sequence[Cell] = ()
    problem: str = ""
