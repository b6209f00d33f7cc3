"""Photos in the general block, and the directions in which a text finds the photos it names."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from research.builtin_encoder.dataset import Example
from research.builtin_encoder.readout import Rows, Space

# Photos that the directions are measured on: of every kind, so that a direction leads away from all others.
_SAMPLE = {"objects": 3500, "grocery": 1300, "clothing": 600, "fashion": 600, "goods": 300}
# The share of the mean variance that is added to all directions: rare ones are not trusted.
_RIDGE = 0.3


class GeneralBlock:
    """The general block of the photos of a space.

    A text finds photos by the dot product. What helps a name is therefore not the mean of its photos, which
    all photos share in part, but the direction in which its photos lie further out than the others: the
    least-squares solution that predicts the classifier's logits, or membership, on a sample of photos.
    """

    def __init__(self, space: Space, weight: Rows, bias: Rows) -> None:
        raw = space.rows @ (weight @ space.axes.T).T + weight @ space.mean + bias
        self.rows: Rows = raw / np.linalg.norm(raw, axis=1, keepdims=True)
        self._space = space

    def directions(self, examples: Sequence[Example], members: Sequence[Sequence[int]]) -> tuple[Rows, Rows]:
        """Return unit directions towards ImageNet's classes, and towards the mean of each group of rows."""
        sample = _sample(examples)
        center = self.rows[sample].mean(0)
        photos = self.rows[sample] - center
        spread = photos.T @ photos / len(photos)
        spread[np.diag_indices_from(spread)] += _RIDGE * np.trace(spread) / len(spread)
        logits = self._space.rows[sample] @ self._space.classifier.T + self._space.offsets
        towards = photos.T @ (logits - logits.mean(0)) / len(photos)
        means = np.stack([self.rows[list(rows)].mean(0) - center for rows in members])
        return _units(np.linalg.solve(spread, towards).T), _units(np.linalg.solve(spread, means.T).T)


def _sample(examples: Sequence[Example]) -> NDArray[np.intp]:
    dice = np.random.default_rng(0)
    parts: list[NDArray[np.intp]] = []
    for source, count in _SAMPLE.items():
        rows = np.flatnonzero([e.source == source and e.split == "train" for e in examples])
        parts.append(dice.choice(rows, min(count, len(rows)), replace=False))
    return np.concatenate(parts)


def _units(rows: Rows) -> Rows:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
