"""Sort orders: by price, title, newest, or any facet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from lookalike.database import Database
from lookalike.errors import BadQuery
from lookalike.index import Answer, Match
from lookalike.types import FacetValue, Product, Query

MOST_SORTED = 10_000
# Sorting by price must not put unrelated products first.
NEAR = 2 / 3
BEST = 5
BACKWARDS = "-"
TITLE = "title"
PRICE = "price"
NEWEST = "newest"

_Key: TypeAlias = "tuple[bool, float, str]"


def check_sort(sort: str, facets: Sequence[str]) -> None:
    """Raise BadQuery for a field that no product has."""
    name = sort.removeprefix(BACKWARDS)
    if name not in (TITLE, NEWEST, *facets):
        raise BadQuery(
            f"Cannot sort by '{name}'. Sort by {', '.join((TITLE, NEWEST, *facets))}; "
            "a leading minus reverses the order."
        )


def sorted_page(query: Query, answer: Answer, database: Database) -> Answer:
    """The page of a query in its sort order, from an answer that holds all candidates, best first."""
    near = answer.matches if query.min_score is not None else _near(answer.matches)
    ids = [match.id for match in near]
    if query.sort.removeprefix(BACKWARDS) == NEWEST:
        ordered = _by_age(near, database.newest(ids), query.sort)
    else:
        ordered = _in_order(near, database.products(ids), query.sort)
    page = ordered[query.offset : query.offset + query.k]
    return replace(answer, matches=tuple(page), total=len(ordered))


def _near(matches: Sequence[Match]) -> Sequence[Match]:
    """Return the matches that score much closer to the best than to the worst."""
    if not matches:
        return matches
    # Otherwise an identical product would leave no other match close.
    best, worst = matches[:BEST][-1].score, matches[-1].score
    least = worst + NEAR * (best - worst)
    return [match for match in matches if match.score >= least]


def _by_age(matches: Sequence[Match], newest: Sequence[str], sort: str) -> list[Match]:
    of = {match.id: match for match in matches}
    ordered = [of[id] for id in newest]
    return ordered[::-1] if sort.startswith(BACKWARDS) else ordered


def _in_order(matches: Sequence[Match], products: Mapping[str, Product], sort: str) -> list[Match]:
    """Sort matches: ties keep the best first, products without the field come last.

    Prices are sorted by currency, the most common one first: 10 yen are not less than 9 euros.
    """
    name = sort.removeprefix(BACKWARDS)
    having: dict[str, list[tuple[_Key, Match]]] = {}
    lacking: list[Match] = []
    for match in matches:
        product = products.get(match.id)
        key = None if product is None else _key(product, name)
        if product is not None and key is not None:
            having.setdefault(product.currency if name == PRICE else "", []).append((key, match))
        elif product is not None:
            lacking.append(match)
    ordered: list[Match] = []
    for _, same in sorted(having.items(), key=lambda each: (-len(each[1]), each[0])):
        same.sort(key=lambda each: each[0], reverse=sort.startswith(BACKWARDS))
        ordered += [match for _, match in same]
    return ordered + lacking


def _key(product: Product, name: str) -> _Key | None:
    """Numbers in order, then text in order."""
    value = _value(product, name)
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return True, 0.0, value.casefold()
    return False, float(value), ""


def _value(product: Product, name: str) -> str | float | None:
    facts: dict[str, FacetValue | None] = {
        **product.facets,
        TITLE: product.title,
        PRICE: product.price,
        "stock": product.stock,
        "group": product.group,
    }
    value = facts.get(name)
    return value[0] if isinstance(value, tuple) else value
