"""What is handed to whoever embeds, and what comes back: both are whole in themselves and may travel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from lookalike.errors import LookalikeError
from lookalike.media.images import StoredPhoto
from lookalike.types import Product


@dataclass(frozen=True, slots=True)
class Row:
    """A product whose photos are to be looked at, and its words, None where they need no vector."""

    product: Product
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A few rows of a feed.

    `stored` has the width and height of photos that the catalogue holds, `embedded` names those of them whose
    vector it holds too; `files` has photos that were read for whoever cannot, or why they could not be read;
    `kept` has photos of the catalogue that are to be embedded anew, as it keeps them.
    """

    rows: tuple[Row, ...]
    stored: Mapping[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    embedded: frozenset[str] = frozenset()
    files: Mapping[str, bytes | LookalikeError] = field(default_factory=dict[str, "bytes | LookalikeError"])
    kept: Mapping[str, bytes] = field(default_factory=dict[str, bytes])

    def halves(self) -> tuple[Task, Task]:
        """The same work as two tasks."""
        middle = len(self.rows) // 2
        return (
            replace(self, rows=self.rows[:middle]),
            replace(self, rows=self.rows[middle:]),
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row: the product with its photos known by id, and what was wrong with it."""

    product: Product | None
    problem: str = ""


@dataclass(slots=True)
class Done:
    """A task that is done: an outcome for each row, and what their photos and words were turned into."""

    rows: list[Outcome] = field(default_factory=list[Outcome])
    photos: list[StoredPhoto] = field(default_factory=list[StoredPhoto])
    image_vectors: dict[str, bytes] = field(default_factory=dict[str, bytes])
    text_vectors: dict[str, tuple[str, bytes]] = field(default_factory=dict[str, "tuple[str, bytes]"])

    def add(self, other: Done) -> None:
        """Take in what the next part of the same task gave."""
        mine = {photo.id for photo in self.photos}
        self.rows.extend(other.rows)
        self.photos.extend(photo for photo in other.photos if photo.id not in mine)
        self.image_vectors.update(other.image_vectors)
        self.text_vectors.update(other.text_vectors)


class HandLost(Exception):
    """A hand is gone before its task was done; `at_fault` says whether the task may be why."""

    def __init__(self, reason: str, at_fault: bool = True) -> None:
        super().__init__(reason)
        self.at_fault = at_fault


class Worker(Protocol):
    """One who does tasks, one after the other."""

    def do(self, task: Task) -> Done:
        """Do a task; raises HandLost where the hand ends before it."""
        ...

    def close(self) -> None: ...
