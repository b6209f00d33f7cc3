"""How well vectors find what belongs together, with the doubt that a sample leaves."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.training.labels import HOME_TO_TYPES
from lookalike.training.public_datasets import Example

Rows = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Rows]


@dataclass(frozen=True)
class Figure:
    """One measured value with a 95% interval over groups."""

    value: float
    low: float
    high: float
    queries: int

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}] n={self.queries}"


def studio_figures(vectors: Rows, examples: Sequence[Example]) -> dict[str, Figure]:
    """Measure P@5 among studio photos: type, colour, both, gender; the query is left out."""
    near = neighbours(vectors, vectors, 5, np.eye(len(vectors), dtype=bool))
    groups = [e.group for e in examples]
    figures: dict[str, Figure] = {}
    for name, keys in {
        "type": ("type",),
        "colour": ("colour",),
        "type and colour": ("type", "colour"),
        "gender": ("gender",),
    }.items():
        labels = np.array(["|".join(e.labels.get(k, "") for k in keys) for e in examples])
        figures[name] = figure((labels[near] == labels[:, None]).mean(1), groups)
    return figures


def home_figures(
    home: Rows, photos: Sequence[Example], shop: Rows, products: Sequence[Example]
) -> dict[str, Figure]:
    """Measure P@5 from home photos to shop products of the right type and to other people's photos."""
    labels = np.array([e.labels["home"] for e in photos])
    senders = np.array([e.group for e in photos])
    types = [e.labels.get("type", "") for e in products]
    right = np.array([[t in HOME_TO_TYPES.get(label, ()) for t in types] for label in labels])
    asked = right.sum(1) >= 5
    near = neighbours(home, shop, 5)
    hits = np.take_along_axis(right, near, 1).mean(1)
    figures = {"home to shop": figure(hits[asked], senders[asked])}
    figures["home to shop, mean of classes"] = class_mean(hits[asked], labels[asked])
    other = senders[:, None] != senders[None, :]
    same = (labels[:, None] == labels[None, :]) & other
    known = same.any(1)
    near = neighbours(home, home, 5, ~other)
    figures["home to home"] = figure(np.take_along_axis(same, near, 1).mean(1)[known], senders[known])
    return figures


def text_figures(
    encode: Encode,
    shop: Rows,
    products: Sequence[Example],
    crowd: Rows | None = None,
    seed: int = 0,
) -> dict[str, Figure]:
    """Measure how titles find their own photo, and phrases of colour and type their products."""
    groups = [e.group for e in products]
    texts = encode([e.title for e in products])
    gallery = shop if crowd is None else np.concatenate([shop, crowd])
    near = neighbours(texts, gallery, 10)
    # Two products of one title cannot be told apart by it: each counts as found with the other.
    names = np.array([*groups, *([""] * (len(gallery) - len(groups)))])
    found = (names[near] == np.array(groups)[:, None]).any(1)
    figures = {f"title to photo R@10 among {len(gallery)}": figure(found, groups)}
    pairs = np.array([f"{e.labels.get('colour', '')} {e.labels.get('type', '')}".lower() for e in products])
    asked = sorted(pair for pair, count in Counter(pairs.tolist()).items() if count >= 10)
    if asked:
        near = neighbours(encode(asked), shop, 10)
        hits = (pairs[near] == np.array(asked)[:, None]).mean(1)
        figures["colour and type phrase P@10"] = figure(hits, asked)
    return figures


def figure(values: NDArray[np.generic], groups: Sequence[str] | NDArray[np.str_]) -> Figure:
    """Return the mean of per-query values and its interval, resampling whole groups."""
    numbers = np.asarray(values, dtype=np.float64)
    if not len(numbers):
        return Figure(float("nan"), float("nan"), float("nan"), 0)
    _, place = np.unique(np.asarray(groups), return_inverse=True)
    sums, sizes = np.bincount(place, numbers), np.bincount(place)
    picks = np.random.default_rng(0).integers(0, len(sums), (1000, len(sums)))
    means = sums[picks].sum(1) / sizes[picks].sum(1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Figure(float(numbers.mean()), float(low), float(high), len(numbers))


def class_mean(values: NDArray[np.generic], labels: NDArray[np.str_]) -> Figure:
    """Return the mean over classes of their means, and its interval."""
    numbers = np.asarray(values, dtype=np.float64)
    by_class: dict[str, list[float]] = defaultdict(list)
    for label, value in zip(labels.tolist(), numbers.tolist(), strict=True):
        by_class[label].append(value)
    dice = np.random.default_rng(0)
    rows = [np.array(v) for v in by_class.values()]
    means = np.mean([[dice.choice(r, len(r)).mean() for r in rows] for _ in range(300)], axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Figure(float(np.mean([r.mean() for r in rows])), float(low), float(high), len(numbers))


def neighbours(
    queries: Rows, gallery: Rows, k: int, barred: NDArray[np.bool_] | None = None
) -> NDArray[np.intp]:
    """Return the k nearest rows of the gallery for each query, the barred left out."""
    similar = queries @ gallery.T
    if barred is not None:
        similar = np.where(barred, -np.inf, similar)
    return np.argsort(-similar, axis=1, kind="stable")[:, :k]
