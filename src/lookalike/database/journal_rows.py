"""The journal of the last import: the previous state of each product, so that the import can be undone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lookalike.database.session import Connections, Session, marks

AT_ONCE = 1000


class JournalEntry(NamedTuple):
    """A product changed by an import: its state before, None if it was new, and its digest after."""

    product: str
    before: str | None
    after: bytes | None


class JournalCounts(NamedTuple):
    """The number of products that the last import added, updated and removed."""

    added: int
    updated: int
    removed: int


# No product has this digest: an entry with it cannot be undone.
CHANGED_SINCE = b"changed"


def note_changes(session: Session, products: Sequence[str]) -> None:
    """Mark products as changed after the last import, so that an undo keeps them."""
    for start in range(0, len(products), AT_ONCE):
        some = products[start : start + AT_ONCE]
        sql = f"UPDATE import_journal SET after = ? WHERE product IN ({marks(some)})"
        session.rows(sql, (CHANGED_SINCE, *some))


class JournalRows:
    """The journal of one catalog. Its photos stay stored even if no product shows them."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def clear(self) -> None:
        """Delete the journal, and the photos that only it kept."""

        def work(session: Session) -> None:
            session.rows("DELETE FROM import_journal")
            session.rows(
                "DELETE FROM photos WHERE id IN (SELECT photo FROM import_photos) "
                "AND NOT EXISTS (SELECT 1 FROM product_photos WHERE photo = photos.id)"
            )
            session.rows("DELETE FROM import_photos")

        self._connections.redo(work)

    def add(self, entries: Sequence[JournalEntry], photos: Sequence[str]) -> None:
        """Record changes before they are written. Only a product's first entry stores its previous state."""

        def work(session: Session) -> None:
            session.many(
                "INSERT INTO import_journal (product, before, after) VALUES (?, ?, ?) "
                "ON CONFLICT (product) DO UPDATE SET after = excluded.after",
                entries,
            )
            session.many(
                "INSERT INTO import_photos (photo) VALUES (?) ON CONFLICT DO NOTHING",
                [(photo,) for photo in dict.fromkeys(photos)],
            )

        self._connections.redo(work)

    def note_changes(self, products: Sequence[str]) -> None:
        """Mark products as changed after the last import, so that an undo keeps them."""
        self._connections.redo(lambda session: note_changes(session, products))

    def first(self, limit: int) -> list[JournalEntry]:
        """Return some entries, in the order of their products."""
        with self._connections.read() as reader:
            found = reader.rows(
                "SELECT product, before, after FROM import_journal ORDER BY product LIMIT ?", (limit,)
            )
        return [JournalEntry(*row) for row in found]

    def drop(self, products: Sequence[str]) -> None:
        """Delete entries after their undo."""
        self._connections.redo(
            lambda session: session.rows(
                f"DELETE FROM import_journal WHERE product IN ({marks(products)})", products
            )
        )

    def counts(self) -> JournalCounts:
        """Count the changes of the last import."""
        with self._connections.read() as reader:
            found = reader.rows(
                "SELECT count(CASE WHEN before IS NULL THEN 1 END), "
                "count(CASE WHEN before IS NOT NULL AND after IS NOT NULL THEN 1 END), "
                "count(CASE WHEN after IS NULL THEN 1 END) FROM import_journal"
            )
        return JournalCounts(*map(int, found[0]))
