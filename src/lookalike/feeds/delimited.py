"""CSV and similar files: any delimiter, the encodings that shops use, a reason for each invalid row."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from lookalike.errors import BadFeed
from lookalike.feeds.base import FeedFile, Record
from lookalike.feeds.columns import assign_header
from lookalike.feeds.photo_folder import PhotoFolder
from lookalike.feeds.records_to_products import RecordFeed
from lookalike.feeds.text import Lines, encoding_of, sample_of
from lookalike.feeds.values import facet_of_text

_QUOTED = frozenset({"'=", "'+", "'-", "'@", "'\t", "'\r", "'\n", "''"})
_QUOTED_FORMULA = re.compile(r"^'(?='*[=+\-@\t\r\n])")
_CLIMBING = "Lines after it that make no row are passed over."
_DELIMITERS = ",;\t|"
_SNIFFED_LINES = 20


@dataclass(frozen=True, slots=True)
class Table:
    """A delimited file: its encoding, delimiter and column names."""

    file: FeedFile
    encoding: str
    delimiter: str
    names: tuple[str, ...]

    def records(self) -> Iterator[Record]:
        """The rows below the header. An invalid row does not invalidate the next one."""
        width = len(self.names)
        with Lines(self.file.path, self.encoding) as lines:
            rows = csv.reader(lines, delimiter=self.delimiter)
            next(row for row in rows if _is_header(row))
            climbing = False
            while True:
                before = lines.begin()
                try:
                    cells = next(rows)
                    problem = lines.flaw
                except StopIteration:
                    return
                except csv.Error as error:
                    cells, problem = [], f"The row cannot be read: {error}."
                several = lines.taken > 1
                if not problem and several and (lines.ended or not self._closed(lines.row)):
                    problem = "A quote opens in this row and never closes."
                if not problem and cells and len(cells) != width:
                    problem = f"The row has {len(cells)} cells where the header has {width}."
                if not problem:
                    climbing = False
                    if cells:
                        yield Record(before + 1, self.names, _unquoted(cells))
                elif not climbing:
                    reason = f"{problem} {_CLIMBING}" if several else problem
                    yield Record(before + 1, self.names, cells, reason, last=lines.cut)
                if problem and several:
                    # An open quote swallows the rows after it: read them again one by one.
                    climbing = True
                    lines.go_back()
                    rows = csv.reader(lines, delimiter=self.delimiter)

    def _closed(self, row: list[str]) -> bool:
        """Whether each quote in a row of several lines closes where a cell ends."""
        try:
            next(csv.reader(row, delimiter=self.delimiter, strict=True))
        except csv.Error:
            return False
        return True


def open_table(file: FeedFile) -> Table:
    """Recognise encoding, delimiter and header of a file."""
    encoding = encoding_of(sample_of(file.path))
    with Lines(file.path, encoding) as lines:
        begin = list(islice(lines, _SNIFFED_LINES))
    declared = next((line[4] for line in begin[:1] if line[:4] == "sep=" and line[4:5].strip("\r\n")), "")
    delimiter = declared or _delimiter(begin)
    try:
        header = next((row for row in csv.reader(begin, delimiter=delimiter) if _is_header(row)), None)
    except csv.Error as error:
        raise BadFeed(
            f"The header of {file.name} cannot be read ({error}): save it as CSV in UTF-8."
        ) from error
    if header is None:
        raise BadFeed(f"{file.name} is empty: give a feed with a header and rows.")
    return Table(file, encoding, delimiter, _distinct(_unquoted(header)))


def table_feed(
    table: Table, mapping: Mapping[str, str], images: Path, known: Mapping[str, str]
) -> RecordFeed:
    """The feed in a delimited file; `known` is the mapping of an earlier import."""
    assign_header(table.names, mapping)
    feed = RecordFeed(table.file.name, table.records, mapping, PhotoFolder(images), facet_of_text)
    feed.recall(known)
    feed.understanding(table.names)
    return feed


def _unquoted(cells: list[str]) -> list[str]:
    """The cells without the apostrophes that an export put before what looks like a formula."""
    if any(cell[:2] in _QUOTED for cell in cells):
        return [_QUOTED_FORMULA.sub("", cell, 1) for cell in cells]
    return cells


def _is_header(cells: list[str]) -> bool:
    return any(cell.strip() for cell in cells) and not (
        cells[0].startswith("sep=") and len("".join(cells)) <= 5
    )


def _delimiter(lines: list[str]) -> str:
    """The delimiter that splits the first lines into the most cells, the same number in each."""
    best, most = ",", 1.0
    for delimiter in _DELIMITERS:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        except csv.Error:
            continue
        if widths and widths[0] > 1:
            agreeing = sum(1 for width in widths if width == widths[0]) / len(widths)
            if widths[0] * agreeing > most:
                best, most = delimiter, widths[0] * agreeing
    return best


def _distinct(names: list[str]) -> tuple[str, ...]:
    """Header cells without blanks; a repeated name gets a number."""
    counts: dict[str, int] = {}
    distinct: list[str] = []
    for name in (name.strip() for name in names):
        counts[name] = counts.get(name, 0) + 1
        distinct.append(f"{name} {counts[name]}" if name and counts[name] > 1 else name)
    return tuple(distinct)
