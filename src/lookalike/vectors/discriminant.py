"""A linear head on frozen rows: the directions that tell the values of a label apart (shrunken LDA)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from lookalike.errors import UsageError
from lookalike.types import Vector
from lookalike.vectors.pca import Pca

# Share of the within-class covariance that is replaced by its mean variance, or few rows would fit noise.
SHRINKAGE = 0.3
FEWEST_OF_A_LABEL = 2
# Rows are first reduced to so many components: what lies beyond is noise, and costs time.
MOST_COMPONENTS = 512
# What tells no label apart still tells products apart, and counts for less.
KEPT_OF_THE_REST = 0.5


def fit_head(rows: Vector, labels: Sequence[str]) -> Pca:
    """The projection of rows that were given labels; rows without one are left out."""
    counts = Counter(label for label in labels if label)
    known = [place for place, label in enumerate(labels) if counts[label] >= FEWEST_OF_A_LABEL and label]
    kinds = sorted({labels[place] for place in known})
    if len(kinds) < 2:
        raise UsageError(
            "A head needs at least two values of its facet, each on two products or more: name another facet."
        )
    chosen = rows[known]
    base = Pca.fit(chosen, min(MOST_COMPONENTS, len(chosen) - 1, rows.shape[1]))
    reduced = base.transform(chosen).astype(np.float64)
    number = {kind: place for place, kind in enumerate(kinds)}
    owner = np.array([number[labels[place]] for place in known])
    means = np.stack([reduced[owner == place].mean(axis=0) for place in range(len(kinds))])
    centred = reduced - means[owner]
    within = centred.T @ centred / len(centred)
    mean_variance = float(np.trace(within)) / len(within)
    within = (1 - SHRINKAGE) * within + SHRINKAGE * mean_variance * np.eye(len(within))
    # Whitened by what varies within a label, the directions between labels weigh most.
    values, vectors = np.linalg.eigh(within)
    whiten = vectors / np.sqrt(values)
    between = (means * np.sqrt(np.bincount(owner) / len(owner))[:, None]) @ whiten
    _, strengths, turned = np.linalg.svd(between, full_matrices=True)
    strengths = np.pad(strengths, (0, len(turned) - len(strengths)))
    weights = KEPT_OF_THE_REST + (1 - KEPT_OF_THE_REST) * strengths / max(float(strengths[0]), 1e-12)
    projection = (whiten @ turned.T) * weights
    directions = (projection.T @ base.directions).astype(np.float32)
    return Pca(base.mean, directions, (strengths**2 / max((strengths**2).sum(), 1e-12)).astype(np.float32))
