"""Builds an event from named values."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

from lookalike.errors import BadEvent
from lookalike.recommend.events import problem_with
from lookalike.types import Event, EventKind


def event_of(values: Mapping[str, Any]) -> Event:
    """Return the event with these fields."""
    unknown = values.keys() - Event.__slots__
    if unknown:
        raise BadEvent(
            f"'{min(map(str, unknown))}' is not a field of an event. Fields: {', '.join(Event.__slots__)}."
        )
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
    """Parse a number or an ISO time into seconds since 1970. Without a zone, it is UTC."""
    if value is None or value == "":
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        pass
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise BadEvent(
            f"'{value}' is not a time. Write 2026-11-20T12:00:00Z, or seconds since 1970."
        ) from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _text(name: str, values: Mapping[str, Any]) -> str:
    value = values.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise BadEvent(f"'{name}' must be text, got {str(value)[:50]!r}.")
    return str(value)


def _number(name: str, value: Any) -> float | None:
    if value is None or value == "":
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number) or isinstance(value, bool):
        raise BadEvent(f"'{name}' must be a number, got {str(value)[:50]!r}.")
    return number


def _vector(value: Any) -> list[float] | None:
    if value is None:
        return None
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError as error:
            raise BadEvent("'vector' must be a JSON list of numbers.") from error
    if not isinstance(value, list):
        raise BadEvent("'vector' must be a list of numbers.")
    return cast("list[float]", value)
