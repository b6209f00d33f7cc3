"""Events in portable SQL: stored once, read incrementally in their order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, Protocol, cast

import numpy as np

from lookalike.database.event_store import (
    LED_BY_WORDS,
    SAME_INTENT,
    Count,
    EventPiece,
    Exposed,
    Intents,
)
from lookalike.database.group_commit import write_together
from lookalike.database.session import Connections, Session, marks
from lookalike.errors import DatabaseBusy
from lookalike.types import Event, EventKind

PIECE = 50_000
RAW_PIECE = 5000
DIGEST_BYTES = 16
COLUMNS = "id, kind, shopper, product, time, rating, query, comment, position, vector, experiment, variant"
# Events of these kinds carry no information about a product.
SILENT = ("impression", "search", "exposure")
# Searches of a shopper, without those for the same words shortly before. A photo has no words: each counts.
INTENTS = """
    SELECT shopper, query, time FROM (
        SELECT shopper, query, time,
            LAG(time) OVER (PARTITION BY shopper, query ORDER BY time, sequence) AS previous
        FROM events WHERE kind = 'search' AND forgotten = 0 AND time >= ?
    ) AS sought WHERE query = '' OR previous IS NULL OR time - previous > ?
"""


class Eraser(Protocol):
    """How a database erases rows without leaving traces on disk."""

    def erase(self, session: Session, sequences: Sequence[int]) -> None:
        """Erase rows within the transaction."""
        ...

    def settle(self) -> None:
        """Clean up after the transaction, when the rows are invisible to every reader."""
        ...


class EventRows:
    """The events of one catalog."""

    def __init__(self, connections: Connections, eraser: Eraser) -> None:
        self._connections = connections
        self._eraser = eraser

    def _rows(self, sql: str, bindings: Sequence[Any] = ()) -> list[Any]:
        with self._connections.read() as session:
            return session.rows(sql, bindings)

    def sequence(self) -> int:
        """The sequence number of the last event, in the order of commits."""
        return int(self._rows("SELECT last FROM event_counter")[0][0])

    def forgettings(self) -> int:
        """The number of deletions of shoppers."""
        return int(self._rows("SELECT forgettings FROM event_counter")[0][0])

    def record(self, events: Sequence[Event]) -> int:
        """Store events that have an id and a time in one transaction, and return the number of new ones."""
        if not events:
            return 0
        return self._store([[_row(event) for event in events]])[0]

    def record_each(self, batches: Sequence[Sequence[Event]]) -> list[int | Exception]:
        """Store batches in one transaction; returns the number of new events of each, or why it failed."""
        rows = [[_row(event) for event in events] for events in batches]
        return write_together(rows, self._store) if rows else []

    def raw(self) -> Iterator[list[tuple[Any, ...]]]:
        """Yield every stored event as its columns, in the order of storage, for another database."""
        sql = (
            f"SELECT sequence, {COLUMNS} FROM events WHERE sequence > ? AND forgotten = 0 "
            "ORDER BY sequence LIMIT ?"
        )
        after = 0
        while found := self._rows(sql, (after, RAW_PIECE)):
            after = int(found[-1][0])
            yield [tuple(row[1:]) for row in found]

    def put_raw(self, rows: Sequence[tuple[Any, ...]]) -> int:
        """Store events of another database unchanged, and return the number of new ones."""
        return self._store([rows])[0]

    def _store(self, batches: Sequence[Sequence[tuple[Any, ...]]]) -> list[int]:
        """Store batches of rows in one transaction, and return the number of new rows of each."""

        def work(session: Session) -> list[int]:
            # Lock the counter first, so that sequence numbers become visible in order.
            last = int(session.rows("UPDATE event_counter SET last = last RETURNING last")[0][0])
            new: list[int] = []
            for rows in batches:
                if not rows:
                    new.append(0)
                    continue
                ids = [row[0] for row in rows]
                known = f"SELECT count(*) FROM events WHERE id IN ({marks(ids)})"
                new.append(len(set(ids)) - int(session.rows(known, ids)[0][0]))
                session.many(
                    f"INSERT INTO events (sequence, forgotten, {COLUMNS}) "
                    f"VALUES (?, 0, {marks(COLUMNS.split())}) ON CONFLICT (id) DO NOTHING",
                    ((last + place, *row) for place, row in enumerate(rows, 1)),
                )
                last += len(rows)
            session.rows("UPDATE event_counter SET last = ?", (last,))
            return new

        return self._connections.redo(work)

    def since(self, sequence: int) -> Iterator[EventPiece]:
        """The events after a sequence number that concern products, in pieces."""
        return self._pieces(sequence, self.sequence(), f"kind NOT IN ({marks(SILENT)})", SILENT)

    def chosen_after_words(self, until: int) -> Iterator[EventPiece]:
        """The choices after a search for words, up to a sequence number, in pieces."""
        return self._pieces(0, until, f"query <> '' AND kind IN ({marks(LED_BY_WORDS)})", LED_BY_WORDS)

    def _pieces(self, after: int, until: int, some: str, kinds: Sequence[str]) -> Iterator[EventPiece]:
        sql = (
            "SELECT sequence, kind, shopper, product, time, rating, query FROM events "
            f"WHERE sequence > ? AND sequence <= ? AND forgotten = 0 AND {some} ORDER BY sequence LIMIT ?"
        )
        while after < until:
            found = self._rows(sql, (after, until, *kinds, PIECE))
            after = int(found[-1][0]) if len(found) == PIECE else until
            yield EventPiece(after, *(tuple(zip(*found, strict=True))[1:] if found else ((),) * 6))

    def mark(self, sequence: int) -> bytes:
        """Identify the last event up to a sequence number; empty if there is none."""
        sql = "SELECT id FROM events WHERE sequence <= ? ORDER BY sequence DESC LIMIT 1"
        found = self._rows(sql, (sequence,))
        return bytes(found[0][0]) if found else b""

    def of_shopper(self, shopper: str) -> Iterator[Event]:
        """Yield every event of a shopper, in the order of their time."""
        after: tuple[float, int] = (-1.0, -1)
        sql = (
            f"SELECT {COLUMNS}, sequence FROM events WHERE shopper = ? AND forgotten = 0 "
            "AND (time, sequence) > (?, ?) ORDER BY time, sequence LIMIT ?"
        )
        while found := self._rows(sql, (shopper, *after, PIECE)):
            yield from map(_event, found)
            after = (found[-1][4], found[-1][-1])

    def forget(self, shopper: str) -> int:
        """Delete every event of a shopper, including their bytes on disk, and return the number."""
        with self._connections.write() as session:
            gone = session.rows("SELECT sequence FROM events WHERE shopper = ? AND forgotten = 0", (shopper,))
            if gone:
                self._eraser.erase(session, [sequence for (sequence,) in gone])
                session.rows("UPDATE event_counter SET forgettings = forgettings + 1")
        # Also if there is no event left: an earlier cleanup may not have finished.
        try:
            self._eraser.settle()
        except DatabaseBusy as error:
            raise DatabaseBusy(
                "The events are deleted, but a reader still uses an older snapshot of the database. "
                "Forget the shopper again later to erase them from the log."
            ) from error
        return len(gone)

    def searches(self, shopper: str | None, limit: int) -> list[Event]:
        """Return the latest searches, of one shopper or of all, newest first."""
        whose, bindings = (" AND shopper = ?", [shopper]) if shopper is not None else ("", [])
        sql = (
            f"SELECT {COLUMNS} FROM events WHERE kind = 'search' AND forgotten = 0{whose} "
            "ORDER BY time DESC, id LIMIT ?"
        )
        return [_event(row) for row in self._rows(sql, (*bindings, limit))]

    def by_position(self, since: float) -> list[Count]:
        """Count the events by position on the page and kind."""
        sql = (
            "SELECT position, kind, count(*) FROM events "
            "WHERE position IS NOT NULL AND forgotten = 0 AND time >= ? "
            "GROUP BY position, kind ORDER BY position, kind"
        )
        return [Count(str(position), kind, count) for position, kind, count in self._rows(sql, (since,))]

    def by_query(self, since: float, limit: int) -> list[Count]:
        """Count the searches for each query, and the events that followed, most frequent first."""
        sql = (
            f"WITH intents AS ({INTENTS}), asked AS (SELECT query, count(*) AS often FROM intents "
            "WHERE query <> '' GROUP BY query ORDER BY count(*) DESC, query LIMIT ?), "
            "counts AS (SELECT query, 'search' AS kind, often FROM asked UNION ALL "
            "SELECT e.query, e.kind, count(*) FROM events e JOIN asked a ON a.query = e.query "
            "WHERE e.time >= ? AND e.forgotten = 0 AND e.kind <> 'search' GROUP BY e.query, e.kind) "
            "SELECT query, kind, often FROM counts ORDER BY often DESC, query, kind"
        )
        return [Count(*row) for row in self._rows(sql, (since, SAME_INTENT, limit, since))]

    def by_day(self, since: float) -> list[Count]:
        """How often each kind of event happened on each day since 1970 (UTC); searches as in `by_query`."""
        day = "CAST(time AS BIGINT) / 86400"
        sql = (
            f"SELECT {day}, 'search', count(*) FROM ({INTENTS}) AS intents GROUP BY {day} UNION ALL "
            f"SELECT {day}, kind, count(*) FROM events "
            f"WHERE kind <> 'search' AND forgotten = 0 AND time >= ? GROUP BY {day}, kind"
        )
        rows = self._rows(sql, (since, SAME_INTENT, since))
        return [Count(str(number), kind, count) for number, kind, count in rows]

    def by_product(self, kind: EventKind, since: float) -> list[Count]:
        """How often a kind of event happened to each product."""
        sql = (
            "SELECT product, count(*) FROM events WHERE kind = ? AND product <> '' AND forgotten = 0 "
            "AND time >= ? GROUP BY product ORDER BY product"
        )
        return [Count(product, kind, count) for product, count in self._rows(sql, (kind, since))]

    def intents(self, since: float) -> Intents:
        """What became of the searches, each counted as in `by_query`."""
        sql = (
            "SELECT COALESCE(sum(CASE WHEN i.query <> '' AND EXISTS (SELECT 1 FROM events e "
            "WHERE e.shopper = i.shopper AND e.kind = 'click' AND e.query = i.query AND e.forgotten = 0 "
            "AND e.time >= i.time AND e.time <= i.time + ?) THEN 1 ELSE 0 END), 0), "
            f"count(DISTINCT i.shopper) FROM ({INTENTS}) AS i"
        )
        return Intents(*map(int, self._rows(sql, (SAME_INTENT, since, SAME_INTENT))[0]))

    def every(self) -> Iterator[Event]:
        """Yield every event, in the order of storage."""
        for piece in self.raw():
            yield from map(_event, piece)

    def exposed(self, experiment: str, goal: str, since: float, until: float) -> list[Exposed]:
        """Yield the participants of an experiment, in the order in which they joined."""
        sql = (
            "SELECT x.shopper, x.variant, x.time, (SELECT MIN(e.time) FROM events e "
            "WHERE e.shopper = x.shopper AND e.kind = ? AND e.forgotten = 0 "
            "AND e.time >= x.time AND e.time < ?) "
            "FROM events x WHERE x.kind = 'exposure' AND x.experiment = ? AND x.forgotten = 0 "
            "AND x.time >= ? AND x.time < ? ORDER BY x.time, x.shopper"
        )
        return [Exposed(*row) for row in self._rows(sql, (goal, until, experiment, since, until))]


def _digest(id: str) -> bytes:
    """Return the digest of an event id: ids may contain the shopper, and indexes keep traces of values."""
    return hashlib.blake2b(id.encode(), digest_size=DIGEST_BYTES).digest()


def _row(event: Event) -> tuple[Any, ...]:
    vector = None if event.vector is None else np.asarray(event.vector, "<f4").tobytes()
    return (
        _digest(event.id),
        event.kind,
        event.shopper,
        event.product,
        event.time,
        event.rating,
        event.query,
        event.comment,
        event.position,
        vector,
        event.experiment,
        event.variant,
    )


def _event(row: Sequence[Any]) -> Event:
    id, kind, shopper, product, time, rating, query, comment, position, vector, experiment, variant = row[:12]
    return Event(
        kind=cast("EventKind", kind),
        shopper=shopper,
        product=product,
        id=id.hex(),
        time=time,
        rating=rating,
        query=query,
        comment=comment,
        position=position,
        vector=None if vector is None else np.frombuffer(vector, "<f4"),
        experiment=experiment,
        variant=variant,
    )
