"""What the last import replaced, as rows: enough to undo it. Only one import is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lookalike.database.session import Connections, Session, marks

AT_ONCE = 1000


class JournalEntry(NamedTuple):
    """A product that an import changed: what it was, or None if it was new, and its digest since then."""

    product: str
    before: str | None
    after: bytes | None


class JournalCounts(NamedTuple):
    """How many products the last import added, updated and removed."""

    added: int
    updated: int
    removed: int


# No product has this digest: an entry with it is never undone.
CHANGED_SINCE = b"changed"


def note_changes(session: Session, products: Sequence[str]) -> None:
    """Say that products were changed after the last import: an undo leaves them as they are."""
    for start in range(0, len(products), AT_ONCE):
        some = products[start : start + AT_ONCE]
        sql = f"UPDATE import_journal SET after = ? WHERE product IN ({marks(some)})"
        session.rows(sql, (CHANGED_SINCE, *some))


class JournalRows:
    """The journal of one catalog. The photos in it stay stored although no product shows them."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def clear(self) -> None:
        """Forget the last import, and the photos that only its journal kept."""

        def work(session: Session) -> None:
            session.rows("DELETE FROM import_journal")
            session.rows(
                "DELETE FROM photos WHERE id IN (SELECT photo FROM import_photos) "
                "AND NOT EXISTS (SELECT 1 FROM product_photos WHERE photo = photos.id)"
            )
            session.rows("DELETE FROM import_photos")

        self._connections.redo(work)

    def add(self, entries: Sequence[JournalEntry], photos: Sequence[str]) -> None:
        """Note what is about to be written. What a product was is noted once, by the first entry."""

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
        """Say that products are changed after the last import: an undo leaves them as they are."""
        self._connections.redo(lambda session: note_changes(session, products))

    def first(self, limit: int) -> list[JournalEntry]:
        """Some entries, in the order of their products."""
        with self._connections.read() as reader:
            found = reader.rows(
                "SELECT product, before, after FROM import_journal ORDER BY product LIMIT ?", (limit,)
            )
        return [JournalEntry(*row) for row in found]

    def drop(self, products: Sequence[str]) -> None:
        """Strike off entries that are undone."""
        self._connections.redo(
            lambda session: session.rows(
                f"DELETE FROM import_journal WHERE product IN ({marks(products)})", products
            )
        )

    def counts(self) -> JournalCounts:
        """What the last import changed, in numbers."""
        with self._connections.read() as reader:
            found = reader.rows(
                "SELECT count(CASE WHEN before IS NULL THEN 1 END), "
                "count(CASE WHEN before IS NOT NULL AND after IS NOT NULL THEN 1 END), "
                "count(CASE WHEN after IS NULL THEN 1 END) FROM import_journal"
            )
        return JournalCounts(*map(int, found[0]))
