"""The truth: one SQL database holds products, photos, vectors, settings and the revision of every write."""

from __future__ import annotations

from lookalike.database.contract import Batch, Change, Database, StoredEntry, Written

__all__ = ["Batch", "Change", "Database", "StoredEntry", "Written", "open_database"]


def open_database(url: str) -> Database:
    """The database behind a file name, made where there is none."""
    from lookalike.database.sqlite import SqliteDatabase

    return SqliteDatabase(url.removeprefix("sqlite:///"))
