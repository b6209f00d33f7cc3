"""A linear head on frozen vectors: shrunken linear discriminant analysis (LDA)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from lookalike.errors import UsageError
from lookalike.types import Vector
from lookalike.vectors.pca import Pca

# Shrinkage: the share of the within-class covariance replaced by its mean variance, against overfitting.
SHRINKAGE = 0.3
FEWEST_OF_A_LABEL = 2
# Number of principal components kept first; the others are noise and cost time.
MOST_COMPONENTS = 512
# Weight of directions that separate no labels but still separate products.
KEPT_OF_THE_REST = 0.5


def fit_head(rows: Vector, labels: Sequence[str]) -> Pca:
    """Fit the projection to labeled rows; rows without a label are ignored."""
    counts = Counter(label for label in labels if label)
    known = [place for place, label in enumerate(labels) if counts[label] >= FEWEST_OF_A_LABEL and label]
    kinds = sorted({labels[place] for place in known})
    if len(kinds) < 2:
        raise UsageError(
            "A head needs a facet with at least two values on two products each. Choose another facet."
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
    # After whitening by within-class variance, between-class directions dominate.
    values, vectors = np.linalg.eigh(within)
    whiten = vectors / np.sqrt(values)
    between = (means * np.sqrt(np.bincount(owner) / len(owner))[:, None]) @ whiten
    _, strengths, turned = np.linalg.svd(between, full_matrices=True)
    strengths = np.pad(strengths, (0, len(turned) - len(strengths)))
    weights = KEPT_OF_THE_REST + (1 - KEPT_OF_THE_REST) * strengths / max(float(strengths[0]), 1e-12)
    projection = (whiten @ turned.T) * weights
    directions = (projection.T @ base.directions).astype(np.float32)
    return Pca(base.mean, directions, (strengths**2 / max((strengths**2).sum(), 1e-12)).astype(np.float32))
