"""Score fusion: the one place that combines image, text, words and bonus into a score.

    score = image_weight * look + text_weight * text + word_weight * words + bonus

`words` is the score of the lexical index, from 0 to about 1. `look` and `text` are similarities of unit
vectors:
the inner product, or for Euclidean recipes the negative squared distance, which is an inner product less
both squared lengths.
"""

from __future__ import annotations

import numpy as np

from lookalike.index.base import Probe
from lookalike.types import Metric, Vector
from lookalike.vectors.sparse import SparseRow


def fused_score(
    probe: Probe, look: float | None, text: float | None, bonus: float = 0.0, words: float = 0.0
) -> float:
    """The score of a row from its parts; a part that is missing adds nothing."""
    near = probe.image_weight * (look or 0.0) + probe.text_weight * (text or 0.0)
    return near + probe.word_weight * words + bonus


def fused_query(probe: Probe, image_dim: int, text_dim: int) -> Vector:
    """The vector whose inner product with a fused row `[image ; text]` is its score, without the bonus."""
    query = np.zeros(image_dim + text_dim, np.float32)
    if probe.image is not None and image_dim:
        query[:image_dim] = probe.image * np.float32(probe.image_weight)
    if probe.text is not None and text_dim and not isinstance(probe.text, SparseRow):
        query[image_dim:] = probe.text * np.float32(probe.text_weight)
    return query


def likeness(metric: Metric, query: Vector, row: Vector) -> float:
    """How alike two dense vectors are."""
    return -float(np.sum((query - row) ** 2)) if metric == "euclidean" else float(query @ row)


def sparse_likeness(metric: Metric, query: SparseRow, row: SparseRow | None) -> float:
    """How alike two sparse vectors are; a product without words has none in common."""
    product, length = 0.0, 0.0
    if row is not None:
        _, ours, theirs = np.intersect1d(query.columns, row.columns, assume_unique=True, return_indices=True)
        product = float(query.values[ours] @ row.values[theirs])
        length = float(row.values @ row.values)
    if metric == "euclidean":
        return 2 * product - length - float(query.values @ query.values)
    return product
