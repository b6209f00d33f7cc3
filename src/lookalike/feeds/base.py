"""What every feed is, and what a reader hands to the part that makes products of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol, TypeAlias

from lookalike.types import FeedRow

Cell: TypeAlias = object
# Gives the mapping that was chosen before for a feed with these columns.
Recall: TypeAlias = Callable[[Sequence[str]], Mapping[str, str]]


class Feed(Protocol):
    """A stream of products that can be read from its start any number of times."""

    @property
    def name(self) -> str: ...
    def __iter__(self) -> Iterator[FeedRow]: ...


class FeedFile(NamedTuple):
    """A feed on this disk, and what messages call it: a path or a URL."""

    path: Path
    name: str


class Record(NamedTuple):
    """One row as its file has it: the columns and their cells, or what is wrong with it.

    `last` says that the feed breaks off here: rows may be missing after it.
    """

    line: int
    names: tuple[str, ...] = ()
    cells: Sequence[Cell] = ()
    problem: str = ""
    last: bool = False
