"""EASE, against the formula of the paper."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lookalike.recommend.models import ease
from lookalike.recommend.models.ease import fit_ease
from lookalike.recommend.models.neighbours import Neighbours

Matrix = NDArray[np.float64]


def by_the_paper(matrix: Matrix, ridge: float) -> Matrix:
    inverse = np.linalg.inv(matrix.T @ matrix + ridge * np.eye(matrix.shape[1]))
    weights = inverse / -np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    return weights


def fitted(matrix: Matrix, ridge: float = 2.0, most_items: int = 1000) -> Neighbours:
    shoppers, items = np.nonzero(matrix)
    return fit_ease(shoppers, items, matrix[shoppers, items], most_items, ridge)


def dense(found: Neighbours, size: int) -> Matrix:
    matrix = np.zeros((size, size))
    for item in range(size):
        targets, weights = found.row(item)
        matrix[item, targets] = weights
    return matrix


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 12), st.integers(4, 40))
def test_the_weights_are_those_of_the_paper(seed: int, items: int, shoppers: int) -> None:
    chance = np.random.default_rng(seed)
    matrix = chance.random((shoppers, items)) * (chance.random((shoppers, items)) < 0.5)
    matrix[:2] = 1.0
    assert np.allclose(dense(fitted(matrix), items), by_the_paper(matrix, 2.0), atol=1e-4)


def test_shoppers_with_many_items_are_counted_like_the_others() -> None:
    size = ease.DENSE_FROM * 2
    matrix = np.where(np.random.default_rng(1).random((30, size)) < 0.1, 1.0, 0.0)
    matrix[:3] = 1.0
    found, expected = dense(fitted(matrix), size), by_the_paper(matrix, 2.0)
    kept = found != 0
    assert np.allclose(found[kept], expected[kept], atol=1e-4)
    assert kept.sum(axis=1).min() == ease.KEPT


def test_items_of_a_single_shopper_are_left_to_other_models() -> None:
    matrix = np.zeros((5, 3))
    matrix[:, :2] = 1.0
    matrix[0, 2] = 1.0
    found = fitted(matrix)
    assert found.row(0)[0].tolist() == [1]
    assert found.row(2)[0].tolist() == []


def test_the_items_with_the_most_shoppers_are_covered() -> None:
    matrix = np.ones((6, 4))
    matrix[2:, 3] = 0.0
    found = fitted(matrix, most_items=3)
    assert found.row(3)[0].tolist() == []
    assert set(found.row(0)[0].tolist()) == {1, 2}


def test_no_events_give_no_weights() -> None:
    assert len(fitted(np.zeros((3, 3)))) == 0
