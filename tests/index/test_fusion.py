"""A score is the same whether it is fused from its parts or computed as one inner product."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.index import Probe
from lookalike.index.fusion import fused_query, fused_score, likeness, sparse_likeness
from lookalike.vectors.sparse import SparseRow

IMAGE, TEXT = 5, 3
SEEDS = st.integers(0, 2**32 - 1)
WEIGHTS = st.floats(0, 1, width=32)


def unit(random: np.random.Generator, dim: int) -> np.ndarray:
    row = random.normal(size=dim).astype(np.float32)
    return row / np.linalg.norm(row)


@given(SEEDS, WEIGHTS)
def test_the_inner_product_of_fused_vectors_is_the_weighted_sum_of_both_cosines(seed: int, weight: float):
    random = np.random.default_rng(seed)
    image, text, own_image, own_text = (unit(random, dim) for dim in (IMAGE, TEXT, IMAGE, TEXT))
    probe = Probe(image=image, text=text, image_weight=weight, text_weight=1 - weight)
    one_product = float(fused_query(probe, IMAGE, TEXT) @ np.concatenate([own_image, own_text]))
    from_parts = fused_score(probe, likeness("cosine", image, own_image), likeness("cosine", text, own_text))
    assert one_product == pytest.approx(from_parts, abs=1e-5)


def test_a_missing_part_adds_nothing_and_a_bonus_is_added_whole() -> None:
    probe = Probe(image=np.ones(1, np.float32), image_weight=0.7, text_weight=0.3)
    assert fused_score(probe, 0.5, None, bonus=0.2) == pytest.approx(0.55)


@given(SEEDS)
def test_a_sparse_row_is_as_alike_as_the_dense_row_it_stands_for(seed: int) -> None:
    random = np.random.default_rng(seed)
    query, row = ((random.random(8) * (random.random(8) > 0.5)).astype(np.float32) for _ in range(2))

    def sparse(dense: np.ndarray) -> SparseRow:
        columns = np.flatnonzero(dense).astype(np.int32)
        return SparseRow(columns, dense[columns], len(dense))

    for metric in ("cosine", "euclidean"):
        expected = pytest.approx(likeness(metric, query, row), abs=1e-5)
        assert sparse_likeness(metric, sparse(query), sparse(row)) == expected
    assert sparse_likeness("cosine", sparse(query), None) == 0
