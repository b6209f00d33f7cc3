"""What every database of a catalogue can do with events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from lookalike.types import Event

# What a shopper does with a product that words found.
LED_BY_WORDS = ("click", "cart", "purchase")


@dataclass(frozen=True, slots=True)
class EventPiece:
    """Events in the order in which they were stored, up to a sequence number, as columns."""

    sequence: int
    kinds: tuple[str, ...]
    shoppers: tuple[str, ...]
    products: tuple[str, ...]
    times: tuple[float, ...]
    ratings: tuple[float | None, ...]
    queries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """How many events share a name; what the name is depends on the question."""

    name: str
    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class Exposed:
    """A shopper who takes part in an experiment since a time, and when the shopper first reached its goal."""

    shopper: str
    variant: str
    time: float
    reached: float | None


class EventStore(Protocol):
    """Events by their id; every write is durable when the call returns."""

    def sequence(self) -> int:
        """The number of the last event stored; it rises in the order of commits."""
        ...

    def forgettings(self) -> int:
        """How often a shopper was forgotten: what was derived from the events before may hold too much."""
        ...

    def record(self, events: Sequence[Event]) -> int:
        """Store events that have an id and a time, in one transaction; returns how many ids were new."""
        ...

    def since(self, sequence: int) -> Iterator[EventPiece]:
        """The events after a sequence number that concern products, in pieces."""
        ...

    def chosen_after_words(self, until: int) -> Iterator[EventPiece]:
        """The choices after a search for words, up to a sequence number, in pieces."""
        ...

    def mark(self, sequence: int) -> bytes:
        """What tells the last event up to a sequence number from any other; empty if there is none."""
        ...

    def of_shopper(self, shopper: str) -> Iterator[Event]:
        """Every event of a shopper, in the order of their time."""
        ...

    def forget(self, shopper: str) -> int:
        """Delete every event of a shopper so that no byte of them stays; returns how many there were."""
        ...

    def searches(self, shopper: str | None, limit: int) -> list[Event]:
        """The latest searches, of one shopper or of all, the last one first."""
        ...

    def by_position(self, since: float) -> list[Count]:
        """How often each kind of event happened at each position on the page."""
        ...

    def by_query(self, since: float, limit: int) -> list[Count]:
        """How often each words were searched, and what followed, the most frequent first."""
        ...

    def every(self) -> Iterator[Event]:
        """Every event, in the order of storing; ids are the digests by which events are known."""
        ...

    def exposed(self, experiment: str, goal: str, since: float, until: float) -> list[Exposed]:
        """The shoppers who took part in an experiment, in the order in which they joined it.

        Args:
            experiment: the id of the experiment.
            goal: the kind of event that counts as success.
            since, until: exposures and successes outside of these times do not count.
        """
        ...

    def raw(self) -> Iterator[list[tuple[Any, ...]]]:
        """Every stored event as its columns, in the order of storing, for another database."""
        ...

    def put_raw(self, rows: Sequence[tuple[Any, ...]]) -> int:
        """Store events of another database as they are; returns how many were new."""
        ...
