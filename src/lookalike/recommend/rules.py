"""Validates merchandising rules, and selects those that apply, in order of priority."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any, cast, get_args

from lookalike.errors import BadFilter, BadRule
from lookalike.index.filters import Filter, check_where, folded
from lookalike.types import Rule, RuleAction

ACTIONS: tuple[str, ...] = get_args(RuleAction)
MOST_RULES = 1000
MOST_PRODUCTS = 1000
MOST_AMOUNT = 100.0
LAST_POSITION = 1000
# Many synonyms may apply; a search is answered in at most this many wordings.
MOST_WORDINGS = 6
LISTS = ("products", "words")
KIND_OF = {each.name: "text" for each in fields(Rule)} | {
    "products": "a list of ids",
    "words": "a list of words",
    "where": "an object",
    "amount": "a number",
    "position": "a whole number",
}


def checked(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Validate rules. Raises BadRule that names the invalid one."""
    found = tuple(rules)
    if len(found) > MOST_RULES:
        raise BadRule(f"There may be {MOST_RULES} rules, got {len(found)}.")
    seen: set[str] = set()
    for place, rule in enumerate(found, 1):
        problem = _problem(rule)
        if rule.id in seen:
            problem = "another rule has the same id."
        if problem:
            raise BadRule(f"Rule {rule.id or place!r} is invalid: {problem}")
        seen.add(rule.id)
    return found


def check_names(rules: Iterable[Rule], facets: Sequence[str], products: Container[str]) -> None:
    """Raise BadRule for a rule that names a facet or a product that does not exist."""
    for rule in rules:
        try:
            check_where(rule.where, facets)
        except BadFilter as error:
            raise BadRule(f"Rule {rule.id!r} is invalid: {error}") from error
        missing = [id for id in rule.products if id not in products]
        if missing:
            raise BadRule(f"Rule {rule.id!r} is invalid: there is no product {missing[0]!r}. Check the id.")


def rule_of(values: Mapping[str, Any]) -> Rule:
    """The rule with these fields."""
    unknown = sorted(set(values) - set(KIND_OF))
    if unknown:
        raise BadRule(f"'{unknown[0]}' is not a field of a rule. Fields: {', '.join(sorted(KIND_OF))}.")
    for name, value in values.items():
        if not _fits(name, value):
            raise BadRule(f"'{name}' must be {KIND_OF[name]}, got {str(value)[:50]!r}.")
    given: dict[str, Any] = {
        name: tuple(cast("list[str]", value)) if isinstance(value, list) else value
        for name, value in values.items()
    }
    if "id" not in given or "action" not in given:
        raise BadRule("A rule needs an 'id' and an 'action'.")
    return Rule(**given)


def _fits(name: str, value: Any) -> bool:
    if name in LISTS:
        return isinstance(value, list | tuple) and all(
            isinstance(each, str) for each in cast("list[Any]", value)
        )
    match name:
        case "where":
            return isinstance(value, Mapping)
        case "amount":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "position":
            return isinstance(value, int) and not isinstance(value, bool)
        case _:
            return isinstance(value, str)


def loads(text: str) -> tuple[Rule, ...]:
    """Parse rules from JSON: a list of objects."""
    try:
        values = json.loads(text)
    except ValueError as error:
        raise BadRule(f"The rules are not valid JSON ({error}). Write a list of objects.") from error
    if not isinstance(values, list) or not all(isinstance(each, dict) for each in values):
        raise BadRule("Write the rules as a JSON list of objects, each with an id and an action.")
    return checked(rule_of(each) for each in cast("list[dict[str, Any]]", values))


def dumps(rules: Iterable[Rule]) -> str:
    """Rules as JSON, without default values."""
    return json.dumps([rule_fields(rule) for rule in rules], ensure_ascii=False)


def rule_fields(rule: Rule) -> dict[str, Any]:
    """The fields of a rule that differ from their defaults."""
    plain = asdict(Rule(rule.id, rule.action))
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(rule).items()
        if name in ("id", "action") or value != plain[name]
    }


def holding(rules: Sequence[Rule], query: str, categories: Iterable[object], now: float) -> list[Rule]:
    """The rules that apply now, the most specific first, then by id."""
    here = {folded(category) for category in categories}
    asked = _folded_query(query)
    found = [
        rule
        for rule in rules
        if _in_time(rule, now)
        and (not rule.query or _folded_query(rule.query) == asked)
        and (not rule.category or folded(rule.category) in here)
    ]
    return sorted(found, key=lambda rule: (-_specificity(rule), rule.id))


def wordings(text: str, rules: Sequence[Rule]) -> list[str]:
    """The text and its variants with synonyms."""
    found = [text]
    for wording in found:
        for rule in rules:
            if rule.action == "synonym":
                for other in _reworded(wording, rule.words):
                    if other not in found and len(found) < MOST_WORDINGS:
                        found.append(other)
    return found


def _reworded(text: str, words: Sequence[str]) -> Iterable[str]:
    for word in words:
        pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
        if pattern.search(text):
            for other in words:
                if other != word:
                    yield pattern.sub(lambda _, other=other: other, text)


def _specificity(rule: Rule) -> int:
    return 2 * bool(rule.query) + bool(rule.category)


def _folded_query(text: str) -> str:
    return " ".join(text.casefold().split())


def _in_time(rule: Rule, now: float) -> bool:
    return (not rule.starts or _moment(rule.starts) <= now) and (not rule.ends or now < _moment(rule.ends))


def _moment(text: str) -> float:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _problem(rule: Rule) -> str:
    if not rule.id:
        return "it needs an id."
    if rule.action not in ACTIONS:
        return f"'{rule.action}' is not an action. Use one of {', '.join(ACTIONS)}."
    return _aim_problem(rule) or _number_problem(rule) or _time_problem(rule)


def _aim_problem(rule: Rule) -> str:
    if rule.action == "synonym":
        words = {word.casefold().strip() for word in rule.words}
        return "" if len(words - {""}) >= 2 else "it needs at least two different 'words'."
    if rule.action == "pin" and not rule.products:
        return "a pin needs 'products'."
    if not rule.products and not rule.where:
        return "it needs 'products', or a filter 'where'."
    if len(rule.products) > MOST_PRODUCTS:
        return f"it may name at most {MOST_PRODUCTS} products. Use a filter."
    try:
        Filter.parse(rule.where)
    except BadFilter as error:
        return str(error)
    return ""


def _number_problem(rule: Rule) -> str:
    if not 0 < rule.amount <= MOST_AMOUNT:
        return f"'amount' must be above 0 and at most {MOST_AMOUNT:g}."
    if not 1 <= rule.position <= LAST_POSITION:
        return f"'position' must be from 1 to {LAST_POSITION}."
    return ""


def _time_problem(rule: Rule) -> str:
    try:
        starts = _moment(rule.starts) if rule.starts else -math.inf
        ends = _moment(rule.ends) if rule.ends else math.inf
    except (ValueError, OverflowError):
        return "write dates like 2026-11-20 or 2026-11-20T12:00:00Z."
    return "" if starts < ends else "it ends before it starts."
