"""The largest values of an array, against a plain sort."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lookalike.recommend.largest import largest

VALUES = st.one_of(
    st.floats(-1e6, 1e6, width=32),
    # Many equal values, and products that are not allowed.
    st.sampled_from([0.0, 1.0, -np.inf]),
)


@given(arrays(np.float32, st.integers(0, 400), elements=VALUES), st.integers(1, 60))
def test_they_are_those_of_a_plain_sort(values: np.ndarray, count: int) -> None:
    places = largest(values, count)
    assert len(set(places.tolist())) == len(places) == min(count, len(values))
    assert sorted(values[places]) == sorted(values)[-count:]


@pytest.mark.parametrize("size", [999, 44_000])
@pytest.mark.parametrize("count", [1, 10, 140])
def test_places_of_different_values_are_those_of_a_plain_sort(size: int, count: int) -> None:
    values = np.random.default_rng(3).permutation(size).astype(np.float64)
    assert set(largest(values, count)) == set(np.argsort(values)[-count:])
