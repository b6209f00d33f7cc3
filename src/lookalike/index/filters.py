"""Filters: a `where` is parsed and validated once, before the search."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, cast

from lookalike.errors import BadFilter
from lookalike.types import Where

Operator: TypeAlias = Literal["in", "nin", "lt", "lte", "gt", "gte", "exists"]

RANGES: frozenset[str] = frozenset({"lt", "lte", "gt", "gte"})
ALIASES: Mapping[str, Operator] = {
    "eq": "in",
    "in": "in",
    "ne": "nin",
    "nin": "nin",
    "lt": "lt",
    "lte": "lte",
    "gt": "gt",
    "gte": "gte",
    "exists": "exists",
}
MAX_CONDITIONS = 100
# Fields of every product, even if none has a value.
ALWAYS = ("price", "stock", "group", "currency")


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on one field, with folded values, a number, or a truth value."""

    field: str
    operator: Operator
    values: tuple[str, ...] = ()
    number: float = 0.0
    wanted: bool = True


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions that must all be met."""

    conditions: tuple[Condition, ...] = field(default=())

    @classmethod
    def parse(cls, where: Where) -> Filter:
        """Parse a filter such as {"gender": "Women", "colour": ["Red", "Blue"], "price": {"lt": 50}}."""
        conditions: list[Condition] = []
        for name, demand in where.items():
            if isinstance(demand, Mapping):
                operators = cast("Mapping[str, Any]", demand)
                if not operators:
                    raise BadFilter(f"The filter on '{name}' is empty. Add an operator such as lt or in.")
                conditions.extend(_condition(name, key, value) for key, value in operators.items())
            else:
                conditions.append(_condition(name, "in", demand))
        if len(conditions) > MAX_CONDITIONS:
            raise BadFilter(f"A filter can have at most {MAX_CONDITIONS} conditions, got {len(conditions)}.")
        return cls(tuple(conditions))

    def within(self, name: str, values: tuple[str, ...]) -> Filter:
        """The same filter that also requires one of these values; no values add no condition."""
        return Filter((*self.conditions, Condition(name, "in", values))) if values else self

    def without(self, name: str) -> Filter:
        """The same filter without its conditions on one field."""
        return Filter(tuple(c for c in self.conditions if c.field != name))


def check_where(where: Where, facets: Sequence[str]) -> None:
    """Raise BadFilter for an unknown field; `facets` are the known ones, empty in a new shop."""
    known = {*facets, *ALWAYS}
    for name in where:
        if facets and name not in known:
            named = {each.casefold(): each for each in known}
            close = difflib.get_close_matches(name.casefold(), named, 1, 0.5)
            hint = (
                f"Did you mean '{named[close[0]]}'?" if close else f"Use one of {', '.join(sorted(known))}."
            )
            raise BadFilter(f"No product has the field '{name}'. {hint}")


def folded(value: object) -> str:
    """The normal form of a value: case is ignored, and 2012.0 equals 2012."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).casefold()


def _condition(name: str, key: str, value: Any) -> Condition:
    operator = ALIASES.get(key)
    if operator is None:
        raise BadFilter(
            f"Unknown operator '{key}' in the filter on '{name}'. Use one of {', '.join(ALIASES)}."
        )
    if operator == "exists":
        if not isinstance(value, bool):
            raise BadFilter(f"The filter '{name}: exists' must be true or false.")
        return Condition(name, operator, wanted=value)
    if operator in RANGES:
        return Condition(name, operator, number=_number(name, value))
    values = cast("Iterable[Any]", value) if isinstance(value, list | tuple | set | frozenset) else (value,)
    words = tuple(values)
    if not all(isinstance(word, str | int | float) for word in words):
        raise BadFilter(f"The filter on '{name}' must compare with text or numbers.")
    return Condition(name, operator, tuple(folded(word) for word in words))


def _number(name: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number) or isinstance(value, bool):
        raise BadFilter(f"The filter on '{name}' must compare with a number, got {str(value)[:40]!r}.")
    return number
