"""JSON lines: one object per line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from lookalike.feeds.base import FeedFile, Record
from lookalike.feeds.json_objects import object_records
from lookalike.feeds.photo_folder import PhotoFolder
from lookalike.feeds.records_to_products import RecordFeed
from lookalike.feeds.text import Lines, encoding_of, json_of, sample_of


def json_lines_feed(file: FeedFile, mapping: Mapping[str, str], images: Path) -> RecordFeed:
    """The feed in a file of JSON lines."""
    return RecordFeed(file.name, lambda: _records(file), mapping, PhotoFolder(images))


def _records(file: FeedFile) -> Iterator[Record]:
    """The objects of a file, each with its own names."""
    with Lines(file.path, encoding_of(sample_of(file.path))) as lines:
        for line in lines:
            problem, lines.flaw = lines.flaw, ""
            if line.isspace() and not problem:
                continue
            if problem:
                yield Record(lines.number, problem=problem)
            else:
                yield from _line_records(lines.number, line, lines.cut)
            lines.begin()


def _line_records(number: int, line: str, cut: bool) -> Iterator[Record]:
    try:
        value = json_of(line)
    except ValueError as error:
        yield Record(number, problem=f"The line is no JSON ({error}).", last=cut)
        return
    yield from object_records(number, value)
