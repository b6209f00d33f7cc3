"""Neighbors and near pairs against the definition."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.vectors.neighbours import near_pairs, nearest


def rows_of(count: int, dim: int, seed: int) -> np.ndarray:
    dice = np.random.default_rng(seed)
    # Few directions matter, as in what an encoder gives, and some rows nearly repeat others.
    rows = dice.normal(0, 1, (count, dim)) * np.linspace(1, 0.01, dim) ** 2
    rows[count // 2 :: 3] = rows[: len(rows[count // 2 :: 3])] + dice.normal(0, 0.02, (1, dim))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@settings(max_examples=25)
@given(st.integers(2, 300), st.sampled_from([3, 40, 200]), st.floats(0.3, 0.99), st.integers(0, 99))
def test_no_near_pair_is_missed(count: int, dim: int, least: float, seed: int):
    rows = rows_of(count, dim, seed)
    pairs, similar = near_pairs(rows, least)
    products = rows @ rows.T
    # On the threshold itself rounding may decide either way.
    sure = {tuple(p) for p in np.argwhere(np.triu(products >= least + 1e-4, 1)).tolist()}
    possible = {tuple(p) for p in np.argwhere(np.triu(products >= least - 1e-4, 1)).tolist()}
    found = {tuple(pair) for pair in pairs.tolist()}
    assert sure <= found <= possible
    assert np.allclose(similar, [products[one, two] for one, two in pairs.tolist()], atol=1e-4)


@settings(max_examples=25)
@given(st.integers(2, 200), st.integers(1, 30), st.integers(0, 99))
def test_the_nearest_are_the_nearest(count: int, wanted: int, seed: int):
    rows = rows_of(count, 16, seed)
    places, similar = nearest(rows, wanted)
    products = rows @ rows.T
    np.fill_diagonal(products, -np.inf)
    best = -np.sort(-products, axis=1)[:, : min(wanted, count - 1)]
    assert np.allclose(similar, best, atol=1e-5)
    assert np.allclose(np.take_along_axis(products, places, axis=1), best, atol=1e-5)


def test_one_row_has_no_neighbours():
    rows = np.ones((1, 4), np.float32)
    assert nearest(rows, 5)[0].shape == (1, 0)
    assert len(near_pairs(rows, 0.5)[0]) == 0
