"""Sparse rows of neighbors."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lookalike.recommend.models.neighbours import Neighbours

Triple = tuple[int, int, float]

triples = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 7), st.floats(-2, 2, width=32)),
    unique_by=lambda each: each[:2],
    max_size=40,
)


def built(some: list[Triple], kept: int = 100) -> Neighbours:
    sources, targets, weights = zip(*some, strict=True) if some else ((), (), ())
    return Neighbours.strongest(
        np.array(sources, np.int64), np.array(targets, np.int64), np.array(weights, float), kept
    )


@given(triples, st.randoms(use_true_random=False), st.integers(1, 5))
def test_the_order_of_the_triples_does_not_matter(
    some: list[Triple], chance: random.Random, kept: int
) -> None:
    one, other = built(some, kept), built(chance.sample(some, len(some)), kept)
    for name in ("starts", "targets", "weights"):
        assert np.array_equal(getattr(one, name), getattr(other, name))


@given(triples, st.lists(st.integers(0, 9), max_size=6))
def test_scores_are_the_product_with_the_dense_matrix(some: list[Triple], history: list[int]) -> None:
    matrix = np.zeros((10, 10))
    for source, target, weight in some:
        matrix[source, target] = weight
    strength = np.arange(1.0, len(history) + 1)
    found = built(some).scores(np.array(history, np.int64), strength, 10)
    assert np.allclose(found, strength @ matrix[history] if history else 0.0, atol=1e-5)


def test_each_item_keeps_its_strongest_neighbours_negative_ones_too() -> None:
    targets, weights = built([(0, 1, 0.1), (0, 2, -0.9), (0, 3, 0.5)], kept=2).row(0)
    assert targets.tolist() == [2, 3]
    assert weights.tolist() == [np.float32(-0.9), 0.5]


def test_an_item_without_a_row_has_no_neighbours() -> None:
    assert built([(0, 1, 1.0)]).row(5)[0].tolist() == []
