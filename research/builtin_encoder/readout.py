"""The general block and the gate, in closed form, from features of the untouched network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from lookalike.training.towers import GENERAL
from research.builtin_encoder.dataset import GOODS_CLOTHES, GOODS_NOT_WORN, Example

Rows = NDArray[np.float32]

RANK = 320
# How much of the variance within a class is kept: more lets noise in, less lets classes run together.
WITHIN = 1e-2
MOST = 0.75
_DIMS = GENERAL.stop - GENERAL.start
_GATE_SCALE = 5.0
_GATE_STRENGTH = 0.01
# The weight of each kind of evidence; "goods" are those on white that are not worn.
_GATE_WEIGHTS = {"photos": 1.0, "classes": 0.75, "goods": 2.0, "catalogue": 0.4}
# Photos that the axes of the block are chosen by: goods of every kind, clothes only a few.
_SAMPLE = {"objects": 2500, "grocery": 1300, "goods": 390, "clothing": 100, "fashion": 100}

# ImageNet's classes of things that are worn. Those of UNSURE are neither worn for certain nor not.
WORN = frozenset(Path(__file__).with_name("imagenet_worn.txt").read_text("utf-8").splitlines())
UNSURE = frozenset(Path(__file__).with_name("imagenet_unsure.txt").read_text("utf-8").splitlines())
# The sum of all weights is what the strength of the gate was chosen with.
_EVIDENCE = 10_000
# Added to the gate's logits: a gate half open for what is worn would make words miss it.
_OPEN = 0.5
_WEARABLE_OBJECTS = frozenset({"watch", "umbrella", "headphone"})


@dataclass(frozen=True)
class Space:
    """The principal components of features, and the classifier of ImageNet seen in them.

    `classes` says where the photos of each class would be. A photo's logits are
    `rows @ classifier.T + offsets`.
    """

    mean: Rows
    axes: Rows
    rows: Rows
    classes: Rows
    classifier: Rows
    offsets: Rows

    @classmethod
    def of(cls, features: Rows, sample: NDArray[np.intp], weight: Rows, bias: Rows) -> Space:
        """Find the components of a sample, and where the photos of each class of ImageNet would be."""
        mean = features[sample].mean(0)
        _, _, axes = np.linalg.svd(features[sample] - mean, full_matrices=False)
        axes = axes[:RANK]
        rows = (features - mean) @ axes.T
        classifier = weight @ axes.T
        means = _class_means(rows, features @ weight.T + bias, classifier)
        return cls(mean, axes, rows, means, classifier, weight @ mean + bias)

    def save(self, file: Path) -> None:
        """Keep it for the steps that follow."""
        np.savez(file, **vars(self))

    @classmethod
    def load(cls, file: Path) -> Space:
        """Read what was kept."""
        with np.load(file) as kept:
            return cls(**kept)


def fit_general(space: Space, examples: Sequence[Example]) -> tuple[Rows, Rows]:
    """Return weight and bias of the general block: within-class covariance normalized, then the first axes.

    The directions in which photos of one thing differ from each other are made short. Which directions these
    are holds for things that were never seen as well.
    """
    inside = space.axes @ space.mean
    outside = np.sqrt(max(0.0, float(space.mean @ space.mean - inside @ inside)))
    rows = np.concatenate([space.rows + inside, np.full((len(space.rows), 1), outside)], 1)
    learned = [i for i, e in enumerate(examples) if e.split == "train" and e.source in ("objects", "grocery")]
    units = _units(rows[learned])
    spread = np.cov((units - _own_class_mean(units, [examples[i].group for i in learned])).T)
    values, vectors = np.linalg.eigh(spread)
    whiten = vectors @ np.diag(np.sqrt(WITHIN / (values + WITHIN))) @ vectors.T
    _, _, axes = np.linalg.svd(_units(rows[_sample(examples)] @ whiten), full_matrices=False)
    found = axes[:_DIMS] @ whiten
    weight = found[:, :-1] @ space.axes
    return weight.astype(np.float32), (found[:, -1] * outside).astype(np.float32)


def fit_gate(
    space: Space, examples: Sequence[Example], names: Sequence[tuple[str, ...]]
) -> tuple[Rows, float]:
    """Return weight and bias of the gate: photos of our sets, and the thousand classes of ImageNet."""
    learned = [i for i, e in enumerate(examples) if e.split in ("train", "gate") and _worn(e) is not None]
    worn = np.array([_worn(examples[i]) for i in learned], bool)
    evidence = np.array([_evidence(examples[i]) for i in learned])
    known = np.array([not UNSURE.intersection(each) for each in names])
    kinds = np.array([bool(WORN.intersection(each)) for each in names])[known]
    scale = _GATE_SCALE / np.linalg.norm(space.rows, axis=1).mean()
    rows = np.concatenate([space.rows[learned], space.classes[known]]) * scale
    wanted = np.concatenate([worn, kinds])
    parts = np.concatenate([evidence, np.full(len(kinds), "classes")])
    # Each kind of evidence weighs as much on either side of the gate, however many photos it has there.
    weights = sum(
        _balanced(wanted, parts == part) * weight * _EVIDENCE for part, weight in _GATE_WEIGHTS.items()
    )
    model = LogisticRegression(C=_GATE_STRENGTH, max_iter=400).fit(rows, wanted, sample_weight=weights)
    weight = (model.coef_[0] * scale) @ space.axes
    return weight.astype(np.float32), float(model.intercept_[0] - weight @ space.mean) + _OPEN


def _class_means(rows: Rows, logits: Rows, weight: Rows) -> Rows:
    """Where the photos of a class are, for all classes: a linear classifier knows it up to a covariance."""
    guess = logits.argmax(1)
    count = np.bincount(guess, minlength=len(weight))
    means = np.zeros((len(weight), rows.shape[1]), np.float32)
    np.add.at(means, guess, rows)
    means /= np.maximum(count, 1)[:, None]
    found = (weight - weight.mean(0)) @ np.cov((rows - means[guess]).T)
    seen = count >= 10
    scale = float((means[seen] * found[seen]).sum() / (found[seen] ** 2).sum())
    return (found * scale).astype(np.float32)


def _own_class_mean(rows: Rows, groups: Sequence[str]) -> Rows:
    _, place = np.unique(np.array(groups), return_inverse=True)
    means = np.zeros((place.max() + 1, rows.shape[1]))
    np.add.at(means, place, rows)
    return (means / np.bincount(place)[:, None])[place].astype(np.float32)


def _sample(examples: Sequence[Example]) -> NDArray[np.intp]:
    dice = np.random.default_rng(0)
    parts: list[NDArray[np.intp]] = []
    for source, count in _SAMPLE.items():
        rows = np.flatnonzero([e.source == source and e.split == "train" for e in examples])
        parts.append(dice.choice(rows, min(count, len(rows))))
    return np.concatenate(parts)


def _worn(example: Example) -> bool | None:
    if example.source == "goods":
        label = example.labels["label"]
        return False if label in GOODS_NOT_WORN else True if label in GOODS_CLOTHES else None
    if example.labels.get("object") in _WEARABLE_OBJECTS:
        return None
    return example.source not in ("objects", "grocery")


def _evidence(example: Example) -> str:
    if example.split == "gate":
        return "goods"
    return "catalogue" if example.labels.get("kind") == "catalogue" else "photos"


def _balanced(wanted: NDArray[np.bool_], part: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Weights of a part's rows, each side of it adding up to 1; nothing for other rows."""
    sides = [part & wanted, part & ~wanted]
    return np.sum([side / max(1, side.sum()) for side in sides], axis=0)


def _units(rows: Rows) -> Rows:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)
