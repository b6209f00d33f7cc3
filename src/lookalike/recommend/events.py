"""Validates events, and weighs them by kind."""

from __future__ import annotations

import hashlib
import json
import math
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from numbers import Real
from types import MappingProxyType

import numpy as np

from lookalike.errors import BadEvent, BadQuery
from lookalike.types import Event

KINDS: Mapping[str, float] = MappingProxyType(
    {
        "view": 1.0,
        "click": 1.0,
        "comment": 1.5,
        "like": 3.0,
        "cart": 4.0,
        "purchase": 6.0,
        "rating": 0.0,
        "search": 0.0,
        "impression": 0.0,
        "remove-from-cart": -4.0,
        "return": -8.0,
        "dislike": -8.0,
        "exposure": 0.0,
    }
)
RATED: Mapping[float, float] = MappingProxyType({1: -6.0, 2: -3.0, 3: 1.0, 4: 4.0, 5: 6.0})
BIT = {kind: 1 << place for place, kind in enumerate(KINDS)}

# 2000-01-01: earlier times come from clocks that were never set.
EARLIEST = 946_684_800.0
LONGEST_ID = 500
VARIANTS = ("A", "B")
LONGEST_TEXT = 10_000
LAST_POSITION = 100_000
TEXTS = ("kind", "shopper", "product", "id", "query", "comment", "experiment", "variant")
NUMBERS = ("time", "rating", "position")
WORST_RATING, BEST_RATING = 1.0, 5.0


def weight_of(kind: str, rating: float | None) -> float:
    """The weight of an event for its product. Negative weights count against it."""
    if kind == "rating" and rating is not None:
        return float(np.interp(rating, list(RATED), list(RATED.values())))
    return KINDS[kind]


def checked(events: Iterable[Event], now: float) -> list[Event]:
    """Validate events and give each an id and a valid time. Raises BadEvent if one is invalid."""
    return [_checked(event, place, now) for place, event in enumerate(events, 1)]


def _checked(event: Event, place: int, now: float) -> Event:
    problem = problem_with(event)
    if problem:
        raise BadEvent(f"Event {place} is invalid: {problem}")
    time = now if event.time is None else min(max(float(event.time), EARLIEST), now)
    return replace(event, id=event.id or _id(event), time=time)


def problem_with(event: Event) -> str:
    """Why an event is invalid. Empty if it is valid."""
    problem = _type_problem(event)
    if problem:
        return problem
    if event.kind not in KINDS:
        return f"'{event.kind}' is not a kind of event. Use one of {', '.join(KINDS)}."
    if not event.shopper:
        return "it has no 'shopper'. Give the id of the shopper or session."
    if event.kind == "search":
        if not event.query and event.vector is None:
            return "a search needs its words as 'query', or its photo's 'vector'."
    elif event.kind == "exposure":
        if not event.experiment or event.variant not in VARIANTS:
            return "an exposure needs its 'experiment' and its 'variant', A or B."
    elif not event.product:
        return f"a {event.kind} needs the id of its 'product'."
    return _text_problem(event) or _number_problem(event)


def _type_problem(event: Event) -> str:
    """The first field of the wrong type. Callers are not type checked."""
    for name in TEXTS:
        value: object = getattr(event, name)
        if not isinstance(value, str):
            return f"'{name}' must be text, got {str(value)[:50]!r}."
    for name in NUMBERS:
        value = getattr(event, name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, Real)):
            return f"'{name}' must be a number, got {str(value)[:50]!r}."
    return ""


def _text_problem(event: Event) -> str:
    texts = {
        "shopper": event.shopper,
        "product": event.product,
        "id": event.id,
        "experiment": event.experiment,
    }
    for name, text in texts.items():
        if len(text) > LONGEST_ID:
            return f"'{name}' may have {LONGEST_ID} characters, got {len(text)}."
    for name, text in {"query": event.query, "comment": event.comment}.items():
        if len(text) > LONGEST_TEXT:
            return f"'{name}' may have {LONGEST_TEXT} characters, got {len(text)}."
        texts[name] = text
    for name, text in texts.items():
        if not is_text(text):
            return f"'{name}' is not valid Unicode. Send it as UTF-8."
    return ""


def is_text(text: str) -> bool:
    """Whether every database can store it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def _number_problem(event: Event) -> str:
    if event.time is not None and not math.isfinite(event.time):
        return "'time' must be a finite number of seconds since 1970."
    if event.kind == "rating" and event.rating is None:
        return "a rating needs its 'rating', from 1 to 5."
    if event.rating is not None and not WORST_RATING <= event.rating <= BEST_RATING:
        return f"'rating' must be from 1 to 5, got {event.rating:g}."
    if event.position is not None and (
        not 1 <= event.position <= LAST_POSITION or event.position != int(event.position)
    ):
        return f"'position' must be from 1 to {LAST_POSITION}, got {event.position}."
    if event.vector is not None and not _is_vector(event.vector):
        return "'vector' needs finite numbers that are not all zero."
    return ""


def _is_vector(values: Sequence[float] | np.ndarray) -> bool:
    try:
        vector = np.asarray(values, np.float32)
    except (TypeError, ValueError):
        return False
    return vector.ndim == 1 and bool(np.isfinite(vector).all()) and bool(vector.any())


def _id(event: Event) -> str:
    """The id of an event without one: a hash of its fields if it has a time, otherwise a new id."""
    if event.time is None:
        return uuid.uuid4().hex
    facts = [event.kind, event.shopper, event.product, event.time, event.rating, event.query, event.comment]
    facts += [event.experiment, event.variant] if event.experiment else []
    return hashlib.blake2b(json.dumps(facts).encode(), digest_size=16).hexdigest()


def check_shopper_id(shopper: str | None) -> None:
    """Raise BadQuery unless a shopper's id is text that can be stored."""
    if shopper is not None and not is_text(shopper):
        raise BadQuery("A shopper's id must be UTF-8 text without NUL.")
