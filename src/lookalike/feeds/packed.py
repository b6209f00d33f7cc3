"""Compressed feeds: gzip, or a ZIP file of a feed with its photos."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from lookalike.errors import BadFeed

GZIP = b"\x1f\x8b"
ZIP = b"PK\x03\x04"
MOST_FILES = 100_000
PIECE = 1 << 20
WORKBOOK = "[Content_Types].xml"
TABLES = frozenset({".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet", ".xml"})
# A text file beside a feed is usually a note.
FEEDS = (TABLES, frozenset({".txt"}))


def unpacked(file: Path, folder: Path, most_bytes: int) -> Path:
    """The feed in a file: the file itself, or the content of a gzip or ZIP file, unpacked into a folder.

    Raises BadFeed if the file is damaged, cut off, or larger than `most_bytes` when unpacked.
    """
    with file.open("rb") as opened:
        mark = opened.read(len(ZIP))
    if mark.startswith(GZIP):
        folder.mkdir(parents=True, exist_ok=True)
        return _gunzipped(file, folder, most_bytes)
    if mark != ZIP:
        return file
    try:
        with zipfile.ZipFile(file) as archive:
            _unpack(archive, folder, most_bytes)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError) as error:
        raise BadFeed(
            f"The ZIP file cannot be opened ({error}): pack it again, without a password."
        ) from error
    return _feed(folder)


def _gunzipped(file: Path, folder: Path, most_bytes: int) -> Path:
    target = folder / (file.name.removesuffix(".gz") or "feed")
    left = most_bytes
    try:
        with gzip.open(file) as source, target.open("wb") as written:
            while piece := source.read(PIECE):
                left -= len(piece)
                if left < 0:
                    raise _too_large(most_bytes)
                written.write(piece)
    except EOFError as error:
        raise BadFeed(f"{file.name} is cut off: the gzip data has no end. Get the feed again.") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise BadFeed(f"{file.name} is damaged gzip data ({error}): get the feed again.") from error
    return target


def _unpack(archive: zipfile.ZipFile, folder: Path, most_bytes: int) -> None:
    entries = archive.infolist()
    if any(entry.filename == WORKBOOK for entry in entries):
        raise BadFeed("This is an Excel workbook: save the sheet as CSV (UTF-8).")
    if len(entries) > MOST_FILES:
        raise BadFeed(f"A ZIP file may hold {MOST_FILES:,} files: send the feed in parts.")
    left = most_bytes
    for entry in entries:
        place = PurePosixPath(entry.filename.replace("\\", "/"))
        if place.is_absolute() or ".." in place.parts:
            raise BadFeed(f"The ZIP file holds {entry.filename!r}, which leads out of it: pack it again.")
        if entry.is_dir() or any(part.startswith((".", "__MACOSX")) for part in place.parts):
            continue
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        # The size that a file declares may be false: the unpacked bytes are counted.
        with archive.open(entry) as source, target.open("wb") as written:
            while piece := source.read(PIECE):
                left -= len(piece)
                if left < 0:
                    raise _too_large(most_bytes)
                written.write(piece)


def _too_large(most_bytes: int) -> BadFeed:
    return BadFeed(
        f"Unpacked, a feed may have {most_bytes / 1e6:g} MB: split it, or raise LOOKALIKE_MAX_IMPORT_BYTES."
    )


def _feed(folder: Path) -> Path:
    """The feed nearest to the top, or the folder itself if it contains only photos."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    for suffixes in FEEDS:
        feeds = [path for path in files if path.suffix.lower() in suffixes]
        if not feeds:
            continue
        top = min(len(path.parts) for path in feeds)
        nearest = sorted(path for path in feeds if len(path.parts) == top)
        if len(nearest) > 1:
            names = ", ".join(path.name for path in nearest[:5])
            raise BadFeed(f"There are several feeds ({names}): send one, with its photos.")
        return nearest[0]
    return folder
