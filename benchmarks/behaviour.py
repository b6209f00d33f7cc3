"""Recommendations against what real customers bought next, beside popularity, co-purchase counting and EASE.

    python benchmarks/behaviour.py purchases.csv items.csv [--cuts 2011-09-01 2011-10-01] [--customers 400]

`purchases.csv` has the columns user, item and time, `items.csv` item and title. For each cut, a shop learns
from all purchases before it. Then every customer who was there before gets ten products, which are compared
with the products that the customer bought after the cut for the first time. Components of the blend are
measured alone. At the end, one product of each basket after the cut is hidden, and looked for from the rest.
"""

from __future__ import annotations

import argparse
import csv
import shutil
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import click
import numpy as np

from lookalike import Event, Product
from lookalike.catalog.catalog import Catalog
from lookalike.recommend.blend import MIXING, Mixing
from lookalike.shop import Shop

K = 10
BATCH = 5000
CUTS = ("2011-06-01", "2011-07-01", "2011-08-01", "2011-09-01", "2011-10-01")
ALONE = Mixing(content=0, facts=0, lookalikes=0, popular=0, sameness=0, explored=0, crowding=0)
NEVER_TRUSTED = 1e12
COMPONENTS = {
    "Lookalike": MIXING,
    "- without the place for discovery": replace(MIXING, explored=0),
    "- item models alone": replace(ALONE, trust=1e-9),
    "- random walk alone": replace(ALONE, trust=NEVER_TRUSTED),
    "- content alone": replace(ALONE, content=1, trust=NEVER_TRUSTED, behaviour=0),
    "- popularity alone": replace(ALONE, popular=1, trust=NEVER_TRUSTED, behaviour=0),
    "- without item models": replace(MIXING, trust=NEVER_TRUSTED),
}

Find = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Purchase:
    """One line of the log."""

    user: str
    item: str
    time: str


@dataclass(frozen=True, slots=True)
class Split:
    """A log cut at a moment: what was bought before, in order, and by whom something new was bought after."""

    before: Sequence[Purchase]
    after: Sequence[Purchase]
    known: Mapping[str, Mapping[str, str]]
    new: Mapping[str, frozenset[str]]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("purchases", type=Path)
    parser.add_argument("items", type=Path)
    parser.add_argument("--cuts", nargs="+", default=CUTS)
    parser.add_argument("--customers", type=int, default=0, help="at most so many for each cut; all if 0")
    parser.add_argument("--baskets", type=int, default=500, help="at most so many for each cut")
    options = parser.parse_args()
    titles = {row["item"]: row["title"] for row in rows(options.items)}
    log = [
        Purchase(row["user"], row["item"], row["time"])
        for row in rows(options.purchases)
        if row["item"] in titles
    ]
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "empty.db"
        with Shop.open(empty) as shop:
            shop.add(Product(item, title) for item, title in titles.items())
        for cut in options.cuts:
            split = split_at(log, cut)
            path = Path(folder) / f"{cut}.db"
            shutil.copy(empty, path)
            measure(path, cut, split, options.customers, options.baskets)


def rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def split_at(log: Sequence[Purchase], cut: str) -> Split:
    """Cut a log in two, and find who bought something new after the cut."""
    before = [each for each in log if each.time < cut]
    after = [each for each in log if each.time >= cut]
    known: dict[str, dict[str, str]] = defaultdict(dict)
    for each in before:
        known[each.user][each.item] = each.time
    bought: dict[str, set[str]] = defaultdict(set)
    for each in after:
        bought[each.user].add(each.item)
    new = {user: frozenset(items - known[user].keys()) for user, items in bought.items() if user in known}
    return Split(before, after, known, {user: items for user, items in new.items() if items})


def measure(path: Path, cut: str, split: Split, most_customers: int, most_baskets: int) -> None:
    """Let the shop and the baselines answer for the same customers and baskets."""
    moment = stamp(cut)
    chance = np.random.default_rng(5)
    users = sorted(split.new)
    if most_customers and len(users) > most_customers:
        users = [users[place] for place in np.sort(chance.choice(len(users), most_customers, replace=False))]
    with Shop(Catalog.open(path), clock=lambda: moment) as shop:
        batch = [
            Event("purchase", each.user, each.item, f"e{number}", stamp(each.time))
            for number, each in enumerate(split.before)
        ]
        for start in range(0, len(batch), BATCH):
            shop.record(batch[start : start + BATCH])
        began = time.perf_counter()
        shop.recommend(users[0])
        first = time.perf_counter() - began
        click.echo(f"\ncut {cut}: {len(users)} customers, {len(batch)} events, first answer {first:.1f} s\n")
        click.echo("| | HR@10 | NDCG@10 | distinct | p50 |\n|---|---|---|---|---|")
        baselines: dict[str, Find] = {
            "popularity": popularity(split),
            "co-purchase cosine": co_purchase(split),
            "EASE": ease(split),
        }
        for name, find in baselines.items():
            show(name, find, split.new, users)
        for name, mixing in COMPONENTS.items():
            shop.recommender.mixing = mixing
            show(name, lambda user: [hit.id for hit in shop.recommend(user, k=K)], split.new, users)
        shop.recommender.mixing = MIXING
        complete_baskets(shop, split, chance, most_baskets)


