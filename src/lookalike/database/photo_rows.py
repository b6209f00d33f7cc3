"""How photos are stored: a small one to search and list, and a large one to zoom where the shop keeps it."""

from __future__ import annotations

from collections.abc import Sequence

from lookalike.database.base import PhotoStorage
from lookalike.database.session import Reader, Session, marks
from lookalike.database.vector_rows import DAMAGED, checksum, intact
from lookalike.media.images import StoredPhoto


def write_photos(session: Session, photos: Sequence[StoredPhoto]) -> None:
    """Store photos that are new, and those that were damaged."""
    session.many(
        "INSERT INTO photos (id, data, media_type, width, height, checksum) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE "
        "SET data = excluded.data, checksum = excluded.checksum "
        f"WHERE photos.checksum = {DAMAGED}",
        [
            (photo.id, photo.data, photo.media_type, photo.width, photo.height, checksum(photo.data))
            for photo in photos
        ],
    )
    session.many(
        "INSERT INTO large_photos (photo, data, checksum) VALUES (?, ?, ?) ON CONFLICT (photo) DO UPDATE "
        f"SET data = excluded.data, checksum = excluded.checksum WHERE large_photos.checksum = {DAMAGED}",
        [(photo.id, photo.large, checksum(photo.large)) for photo in photos if photo.large],
    )


def large_photos(reader: Reader, ids: Sequence[str]) -> dict[str, bytes]:
    """The large photos of these ids that exist and are intact, as JPEG."""
    sql = f"SELECT photo, data, checksum FROM large_photos WHERE photo IN ({marks(ids)})"
    rows = reader.rows(sql, ids)
    return {id: data for id, data, expected in rows if intact(data, expected, f"large photo {id}")}


def photo_storage(reader: Reader) -> PhotoStorage:
    """What the photos of the catalog take."""
    counts = [
        reader.rows(f"SELECT count(*), COALESCE(sum(length(data)), 0) FROM {table}")[0]
        for table in ("photos", "large_photos")
    ]
    return PhotoStorage(*(int(value) for row in counts for value in row))
