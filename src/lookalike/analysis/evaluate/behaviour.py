"""Evaluates recommendations on the shop's events, against popularity, co-purchases and EASE."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import BadQuery
from lookalike.recommend.blend import MIXING, Mixing
from lookalike.recommend.replay import FEWEST_SHOPPERS, K, Pages, Replay, Scores
from lookalike.shop import Shop

MOST_SHOPPERS = 1_000
# EASE as it is published inverts a matrix of all its products; the rest is left out.
MOST_EASE_ITEMS = 5_000
RIDGE = 300.0
LAST_OF_HISTORY = 60
Z95 = 1.96

_ALONE = Mixing(content=0, facts=0, lookalikes=0, popular=0, sameness=0, explored=0, crowding=0, behaviour=0)
_NEVER = 1e12
COMPONENTS: Mapping[str, Mixing] = {
    "without discovery": replace(MIXING, explored=0),
    "item models": replace(_ALONE, trust=1e-9),
    "random walk": replace(_ALONE, behaviour=1, trust=_NEVER),
    "content": replace(_ALONE, content=1, trust=_NEVER),
    "facets": replace(_ALONE, facts=1, trust=_NEVER),
}


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean and half its 95% interval."""

    mean: float
    margin: float


@dataclass(frozen=True, slots=True)
class BehaviourFigures:
    """How well one recommender did.

    `coverage` is the share of the products on offer that were shown, `novelty` the mean surprise of what was
    shown, in bits: minus the logarithm of the share of shoppers who chose it before.
    """

    name: str
    hit_rate: Estimate
    ndcg: Estimate
    coverage: float
    novelty: float


@dataclass(frozen=True, slots=True)
class BehaviourReport:
    """The figures of all recommenders for the same shoppers."""

    shoppers: int
    events: int
    held_out_from: float
    figures: tuple[BehaviourFigures, ...]


def evaluate_behaviour(shop: Shop, most_shoppers: int = MOST_SHOPPERS) -> BehaviourReport:
    """Hold out the last events of a shop, recommend from the others, and compare.

    Raises BadQuery where too few shoppers came back to compare anything.
    """
    replay = shop.recommender.replay(most_shoppers)
    if len(replay.truth) < FEWEST_SHOPPERS:
        raise BadQuery(
            f"Only {len(replay.truth)} shoppers chose something new recently; {FEWEST_SHOPPERS} are needed. "
            "Import more events with `lookalike events import`."
        )
    in_use = shop.recommender.mixing or shop.blend.mixing
    pages: dict[str, Pages] = {"blend": replay.pages(in_use)}
    pages |= {name: replay.pages(mixing) for name, mixing in COMPONENTS.items()}
    pages |= {"popularity": popularity(replay), "co-purchase": co_purchase(replay), "EASE": ease(replay)}
    figures = tuple(_figures(name, replay.scores(found), replay) for name, found in pages.items())
    return BehaviourReport(len(replay.truth), len(replay.before.product), replay.knowledge.now, figures)


def popularity(replay: Replay) -> Pages:
    """The products chosen most often that the shopper does not have."""
    owned, offered = _owned(replay), _offered(replay)
    counts = np.bincount(replay.before.product[replay.before.weight > 0], minlength=len(offered))
    order = [item for item in np.argsort(-counts, kind="stable").tolist() if offered[item]]
    return lambda shopper: [item for item in order[: K + len(owned[shopper])] if item not in owned[shopper]]


def co_purchase(replay: Replay) -> Pages:
    """The products that shoppers with the same products chose, by cosine."""
    owned, offered = _owned(replay), _offered(replay)
    counts = np.bincount(replay.before.product[replay.before.weight > 0], minlength=len(offered))
    together: dict[int, dict[int, float]] = {}
    for items in owned.values():
        last = items[-LAST_OF_HISTORY:]
        for item in last:
            row = together.setdefault(item, {})
            for other in last:
                row[other] = row.get(other, 0.0) + 1.0

    def page(shopper: int) -> list[int]:
        scores = np.zeros(len(offered))
        own = owned[shopper]
        for item in own[-LAST_OF_HISTORY:]:
            for other, count in together[item].items():
                scores[other] += count / np.sqrt(counts[item] * counts[other])
        return _best(scores, offered, own)

    return page


def ease(replay: Replay) -> Pages:
    """EASE over unweighted histories, as it is published."""
    owned, offered = _owned(replay), _offered(replay)
    support = np.zeros(len(offered), np.int64)
    for items in owned.values():
        support[items] += 1
    covered = np.sort(np.argsort(-support, kind="stable")[:MOST_EASE_ITEMS])
    covered = covered[support[covered] > 0]
    column = np.full(len(offered), -1)
    column[covered] = np.arange(len(covered))
    matrix = np.zeros((len(owned), len(covered)), np.float32)
    row = {shopper: place for place, shopper in enumerate(owned)}
    for shopper, items in owned.items():
        columns = column[items]
        matrix[row[shopper], columns[columns >= 0]] = 1.0
    inverse: NDArray[np.float32] = np.linalg.inv(
        matrix.T @ matrix + np.float32(RIDGE) * np.eye(len(covered), dtype=np.float32)
    )
    weights = np.asarray(inverse / -np.diag(inverse), np.float32)
    np.fill_diagonal(weights, 0.0)

    def page(shopper: int) -> list[int]:
        scores = np.full(len(offered), -np.inf)
        scores[covered] = matrix[row[shopper]] @ weights
        return _best(scores, offered, owned[shopper])

    return page


def _owned(replay: Replay) -> dict[int, list[int]]:
    """What each shopper chose before, in order."""
    before = replay.before
    some = np.flatnonzero(before.weight > 0)
    some = some[np.argsort(before.time[some], kind="stable")]
    owned: dict[int, dict[int, None]] = {}
    for shopper, item in zip(before.shopper[some].tolist(), before.product[some].tolist(), strict=True):
        items = owned.setdefault(shopper, {})
        items.pop(item, None)
        items[item] = None
    return {shopper: list(items) for shopper, items in owned.items()}


def _offered(replay: Replay) -> NDArray[np.bool_]:
    """Which product numbers may be shown."""
    table = replay.knowledge.table
    offered = np.zeros(len(replay.knowledge.interactions.products), np.bool_)
    offered[table.numbers[table.offered]] = True
    return offered


def _best(scores: NDArray[np.float64], offered: NDArray[np.bool_], own: Sequence[int]) -> list[int]:
    scores = np.where(offered, scores, -np.inf)
    scores[own] = -np.inf
    order = np.argsort(-scores, kind="stable")[:K]
    return [item for item in order.tolist() if scores[item] > -np.inf]


def _figures(name: str, scores: Scores, replay: Replay) -> BehaviourFigures:
    offered = _offered(replay)
    shoppers = replay.knowledge.interactions.counts.shoppers
    everyone = max(len(np.unique(replay.before.shopper)), 1)
    shown = np.array(list(scores.shown), np.int64)
    times = np.array(list(scores.shown.values()), float)
    surprise = -np.log2((np.maximum(shoppers[shown], 0.0) + 1.0) / (everyone + 1.0))
    return BehaviourFigures(
        name=name,
        hit_rate=_estimate(scores.hits),
        ndcg=_estimate(scores.ndcg),
        coverage=len(shown) / max(int(offered.sum()), 1),
        novelty=float(surprise @ times / times.sum()) if len(shown) else 0.0,
    )


def _estimate(values: NDArray[np.float64]) -> Estimate:
    return Estimate(float(values.mean()), float(Z95 * values.std() / np.sqrt(len(values))))
