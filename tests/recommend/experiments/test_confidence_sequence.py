"""The interval may be watched all the time: it is ever wrong in at most one of twenty experiments."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.recommend.experiments.confidence_sequence import ALPHA, monitored

RUNS = 600
SUCCESSES = 1500


@pytest.mark.parametrize("share", [0.5, 0.2, 0.9])
def test_watched_after_every_success_equal_variants_are_told_apart_in_at_most_one_of_twenty_runs(
    share: float,
) -> None:
    chance = np.random.default_rng(1)
    wrong = sum(monitored(chance.random(SUCCESSES) < share, share).p_value <= ALPHA for _ in range(RUNS))
    assert wrong / RUNS <= ALPHA


def test_an_ordinary_test_that_is_watched_is_wrong_far_more_often() -> None:
    """Why the sequence is needed: the same runs, judged by a z-test after every success."""
    chance = np.random.default_rng(1)
    trials = np.arange(1, SUCCESSES + 1)
    wrong = 0
    for _ in range(RUNS):
        wins = np.cumsum(chance.random(SUCCESSES) < 0.5)
        z = np.abs(wins - trials / 2) / np.sqrt(trials / 4)
        wrong += bool((z[30:] > 1.96).any())
    assert wrong / RUNS > 4 * ALPHA


@pytest.mark.parametrize("truth", [0.5, 0.55, 0.7, 0.95])
def test_the_interval_leaves_out_the_true_chance_in_at_most_one_of_twenty_runs(truth: float) -> None:
    chance = np.random.default_rng(2)
    found = [monitored(chance.random(SUCCESSES) < truth, 0.5) for _ in range(RUNS)]
    assert sum(not each.low <= truth <= each.high for each in found) / RUNS <= ALPHA


def test_a_real_difference_is_found() -> None:
    chance = np.random.default_rng(3)
    found = [monitored(chance.random(SUCCESSES) < 0.57, 0.5) for _ in range(100)]
    assert np.mean([each.low > 0.5 and each.p_value < ALPHA for each in found]) > 0.95


@given(st.lists(st.booleans(), max_size=80), st.sampled_from([0.1, 0.5, 0.8]))
@settings(deadline=None)
def test_more_successes_never_widen_the_interval_or_raise_the_p_value(of_b: list[bool], share: float) -> None:
    whole = monitored(np.array(of_b, np.bool_), share)
    before = monitored(np.array(of_b[:-1], np.bool_), share)
    assert 0 <= whole.low <= whole.high <= 1
    assert whole.p_value <= before.p_value
    drifted = whole.high < before.low or whole.low > before.high
    assert drifted or (whole.low >= before.low - 1e-9 and whole.high <= before.high + 1e-9)


@given(st.lists(st.booleans(), min_size=1, max_size=80))
@settings(deadline=None)
def test_the_variants_are_treated_alike(of_b: list[bool]) -> None:
    one, other = monitored(np.array(of_b), 0.5), monitored(~np.array(of_b), 0.5)
    assert one.low == pytest.approx(1 - other.high, abs=1e-9)
    assert one.p_value == pytest.approx(other.p_value)


def test_without_successes_nothing_is_known() -> None:
    found = monitored(np.zeros(0, np.bool_), 0.5)
    assert (found.low, found.high, found.p_value) == (0.0, 1.0, 1.0)
