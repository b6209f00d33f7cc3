"""Tasks for workers and their results. Both are self-contained and can be sent to another machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from lookalike.errors import LookalikeError
from lookalike.media.images import StoredPhoto
from lookalike.types import Product


@dataclass(frozen=True, slots=True)
class Row:
    """A product whose photos need embedding, and its text. The text is None if it needs no vector."""

    product: Product
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A few rows of a feed.

    `stored` maps photos in the catalog to width and height; `embedded` names those that have a vector.
    `files` holds photos read for workers on other machines, or the error of reading them.
    `kept` holds stored photos that need a new vector.
    """

    rows: tuple[Row, ...]
    stored: Mapping[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    embedded: frozenset[str] = frozenset()
    files: Mapping[str, bytes | LookalikeError] = field(default_factory=dict[str, "bytes | LookalikeError"])
    kept: Mapping[str, bytes] = field(default_factory=dict[str, bytes])

    def halves(self) -> tuple[Task, Task]:
        """The task as two."""
        middle = len(self.rows) // 2
        return (
            replace(self, rows=self.rows[:middle]),
            replace(self, rows=self.rows[middle:]),
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a row: the product with photo ids (None if it failed), and any problem."""

    product: Product | None
    problem: str = ""


@dataclass(slots=True)
class Done:
    """The result of a task: an outcome for each row, with new photos and vectors."""

    rows: list[Outcome] = field(default_factory=list[Outcome])
    photos: list[StoredPhoto] = field(default_factory=list[StoredPhoto])
    image_vectors: dict[str, bytes] = field(default_factory=dict[str, bytes])
    text_vectors: dict[str, tuple[str, bytes]] = field(default_factory=dict[str, "tuple[str, bytes]"])

    def add(self, other: Done) -> None:
        """Add the result of the next part of the same task."""
        mine = {photo.id for photo in self.photos}
        self.rows.extend(other.rows)
        self.photos.extend(photo for photo in other.photos if photo.id not in mine)
        self.image_vectors.update(other.image_vectors)
        self.text_vectors.update(other.text_vectors)


class WorkerLost(Exception):
    """A worker ended during a task. `at_fault` says whether the task may be the cause."""

    def __init__(self, reason: str, at_fault: bool = True) -> None:
        super().__init__(reason)
        self.at_fault = at_fault


class Worker(Protocol):
    """Runs tasks one after the other."""

    def do(self, task: Task) -> Done:
        """Run a task. Raises WorkerLost if the worker ends during it."""
        ...

    def close(self) -> None: ...
