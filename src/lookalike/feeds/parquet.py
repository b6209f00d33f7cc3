"""Parquet files, read in batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from lookalike.errors import BadFeed, ExtraMissing, install_command
from lookalike.feeds.base import Cell, FeedFile, Record
from lookalike.feeds.columns import assign_header
from lookalike.feeds.photo_folder import PhotoFolder
from lookalike.feeds.records_to_products import RecordFeed
from lookalike.feeds.text import MAX_LINE, flaw_of

BATCH_ROWS = 256


def parquet_feed(file: FeedFile, mapping: Mapping[str, str], images: Path) -> RecordFeed:
    """The feed in a Parquet file."""
    with _opened(file) as table:
        names = tuple(table.schema_arrow.names)
        assign_header(names, mapping)
    feed = RecordFeed(file.name, lambda: _records(file), mapping, PhotoFolder(images))
    feed.understanding(names)
    return feed


def _records(file: FeedFile) -> Iterator[Record]:
    """The rows of a Parquet file, counted from 1."""
    import pyarrow

    line = 0
    with _opened(file) as table:
        names = tuple(table.schema_arrow.names)
        batches = table.iter_batches(BATCH_ROWS)
        while True:
            try:
                batch = next(batches, None)
                if batch is None:
                    return
                columns = [[_plain(cell) for cell in column.to_pylist()] for column in batch.columns]
            except (pyarrow.ArrowException, OSError, ValueError) as error:
                yield Record(line + 1, problem=f"The file is damaged from this row on ({error}).", last=True)
                return
            for cells in zip(*columns, strict=True):
                line += 1
                yield Record(line, names, cells, _flaw(cells))


def _opened(file: FeedFile) -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise ExtraMissing(f"Parquet needs an extra: {install_command('parquet')}.") from error
    try:
        return pyarrow.parquet.ParquetFile(file.path)
    except (pyarrow.ArrowException, OSError) as error:
        raise BadFeed(
            f"{file.name} is no Parquet file that can be read ({error}): write it again."
        ) from error


def _plain(cell: Any) -> Cell:
    if isinstance(cell, Decimal):
        return float(cell)
    if isinstance(cell, date | datetime):
        return cell.isoformat()
    return cell


def _flaw(cells: Sequence[Cell]) -> str:
    for cell in cells:
        if isinstance(cell, str):
            if len(cell) > MAX_LINE:
                return f"A cell is longer than {MAX_LINE:,} characters."
            if flaw := flaw_of(cell):
                return flaw
    return ""