def show(name: str, find: Find, truth: Mapping[str, frozenset[str]], asked: Sequence[str]) -> None:
    """One row of the table: means with 95% intervals, how many products were shown, the median time."""
    hits: list[float] = []
    gains: list[float] = []
    took: list[float] = []
    shown: set[str] = set()
    discounts = 1.0 / np.log2(np.arange(2, K + 2))
    for each in asked:
        began = time.perf_counter()
        found = list(find(each))[:K]
        took.append(time.perf_counter() - began)
        good = np.array([item in truth[each] for item in found] + [False] * (K - len(found)))
        hits.append(float(good.any()))
        gains.append(float(good @ discounts / discounts[: len(truth[each])].sum()))
        shown.update(found)
    click.echo(
        f"| {name} | {interval(hits)} | {interval(gains)} | {len(shown)} | {np.median(took) * 1000:.1f} ms |"
    )


def interval(values: Sequence[float]) -> str:
    """A mean and its 95% interval."""
    return f"{np.mean(values):.3f} ± {1.96 * np.std(values) / np.sqrt(len(values)):.3f}"


def complete_baskets(shop: Shop, split: Split, chance: np.random.Generator, most: int) -> None:
    """Hide one product of each basket, and look for it from the others."""
    orders: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in split.after:
        orders[each.user, each.time].append(each.item)
    baskets = [sorted(set(items)) for items in orders.values()]
    baskets = [basket for basket in baskets if 2 <= len(basket) <= 100]
    some = chance.choice(len(baskets), min(most, len(baskets)), replace=False)
    rest: dict[str, list[str]] = {}
    hidden: dict[str, frozenset[str]] = {}
    for place in np.sort(some).tolist():
        basket = baskets[place]
        gone = basket[int(chance.integers(len(basket)))]
        hidden[str(place)] = frozenset([gone])
        rest[str(place)] = [item for item in basket if item != gone]
    click.echo(f"\n{len(rest)} baskets with one product hidden\n")
    click.echo("| | HR@10 | NDCG@10 | distinct | p50 |\n|---|---|---|---|---|")
    popular = [item for item, _ in Counter(each.item for each in split.before).most_common(K + 100)]
    show("popularity", lambda each: [i for i in popular if i not in rest[each]], hidden, list(rest))
    companions = cosine_companions(split)
    show("co-purchase cosine", lambda each: best_companions(companions, rest[each]), hidden, list(rest))
    show(
        "Lookalike",
        lambda each: [hit.id for hit in shop.recommend(product=rest[each], k=K, placement="goes-with")],
        hidden,
        list(rest),
    )


def popularity(split: Split) -> Find:
    """The products bought most often that the customer does not have yet."""
    order = [item for item, _ in Counter(each.item for each in split.before).most_common()]
    return lambda user: [item for item in order if item not in split.known[user]][:K]


def co_purchase(split: Split) -> Find:
    """What other customers have who have the same products."""
    companions = cosine_companions(split)

    def find(user: str) -> list[str]:
        own = split.known[user]
        return best_companions(companions, sorted(own, key=lambda item: own[item])[-30:], own)

    return find


def cosine_companions(split: Split) -> dict[str, dict[str, float]]:
    """The cosine of each two products over the customers' last sixty."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    lines = Counter(each.item for each in split.before)
    for own in split.known.values():
        last = sorted(own, key=lambda item: own[item])[-60:]
        for item in last:
            counts[item].update(last)
    return {
        one: {
            other: count / (lines[one] * lines[other]) ** 0.5
            for other, count in found.items()
            if other != one
        }
        for one, found in counts.items()
    }


def best_companions(
    companions: Mapping[str, Mapping[str, float]],
    items: Sequence[str],
    without: Mapping[str, str] | None = None,
) -> list[str]:
    """The products with the greatest sum of cosines with some products."""
    total: Counter[str] = Counter()
    for item in items:
        for other, cosine in companions.get(item, {}).items():
            if other not in items and (without is None or other not in without):
                total[other] += cosine  # pyright: ignore
    return [item for item, _ in total.most_common(K)]


def ease(split: Split, ridge: float = 300.0) -> Find:
    """EASE over all products, unweighted, as it is published."""
    items = sorted({each.item for each in split.before})
    column = {item: place for place, item in enumerate(items)}
    row = {user: place for place, user in enumerate(split.known)}
    matrix = np.zeros((len(row), len(items)), np.float32)
    for user, own in split.known.items():
        matrix[row[user], [column[item] for item in own]] = 1.0
    inverse = np.linalg.inv(matrix.T @ matrix + ridge * np.eye(len(items), dtype=np.float32))
    weights = inverse / -np.diag(inverse)
    np.fill_diagonal(weights, 0.0)

    def find(user: str) -> list[str]:
        scores = np.where(matrix[row[user]] > 0, -np.inf, matrix[row[user]] @ weights)
        return [items[place] for place in np.argsort(-scores)[:K]]

    return find


def stamp(text: str) -> float:
    """Seconds since 1970; a time without a zone is UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


if __name__ == "__main__":
    main()
