"""The best weight of image against text, learned for each category from the catalog itself.

Queries use titles only: the facets that define relevance must not be part of the query.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

import numpy as np

from lookalike.analysis.evaluate.intervals import CONFIDENCE, RESAMPLES, sample
from lookalike.analysis.evaluate.tasks import Progress
from lookalike.analysis.snapshot import Snapshot
from lookalike.shop import Shop
from lookalike.vectors.sparse import SparseRows

WEIGHTS = "weights"
STEPS = 21
NEIGHBOURS = 5
QUERIES = 1500
FEWEST = 30
AT_ONCE = 128

Numbers: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"


@dataclass(frozen=True, slots=True)
class Weight:
    """The best weight of the photo for a category, with its 95% interval and precision."""

    category: str
    weight: float
    low: float
    high: float
    precision: float
    precision_fixed: float
    queries: int


def weigh(shop: Shop, snapshot: Snapshot, progress: Progress) -> list[Weight]:
    """The best weight for all products (category empty) and for each category with enough of them."""
    category, colour = snapshot.category(), snapshot.colour()
    texts = _titles(shop, snapshot)
    if not category or texts is None or not shop.recipe.image:
        return []
    judged_by = tuple(dict.fromkeys(name for name in (category, colour) if name))
    labels, kinds = snapshot.labels(*judged_by), snapshot.labels(category)
    titled = np.array([bool(product.title.strip()) for product in snapshot.products])
    usable = np.flatnonzero(snapshot.has_photo() & titled & (labels != ""))
    if len(usable) <= NEIGHBOURS:
        return []
    chosen = set(sample([snapshot.ids[place] for place in usable], QUERIES, "weights"))
    asked = [int(place) for place in usable if snapshot.ids[int(place)] in chosen]
    looks = snapshot.looks()
    steps = np.linspace(0, 1, STEPS)
    agreed = np.zeros((len(asked), STEPS))
    for start in range(0, len(asked), AT_ONCE):
        piece = asked[start : start + AT_ONCE]
        look, said = looks[piece] @ looks.T, texts.near(piece)
        for column, weight in enumerate(steps):
            fused = weight * look + (1 - weight) * said
            fused[np.arange(len(piece)), piece] = -np.inf
            near = np.argpartition(-fused, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
            agreed[start : start + len(piece), column] = (labels[near] == labels[piece][:, None]).mean(axis=1)
        progress("weights", start + len(piece), len(asked))
    fixed = int(np.argmin(np.abs(steps - shop.recipe.image_weight)))
    found = [_weight("", agreed, steps, fixed)]
    for kind in np.unique(kinds[asked]).tolist():
        own = agreed[kinds[asked] == kind]
        if kind and len(own) >= FEWEST:
            found.append(_weight(kind, own, steps, fixed))
    return found


def keep(shop: Shop, weights: Sequence[Weight]) -> None:
    """Store the weights if they changed."""
    data = json.dumps([asdict(weight) for weight in weights])
    if weights and shop.catalog.database.settings().get(WEIGHTS) != data:
        shop.catalog.database.put_settings({WEIGHTS: data})


def _weight(category: str, agreed: Numbers, steps: Numbers, fixed: int) -> Weight:
    means = agreed.mean(axis=0)
    best = _middle_best(means)
    picks = np.random.default_rng(len(agreed)).integers(0, len(agreed), (RESAMPLES, len(agreed)))
    drawn = [float(steps[_middle_best(agreed[pick].mean(axis=0))]) for pick in picks]
    edge = 50 * (1 - CONFIDENCE)
    low, high = np.percentile(drawn, [edge, 100 - edge])
    return Weight(
        category=category,
        weight=round(float(steps[best]), 2),
        low=round(float(low), 2),
        high=round(float(high), 2),
        precision=round(float(means[best]), 4),
        precision_fixed=round(float(means[fixed]), 4),
        queries=len(agreed),
    )


def _middle_best(means: Numbers) -> int:
    """The middle of the best weights, for plateaus."""
    best = np.flatnonzero(means >= means.max() - 1e-9)
    return int(best[len(best) // 2])


class _Dense:
    def __init__(self, rows: Any) -> None:
        self._rows = rows

    def near(self, asked: Sequence[int]) -> Any:
        return self._rows[list(asked)] @ self._rows.T


class _Counted:
    def __init__(self, rows: SparseRows) -> None:
        from scipy.sparse import csr_matrix

        self._rows = csr_matrix((rows.values, rows.columns, rows.starts), shape=(len(rows), rows.dim))

    def near(self, asked: Sequence[int]) -> Any:
        return (self._rows[list(asked)] @ self._rows.T).toarray()


def _titles(shop: Shop, snapshot: Snapshot) -> _Dense | _Counted | None:
    if not shop.recipe.text or not len(snapshot):
        return None
    rows = shop.catalog.pipeline.encode_texts([product.title for product in snapshot.products])
    if rows is None:
        return None
    return _Counted(rows) if isinstance(rows, SparseRows) else _Dense(rows)
