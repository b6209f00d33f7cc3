"""Sample photos to try the search with, stored in the catalog."""

from __future__ import annotations

import json
from collections.abc import Mapping

from lookalike.database import Database
from lookalike.errors import NotFound

TITLES = "sample-photos"


def put_sample_photos(database: Database, photos: Mapping[str, bytes]) -> None:
    """Store JPEG files by title."""
    for title, data in photos.items():
        database.put_fit(_key(title), data)
    database.put_fit(TITLES, json.dumps(list(photos), ensure_ascii=False).encode())


def sample_photo_titles(database: Database) -> list[str]:
    """The titles of the stored photos."""
    stored = database.fit(TITLES)
    return [str(title) for title in json.loads(stored)] if stored else []


def sample_photo(database: Database, title: str) -> bytes:
    """The JPEG file stored under a title.

    Raises NotFound if there is none.
    """
    # Only listed titles may be read: other artifacts share the table.
    stored = database.fit(_key(title)) if title in sample_photo_titles(database) else None
    if stored is None:
        raise NotFound(f"There is no sample photo '{title}'. GET /v1/samples lists them.")
    return stored


def _key(title: str) -> str:
    return f"{TITLES}:{title}"
