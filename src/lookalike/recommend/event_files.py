"""Events out of CSV and JSON Lines files, row by row."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO, cast

from lookalike.errors import BadEvent, BadFeed
from lookalike.recommend.events import problem_with
from lookalike.types import Event, EventKind

LONGEST_LINE = 1_000_000


@dataclass(frozen=True, slots=True)
class EventRow:
    """One row of a file: the event it tells, or the reason why it tells none."""

    line: int
    event: Event | None = None
    problem: str = ""


def read_events(path: str | Path) -> Iterator[EventRow]:
    """The events of a .csv or .jsonl file; CSV columns are named like the fields of an event."""
    path = Path(path)
    if path.suffix.lower() not in {".csv", ".jsonl", ".ndjson"}:
        raise BadFeed(f"{path.name} is neither .csv nor .jsonl: save the events as one of them.")
    try:
        # Bytes that are no UTF-8 become letters that are none, which the check of the event tells.
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            lines = _Lines(file)
            rows = _csv_rows(lines) if path.suffix.lower() == ".csv" else _json_rows(lines)
            for line, values in rows:
                yield _row(line, values)
    except OSError as error:
        raise BadFeed(f"{path} cannot be read: {error.strerror}.") from error


def event_of(values: Mapping[str, Any]) -> Event:
    """The event that named values tell."""
    unknown = values.keys() - Event.__slots__
    if unknown:
        raise BadEvent(f"'{min(map(str, unknown))}' is no field of an event: {', '.join(Event.__slots__)}.")
    position = _number("position", values.get("position"))
    event = Event(
        kind=cast("EventKind", _text("kind", values)),
        shopper=_text("shopper", values),
        product=_text("product", values),
        id=_text("id", values),
        time=read_time(values.get("time")),
        rating=_number("rating", values.get("rating")),
        query=_text("query", values),
        comment=_text("comment", values),
        position=None if position is None else int(position),
        vector=_vector(values.get("vector")),
        experiment=_text("experiment", values),
        variant=_text("variant", values),
    )
    problem = problem_with(event)
    if problem:
        raise BadEvent(problem[:1].upper() + problem[1:])
    return event


def read_time(value: Any) -> float | None:
    """Seconds since 1970 out of a number or an ISO date; a date without a zone is UTC."""
    if value is None or value == "":
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        pass
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise BadEvent(f"'{value}' is no time: write 2026-11-20T12:00:00Z, or seconds since 1970.") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _row(line: int, values: Mapping[str, Any] | str) -> EventRow:
    if isinstance(values, str):
        return EventRow(line, problem=values)
    try:
        return EventRow(line, event_of(values))
    except BadEvent as error:
        return EventRow(line, problem=str(error))


class _Lines:
    """The lines of a file; of one that is too long only its number is kept."""

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
        """The lines that were passed over since the last time this was asked."""
        for line in self._too_long:
            yield line, f"The line has more than {LONGEST_LINE:,} letters: shorten its texts."
        self._too_long.clear()


def _csv_rows(lines: _Lines) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
    reader = csv.DictReader(iter(lines), restkey="too many cells", strict=True)
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            yield lines.line, f"The row cannot be read: {error}."
            continue
        yield from lines.too_long()
        if row is None:
            return
        yield lines.line, {name: value for name, value in row.items() if value not in ("", None)}


def _json_rows(lines: _Lines) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
    for text in lines:
        yield from lines.too_long()
        if not text.strip():
            continue
        try:
            values = json.loads(text)
        except ValueError as error:
            yield lines.line, f"The line is no JSON: {error}."
            continue
        if isinstance(values, dict):
            yield lines.line, cast("dict[str, Any]", values)
        else:
            yield lines.line, "The line is no JSON object."


def _text(name: str, values: Mapping[str, Any]) -> str:
    value = values.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise BadEvent(f"'{name}' is a text, and {str(value)[:50]!r} is none.")
    return str(value)


def _number(name: str, value: Any) -> float | None:
    if value is None or value == "":
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number) or isinstance(value, bool):
        raise BadEvent(f"'{name}' is a number, and {str(value)[:50]!r} is none.")
    return number


def _vector(value: Any) -> list[float] | None:
    if value is None:
        return None
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError as error:
            raise BadEvent("'vector' is a JSON list of numbers.") from error
    if not isinstance(value, list):
        raise BadEvent("'vector' is a list of numbers.")
    return cast("list[float]", value)
