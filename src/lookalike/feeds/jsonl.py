"""JSON lines: one object a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

from lookalike.feeds.base import Cell, Record
from lookalike.feeds.photo_folder import PhotoFolder
from lookalike.feeds.records_to_products import RecordFeed
from lookalike.feeds.text import Lines, encoding_of, json_of, sample_of


def json_feed(path: Path, mapping: Mapping[str, str], images: Path) -> RecordFeed:
    """The feed in a file of JSON lines."""
    return RecordFeed(str(path), lambda: _records(path), mapping, PhotoFolder(images))


def _records(path: Path) -> Iterator[Record]:
    """The objects of a file, each with its own names."""
    with Lines(path, encoding_of(sample_of(path))) as lines:
        for line in lines:
            problem, lines.flaw = lines.flaw, ""
            if line.isspace() and not problem:
                continue
            if problem:
                yield Record(lines.number, problem=problem)
            else:
                yield _record(lines.number, line)
            lines.begin()


def _record(number: int, line: str) -> Record:
    try:
        value = json_of(line)
    except ValueError as error:
        return Record(number, problem=f"The line is no JSON ({error}).")
    if not isinstance(value, dict):
        return Record(number, problem="The line is no JSON object: write one product a line in braces.")
    fields = cast("dict[str, Cell]", value)
    return Record(number, tuple(fields), tuple(fields.values()))
