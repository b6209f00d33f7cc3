"""Vectors as rows, each with its space and a checksum."""

from __future__ import annotations

import logging
import zlib

from lookalike.database.base import Batch
from lookalike.database.session import Reader, Session

DAMAGED = -1
logger = logging.getLogger(__name__)


def checksum(data: bytes) -> int:
    """Return the checksum that is stored beside bytes, to detect bit rot."""
    return zlib.crc32(data)


def is_intact(data: bytes, expected: int | None) -> bool:
    """Whether bytes match their checksum; rows of older versions have none until `check` adds it."""
    return expected is None or zlib.crc32(data) == expected


def intact(data: bytes | None, expected: int | None, what: str) -> bytes | None:
    """Return the bytes of a row; None if they are damaged."""
    if data is None or is_intact(data, expected):
        return data
    logger.warning("%s is damaged and ignored. Run `lookalike check`, then import the feed again.", what)
    return None


def space_number(session: Reader, name: str) -> int:
    """Return the number of a space; -1 if it does not exist."""
    found = session.rows("SELECT number FROM spaces WHERE name = ?", (name,))
    return int(found[0][0]) if found else -1


def made_space(session: Session, name: str) -> int:
    """Return the number of a space; create it if necessary."""
    session.rows("INSERT INTO spaces (name) VALUES (?) ON CONFLICT DO NOTHING", (name,))
    return space_number(session, name)


def write_vectors(session: Session, batch: Batch) -> None:
    """Insert or replace the vectors of a batch."""
    if batch.image_vectors:
        space = made_space(session, batch.image_space)
        # All writers use the same order, to avoid deadlocks.
        session.many(
            "INSERT INTO photo_vectors (space, photo, vector, checksum) "
            "SELECT ?, id, ?, ? FROM photos WHERE id = ? ON CONFLICT (space, photo) "
            "DO UPDATE SET vector = excluded.vector, checksum = excluded.checksum",
            [
                (space, vector, checksum(vector), photo)
                for photo, vector in sorted(batch.image_vectors.items())
            ],
        )
    if batch.text_vectors:
        space = made_space(session, batch.text_space)
        session.many(
            "INSERT INTO text_vectors (space, product, text, vector, checksum) "
            "SELECT ?, number, ?, ?, ? FROM products WHERE id = ? ON CONFLICT (space, product) "
            "DO UPDATE SET text = excluded.text, vector = excluded.vector, checksum = excluded.checksum",
            [
                (space, text, vector, checksum(vector), product)
                for product, (text, vector) in sorted(batch.text_vectors.items())
            ],
        )
