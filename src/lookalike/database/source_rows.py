"""The sources that a catalog follows, and the items that webhooks named and that are still to be read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from lookalike.database.session import Connections, Session

# A webhook that is repeated later is read again.
KEPT_SECONDS = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class StoredSource:
    """A source by its name: its address, which contains no secret, and where its next read begins.

    `retried` are items that failed in part and are read again. `full_read` is when everything was last read,
    in seconds since 1970.
    """

    name: str
    address: str
    cursor: str | None = None
    retried: tuple[str, ...] = ()
    full_read: float = 0.0


@dataclass(frozen=True, slots=True)
class PendingItem:
    """An item to be read, and how many webhooks named it."""

    id: str
    said: int


class SourceRows:
    """The sources of one catalog."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._now = connections.clock

    def put(self, name: str, address: str) -> None:
        """Add a source, or change its address. A new address is read from the beginning."""
        self._connections.redo(
            lambda session: session.rows(
                "INSERT INTO sources (name, address, place) VALUES (?, ?, NULL) "
                "ON CONFLICT (name) DO UPDATE SET address = excluded.address, "
                "place = CASE WHEN sources.address = excluded.address THEN sources.place END, "
                "full_read = CASE WHEN sources.address = excluded.address THEN sources.full_read END",
                (name, address),
            )
        )

    def get(self, name: str) -> StoredSource | None:
        """One source, if there is one of that name."""
        return next((each for each in self.all() if each.name == name), None)

    def all(self) -> list[StoredSource]:
        """Every source in the order of names."""
        with self._connections.read() as reader:
            found = reader.rows("SELECT name, address, place, retried, full_read FROM sources ORDER BY name")
        return [
            StoredSource(name, address, place, tuple(json.loads(retried or "[]")), full_read or 0.0)
            for name, address, place, retried, full_read in found
        ]

    def keep_cursor(self, name: str, cursor: str | None) -> None:
        """Store where the next read of a source begins."""
        self._connections.redo(
            lambda session: session.rows("UPDATE sources SET place = ? WHERE name = ?", (cursor, name))
        )

    def keep_retried(self, name: str, items: Sequence[str]) -> None:
        """Store which items are to be read again."""
        self._connections.redo(
            lambda session: session.rows(
                "UPDATE sources SET retried = ? WHERE name = ?", (json.dumps(list(items)), name)
            )
        )

    def keep_full_read(self, name: str, time: float) -> None:
        """Store when everything was last read."""
        self._connections.redo(
            lambda session: session.rows("UPDATE sources SET full_read = ? WHERE name = ?", (time, name))
        )

    def remove(self, name: str) -> None:
        """Stop following a source; its products stay."""

        def work(session: Session) -> None:
            for table, column in (
                ("source_pending", "source"),
                ("source_deliveries", "source"),
                ("sources", "name"),
            ):
                session.rows(f"DELETE FROM {table} WHERE {column} = ?", (name,))

        self._connections.redo(work)

    def note(self, name: str, delivery: str, items: Sequence[str]) -> bool:
        """Store items to be read. Returns False, and changes nothing, if the delivery was stored before."""
        with self._connections.write() as session:
            session.rows(f"DELETE FROM source_deliveries WHERE received < {self._now} - ?", (KEPT_SECONDS,))
            new = session.rows(
                f"INSERT INTO source_deliveries (source, id, received) VALUES (?, ?, {self._now}) "
                "ON CONFLICT (source, id) DO NOTHING RETURNING id",
                (name, delivery),
            )
            if new:
                session.many(
                    "INSERT INTO source_pending (source, item, said) VALUES (?, ?, 1) "
                    "ON CONFLICT (source, item) DO UPDATE SET said = source_pending.said + 1",
                    [(name, item) for item in dict.fromkeys(items)],
                )
            return bool(new)

    def pending(self, name: str, limit: int) -> list[PendingItem]:
        """Items that are still to be read."""
        with self._connections.read() as reader:
            found = reader.rows(
                "SELECT item, said FROM source_pending WHERE source = ? ORDER BY item LIMIT ?", (name, limit)
            )
        return [PendingItem(*row) for row in found]

    def count_pending(self) -> dict[str, int]:
        """The number of items that are still to be read, by source."""
        with self._connections.read() as reader:
            found = reader.rows("SELECT source, count(*) FROM source_pending GROUP BY source")
        return dict(found)

    def settle(self, name: str, items: Sequence[PendingItem]) -> None:
        """Delete items that were read, except those that another webhook named meanwhile."""
        self._connections.redo(
            lambda session: session.many(
                "DELETE FROM source_pending WHERE source = ? AND item = ? AND said = ?",
                [(name, item.id, item.said) for item in items],
            )
        )
