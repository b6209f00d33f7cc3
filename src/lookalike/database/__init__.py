"""The system of record: one SQL database holds products, photos, vectors, settings and events."""

from __future__ import annotations

from lookalike.database.base import (
    Batch,
    Change,
    Database,
    FactsWritten,
    StoredEntry,
    StoredText,
    TextChanges,
    Written,
)
from lookalike.database.journal_rows import JournalEntry

__all__ = [
    "Batch",
    "Change",
    "Database",
    "FactsWritten",
    "JournalEntry",
    "StoredEntry",
    "StoredText",
    "TextChanges",
    "Written",
    "open_database",
]


def open_database(url: str) -> Database:
    """Open the database for a file name or a postgresql:// URL; create it if it does not exist."""
    if url.startswith(("postgresql://", "postgres://")):
        from lookalike.database.postgres import open_postgres

        return open_postgres(url)
    from lookalike.database.sqlite import open_sqlite

    return open_sqlite(url.removeprefix("sqlite:///"))
