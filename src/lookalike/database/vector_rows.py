"""Vectors as rows: each belongs to a space and carries a checksum of its bytes."""

from __future__ import annotations

import logging
import zlib

from lookalike.database.base import Batch
from lookalike.database.session import Reader, Session

DAMAGED = -1
logger = logging.getLogger(__name__)


def checksum(data: bytes) -> int:
    """What is stored beside bytes, so that a flipped bit on the disk is noticed."""
    return zlib.crc32(data)


def is_intact(data: bytes, expected: int | None) -> bool:
    """Whether bytes are what was written; a row of an older version has no checksum until `check` adds it."""
    return expected is None or zlib.crc32(data) == expected


def intact(data: bytes | None, expected: int | None, what: str) -> bytes | None:
    """The bytes of a row, or None where they are damaged."""
    if data is None or is_intact(data, expected):
        return data
    logger.warning("%s is damaged and not used: run `lookalike check`, then import the feed again.", what)
    return None


def space_number(session: Reader, name: str) -> int:
    """The number of a space; -1 if there is none of that name."""
    found = session.rows("SELECT number FROM spaces WHERE name = ?", (name,))
    return int(found[0][0]) if found else -1


def made_space(session: Session, name: str) -> int:
    """The number of a space, created if needed."""
    session.rows("INSERT INTO spaces (name) VALUES (?) ON CONFLICT DO NOTHING", (name,))
    return space_number(session, name)


def write_vectors(session: Session, batch: Batch) -> None:
    """Insert or replace the vectors of a batch."""
    if batch.image_vectors:
        space = made_space(session, batch.image_space)
        # In one order everywhere, so that two who write the same rows cannot wait for each other.
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
