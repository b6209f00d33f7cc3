"""A tree of folders with photos: each photo is a product, its folder the category."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from lookalike.errors import BadFeed
from lookalike.feeds.base import Record
from lookalike.feeds.photo_folder import PhotoFolder
from lookalike.feeds.records_to_products import RecordFeed
from lookalike.feeds.text import flaw_of
from lookalike.feeds.values import OTHER_PICTURE_SUFFIXES, PICTURE_SUFFIXES

_NAMES = ("id", "title", "category", "photo")
_UNSPOKEN = re.compile(
    r"(img|image|dsc|dscf|dscn|pic|pict|photo|pxl|wp|screenshot)?[\W\d_]*|[0-9a-f]{8}[0-9a-f-]*",
    re.IGNORECASE,
)


def folder_feed(root: Path, mapping: Mapping[str, str]) -> RecordFeed:
    """The feed in a folder. Raises BadFeed if it contains no photo."""
    if next(_pictures(root, ""), None) is None:
        raise BadFeed(
            f"{root} holds no photos and no feed with photos: give a folder of photos or a feed file."
        )
    return RecordFeed(str(root), lambda: _records(root), mapping, PhotoFolder(root))


def _records(root: Path) -> Iterator[Record]:
    """The photos below a folder in the order of their names, counted from 1, without hidden ones."""
    for line, path in enumerate(_pictures(root, ""), 1):
        where = PurePosixPath(path)
        suffix = where.suffix.lower()
        problem = flaw_of(path)
        if suffix in OTHER_PICTURE_SUFFIXES:
            problem = f"{suffix[1:].upper()} is not supported: save it as JPEG."
        category = "" if str(where.parent) == "." else str(where.parent)
        yield Record(line, _NAMES, (path, _title(where.stem), category, [path]), problem)


def _title(stem: str) -> str:
    """The words of a file's name; none if a camera or a database generated it."""
    return "" if _UNSPOKEN.fullmatch(stem) else stem.replace("_", " ").replace("-", " ")


def _pictures(root: Path, below: str) -> Iterator[str]:
    try:
        with os.scandir(root / below) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        raise BadFeed(f"{root / below} cannot be read ({error}): check its permissions.") from error
    for entry in entries:
        if entry.name.startswith("."):
            continue
        path = f"{below}/{entry.name}" if below else entry.name
        # Linked folders are not followed: they may form cycles or leave the tree.
        if entry.is_dir(follow_symlinks=False):
            yield from _pictures(root, path)
        elif PurePosixPath(entry.name).suffix.lower() in PICTURE_SUFFIXES | OTHER_PICTURE_SUFFIXES:
            yield path
