"""How well vectors find what belongs together, with the doubt that a sample leaves."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from lookalike.training.metrics import Figure, Rows, figure, neighbours
from research.builtin_encoder.dataset import Example
from research.builtin_encoder.labels import HOME_TO_TYPES

Encode = Callable[[Sequence[str]], Rows]


def fashion_figures(vectors: Rows, examples: Sequence[Example]) -> dict[str, Figure]:
    """P@5 among photos of shops: type, color, both, gender; the query is left out."""
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
    """P@5 from home photos to shop products of the right type and to other people's photos."""
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


def kind_figure(vectors: Rows, labels: Sequence[str]) -> Figure:
    """P@5 among photos of the same label, labels resampled."""
    names = np.array(labels)
    near = neighbours(vectors, vectors, 5, np.eye(len(vectors), dtype=bool))
    return figure((names[near] == names[:, None]).mean(1), labels)


def grocery_figures(
    vectors: Rows, examples: Sequence[Example], shelf: Rows, products: Sequence[str]
) -> dict[str, Figure]:
    """Store photos find their catalog picture on a shelf, and store photos of the same product."""
    labels = np.array([e.labels["product"] for e in examples])
    stored = np.array([e.labels["kind"] == "store photo" for e in examples])
    known = stored & np.isin(labels, products)
    near = np.array(products)[neighbours(vectors[known], shelf, 5)]
    right = near == labels[known][:, None]
    return {
        "grocery R@1": figure(right[:, 0], labels[known]),
        "grocery R@5": figure(right.any(1), labels[known]),
        "grocery P@5": kind_figure(vectors[stored], labels[stored].tolist()),
    }


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


def phrase_figure(
    encode: Encode, shop: Rows, labels: Sequence[str], *, k: int = 10, least: int = 10
) -> Figure:
    """P@k of every label with enough products, said in words."""
    names = np.array([label.lower() for label in labels])
    asked = sorted(name for name, count in Counter(names.tolist()).items() if name and count >= least)
    near = neighbours(encode(asked), shop, k)
    return figure((names[near] == np.array(asked)[:, None]).mean(1), asked)


def title_figure(encode: Encode, shop: Rows, products: Sequence[Example], k: int = 10) -> Figure:
    """How often a title finds a photo of a product of that title among the first k."""
    groups = [e.group for e in products]
    near = neighbours(encode([e.title for e in products]), shop, k)
    names = np.array(groups)
    return figure((names[near] == names[:, None]).any(1), groups)
