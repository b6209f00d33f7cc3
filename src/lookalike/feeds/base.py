"""The contract of a feed, and the records that a reader passes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol, TypeAlias

from lookalike.types import FeedRow

Cell: TypeAlias = object
# Gives the mapping of an earlier import of a feed with these columns.
Recall: TypeAlias = Callable[[Sequence[str]], Mapping[str, str]]


class Feed(Protocol):
    """A stream of products that can be read from its start any number of times."""

    @property
    def name(self) -> str: ...
    def __iter__(self) -> Iterator[FeedRow]: ...


class FeedFile(NamedTuple):
    """A feed on this disk, and its name in messages: a path or a URL."""

    path: Path
    name: str


class Record(NamedTuple):
    """One row of a file: the columns and their cells, or why it is invalid.

    `last` means that the feed is truncated here: rows after it may be missing.
    """

    line: int
    names: tuple[str, ...] = ()
    cells: Sequence[Cell] = ()
    problem: str = ""
    last: bool = False
