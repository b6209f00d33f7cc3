"""The contract for events of every database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from lookalike.types import Event, EventKind

# A search for the same words after so many seconds is another intent.
SAME_INTENT = 1800.0

# What a shopper does with a product that words found.
LED_BY_WORDS = ("click", "cart", "purchase")


@dataclass(frozen=True, slots=True)
class EventPiece:
    """Events in the order of storage, up to a sequence number, as columns."""

    sequence: int
    kinds: tuple[str, ...]
    shoppers: tuple[str, ...]
    products: tuple[str, ...]
    times: tuple[float, ...]
    ratings: tuple[float | None, ...]
    queries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """The number of events with one name; the query defines what is named."""

    name: str
    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class Exposed:
    """A participant of an experiment: when the shopper joined, and first reached its goal."""

    shopper: str
    variant: str
    time: float
    reached: float | None


@dataclass(frozen=True, slots=True)
class Intents:
    """How many searches were followed by a click on a result, and how many shoppers searched."""

    clicked: int
    shoppers: int


class EventStore(Protocol):
    """Events by their id. Every write is durable when the call returns."""

    def sequence(self) -> int:
        """The sequence number of the last event, in the order of commits."""
        ...

    def forgettings(self) -> int:
        """The number of deletions of shoppers. If it grows, data derived from events must be rebuilt."""
        ...

    def record(self, events: Sequence[Event]) -> int:
        """Store events that have an id and a time in one transaction, and return the number of new ones."""
        ...

    def record_each(self, batches: Sequence[Sequence[Event]]) -> list[int | Exception]:
        """Store batches as `record` does, in one transaction. A batch that cannot be stored fails alone.

        Returns the number of new events of each batch, or why it is not stored.
        """
        ...

    def since(self, sequence: int) -> Iterator[EventPiece]:
        """Yield the product events after a sequence number, in batches."""
        ...

    def chosen_after_words(self, until: int) -> Iterator[EventPiece]:
        """The choices after a search for words, up to a sequence number, in pieces."""
        ...

    def mark(self, sequence: int) -> bytes:
        """Identify the last event up to a sequence number; empty if there is none."""
        ...

    def of_shopper(self, shopper: str) -> Iterator[Event]:
        """Yield every event of a shopper, in the order of their time."""
        ...

    def forget(self, shopper: str) -> int:
        """Delete every event of a shopper, including their bytes on disk, and return the number."""
        ...

    def searches(self, shopper: str | None, limit: int) -> list[Event]:
        """Return the latest searches, of one shopper or of all, newest first."""
        ...

    def by_position(self, since: float) -> list[Count]:
        """Count the events by position on the page and kind."""
        ...

    def by_query(self, since: float, limit: int) -> list[Count]:
        """Count the searches for each query, and the events that followed, most frequent first.

        A shopper's searches for the same words within `SAME_INTENT` seconds count once: the shopper has
        refined the search by a filter, the order or the weight of the photo, or come back to it.
        """
        ...

    def by_day(self, since: float) -> list[Count]:
        """Count the events of each kind by day since 1970 (UTC); searches as in `by_query`."""
        ...

    def by_product(self, kind: EventKind, since: float) -> list[Count]:
        """Count the events of a kind by product."""
        ...

    def intents(self, since: float) -> Intents:
        """Count the searches with a click, and the shoppers who searched; searches as in `by_query`."""
        ...

    def every(self) -> Iterator[Event]:
        """Yield every event in the order of storage; ids are digests."""
        ...

    def exposed(self, experiment: str, goal: str, since: float, until: float) -> list[Exposed]:
        """Yield the participants of an experiment, in the order in which they joined.

        Args:
            experiment: the id of the experiment.
            goal: the kind of event that counts as success.
            since, until: only exposures and successes in this period count.
        """
        ...

    def raw(self) -> Iterator[list[tuple[Any, ...]]]:
        """Yield every stored event as its columns, in the order of storage, for another database."""
        ...

    def put_raw(self, rows: Sequence[tuple[Any, ...]]) -> int:
        """Store events of another database unchanged, and return the number of new ones."""
        ...
