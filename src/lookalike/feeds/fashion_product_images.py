"""The layout of the Fashion Product Images data set: `styles.csv` beside `images/<id>.jpg`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from lookalike.errors import BadFeed
from lookalike.feeds.base import Record
from lookalike.feeds.columns import assign_header
from lookalike.feeds.delimited import Table
from lookalike.feeds.photo_folder import PhotoFolder
from lookalike.feeds.records_to_products import RecordFeed
from lookalike.feeds.text import flaw_of
from lookalike.feeds.values import facet_of_text

_TITLE = "productDisplayName"
_COLUMNS = frozenset({"id", "masterCategory", "articleType", _TITLE})
_PHOTO = "image"


def is_fashion(table: Table) -> bool:
    """Whether a table has the columns of the data set."""
    return set(table.names) >= _COLUMNS and _PHOTO not in table.names


def fashion_feed(table: Table, mapping: Mapping[str, str], images: Path | None) -> RecordFeed:
    """The data set's rows, each with the photo of its id."""
    folder = images or table.file.path.parent / "images"
    if not folder.is_dir():
        raise BadFeed(f"There is no folder {folder}: say where the photos are with --images.")
    assign_header(table.names, mapping)
    return RecordFeed(table.file.name, lambda: _records(table), mapping, PhotoFolder(folder), facet_of_text)


def _records(table: Table) -> Iterator[Record]:
    names = (*table.names, _PHOTO)
    width = len(table.names)
    id_at = table.names.index("id")
    titled_last = table.names[-1] == _TITLE
    for line, _, cells, problem, last in table.records():
        # The data set has titles with commas and without quotes.
        if problem and titled_last and len(cells) > width:
            cells = [*cells[: width - 1], ",".join(map(str, cells[width - 1 :]))]
            problem = flaw_of("".join(map(str, cells)))
        yield Record(line, names, cells if problem else (*cells, f"{cells[id_at]}.jpg"), problem, last)
