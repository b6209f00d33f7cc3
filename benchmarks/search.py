"""Exact search by a ready vector, beside plain NumPy and beside fitting scikit-learn at each request.

    python benchmarks/search.py --products 44000 --dim 512 --rounds 40

Lookalike answers through `Shop.search`: titles and facets of the hits are read from the database, and
variants are grouped. NumPy and scikit-learn return row numbers and nothing else, and with a filter they are
given the rows that pass; of NumPy's two ways, to score all rows or to copy those that pass, the faster
counts.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from ready_shop import Rows, ready_shop, unit_rows
from sklearn.neighbors import NearestNeighbors
from timing import CLOCKS, Clock, medians, print_table

import lookalike
from lookalike import Product

K = 10

Places = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Narrowed:
    """A filter as Lookalike reads it, and as Python says it."""

    name: str
    where: dict[str, Any] = field(default_factory=dict)
    passes: Callable[[Product], bool] = lambda product: True


FILTERS = (
    Narrowed("no filter"),
    Narrowed("gender = Women", {"gender": "Women"}, lambda each: each.facets["gender"] == "Women"),
    Narrowed(
        "three colours, price < 100",
        {"colour": ["Black", "Blue", "Red"], "price": {"lt": 100}},
        lambda each: each.facets["colour"] in {"Black", "Blue", "Red"} and (each.price or 0) < 100,
    ),
    Narrowed(
        "red watches for men",
        {"type": "Watch", "gender": "Men", "colour": "Red"},
        lambda each: (
            (each.facets["type"], each.facets["gender"], each.facets["colour"]) == ("Watch", "Men", "Red")
        ),
    ),
)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--products", type=int, default=44_000)
    parser.add_argument("--dim", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--clock", choices=tuple(CLOCKS), default="wall")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ready.db"
        rows, products = ready_shop(path, options.products, options.dim)
        with lookalike.open(str(path)) as shop:
            clock = CLOCKS[options.clock]
            lines = [measured(shop, rows, products, each, options.rounds, clock) for each in FILTERS]
    head = ("", "rows", "Lookalike ms", "NumPy ms", "ratio", "scikit-learn ms", "times faster")
    print_table(
        f"Exact search, {options.products} x {options.dim}, best {K}, {options.clock} time", head, lines
    )


def measured(
    shop: lookalike.Shop,
    rows: Rows,
    products: Sequence[Product],
    narrowed: Narrowed,
    rounds: int,
    clock: Clock,
) -> tuple[str, ...]:
    """One line: every search in its turn, each time with another query."""
    passing = np.array([narrowed.passes(product) for product in products])
    places = np.flatnonzero(passing)
    queries = itertools.cycle(unit_rows(256, rows.shape[1], seed=2))
    check(shop, rows, places, narrowed, next(queries))
    taken = medians(
        {
            "lookalike": lambda: shop.search(vector=next(queries), where=narrowed.where, k=K),
            "scored": lambda: best_of_scored(rows, passing, next(queries)),
            "copied": lambda: best_of_copied(rows, places, next(queries)),
            "sklearn": lambda: best_of_fitted(rows[places], next(queries)),
        },
        rounds,
        clock,
    )
    ours, plain, fitted = taken["lookalike"], min(taken["scored"], taken["copied"]), taken["sklearn"]
    times = (f"{ours:.2f}", f"{plain:.2f}", f"{ours / plain:.2f}", f"{fitted:.1f}", f"{fitted / ours:.1f}")
    return narrowed.name, str(len(places)), *times


def check(shop: lookalike.Shop, rows: Rows, places: Places, narrowed: Narrowed, query: Rows) -> None:
    """Stop if the answers differ: then their times say nothing."""
    found = [int(hit.id) for hit in shop.search(vector=query, where=narrowed.where, k=K)]
    if found != best_of_copied(rows, places, query).tolist():
        raise SystemExit(f"{narrowed.name}: the searches disagree")


def best_of_scored(rows: Rows, passing: np.ndarray[Any, np.dtype[np.bool_]], query: Rows) -> Places:
    """Score every row, and leave out those that do not pass."""
    scores = rows @ query
    if not passing.all():
        scores[~passing] = -np.inf
    return ranked(scores)


def best_of_copied(rows: Rows, places: Places, query: Rows) -> Places:
    """Score a copy of the rows that pass."""
    if len(places) == len(rows):
        return ranked(rows @ query)
    return places[ranked(rows[places] @ query)]


def ranked(scores: Rows) -> Places:
    """The places of the best, best first."""
    best = np.argpartition(scores, -K)[-K:]
    return best[np.argsort(-scores[best])]


def best_of_fitted(rows: Rows, query: Rows) -> Places:
    """What the papers do at each request."""
    neighbours = NearestNeighbors(n_neighbors=K, algorithm="brute", metric="cosine").fit(rows)
    return neighbours.kneighbors(query[None, :], return_distance=False)[0]


if __name__ == "__main__":
    main()
