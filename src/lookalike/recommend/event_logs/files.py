"""Reads event logs from CSV and JSON Lines files, row by row."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO, TypeAlias, cast

from lookalike.errors import BadEvent, BadFeed
from lookalike.recommend.event_logs.formats import Translate, format_of
from lookalike.recommend.event_logs.values import event_of
from lookalike.types import Event, EventKind

LONGEST_LINE = 1_000_000


@dataclass(frozen=True, slots=True)
class EventRow:
    """One row of a file: an event, or the reason why it is invalid."""

    line: int
    event: Event | None = None
    problem: str = ""


def read_events(
    path: str | Path, mapping: Mapping[str, str] | None = None, kind: EventKind | None = None
) -> Iterator[EventRow]:
    """Yield the events of a .csv or .jsonl file, in Lookalike's own format or a recognized one.

    Args:
        path: the file.
        mapping: fields by column, for columns that are not recognized by name.
        kind: the kind of event for rows without one.
    """
    path = Path(path)
    if path.suffix.lower() not in {".csv", ".jsonl", ".ndjson"}:
        raise BadFeed(f"{path.name} is neither .csv nor .jsonl. Save the events in one of these formats.")
    try:
        # Invalid UTF-8 becomes surrogates, which validation of the event reports.
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            lines = _Lines(file)
            rows = _csv_rows(lines) if path.suffix.lower() == ".csv" else _json_rows(lines)
            translate: Translate | None = None
            for line, names, values in rows:
                if isinstance(values, str):
                    yield EventRow(line, problem=values)
                    continue
                if translate is None:
                    translate = format_of(names, mapping or {}, kind)
                yield from _events(line, values, translate)
    except OSError as error:
        raise BadFeed(f"{path} cannot be read: {error.strerror}.") from error


def _events(line: int, values: Mapping[str, Any], translate: Translate) -> Iterator[EventRow]:
    try:
        for fields in translate(values):
            yield EventRow(line, event_of(fields))
    except BadEvent as error:
        yield EventRow(line, problem=str(error))


class _Lines:
    """Yield the lines of a file. Lines that are too long are skipped but counted."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.line = 0
        self._too_long: list[int] = []

    def __iter__(self) -> Iterator[str]:
        while text := self._file.readline(LONGEST_LINE):
            self.line += 1
            if len(text) == LONGEST_LINE and not text.endswith("\n"):
                self._too_long.append(self.line)
                while text and not text.endswith("\n"):
                    text = self._file.readline(LONGEST_LINE)
                text = "\n"
            yield text

    def too_long(self) -> Iterator[tuple[int, str]]:
        """Return the lines skipped since the last call."""
        for line in self._too_long:
            yield line, f"The line has more than {LONGEST_LINE:,} characters. Shorten its texts."
        self._too_long.clear()


# Line number, column names, and cells by name or the reason why they cannot be read.
_Row: TypeAlias = tuple[int, frozenset[str], "Mapping[str, Any] | str"]


def _csv_rows(lines: _Lines) -> Iterator[_Row]:
    reader = csv.DictReader(iter(lines), restkey="too many cells", strict=True)
    none = frozenset[str]()
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            yield lines.line, none, f"The row cannot be read: {error}."
            continue
        yield from ((line, none, problem) for line, problem in lines.too_long())
        if row is None:
            return
        names = frozenset(reader.fieldnames or ())
        yield lines.line, names, {name: value for name, value in row.items() if value not in ("", None)}


def _json_rows(lines: _Lines) -> Iterator[_Row]:
    none = frozenset[str]()
    for text in lines:
        yield from ((line, none, problem) for line, problem in lines.too_long())
        if not text.strip():
            continue
        try:
            values = json.loads(text)
        except ValueError as error:
            yield lines.line, none, f"The line is not valid JSON: {error}."
            continue
        if isinstance(values, dict):
            known = cast("dict[str, Any]", values)
            yield lines.line, frozenset(known), known
        else:
            yield lines.line, none, "The line is not a JSON object."
