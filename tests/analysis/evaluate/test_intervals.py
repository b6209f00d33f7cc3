"""Intervals and differences."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lookalike.analysis.evaluate.intervals import Difference, difference, figure, holm_corrected, sample


def test_the_interval_holds_the_mean_and_is_the_same_each_time():
    values = {str(n): float(n % 3 == 0) for n in range(90)}
    found = figure(values, {})
    assert found.low < found.value < found.high
    assert found == figure(values, {})
    assert found.queries == 90


def test_the_interval_is_as_wide_as_theory_says():
    dice = np.random.default_rng(3)
    values = {str(n): float(v) for n, v in enumerate(dice.random(400) < 0.3)}
    found = figure(values, {})
    expected = 1.96 * np.sqrt(found.value * (1 - found.value) / 400)
    assert abs((found.high - found.low) / 2 - expected) < 0.2 * expected


def test_variants_of_one_product_do_not_feign_certainty():
    values = {str(n): float(n // 10 % 2) for n in range(200)}
    alone = figure(values, {})
    together = figure(values, {str(n): str(n // 10) for n in range(200)})
    assert together.high - together.low > 2 * (alone.high - alone.low)


def test_nothing_measured_is_said_to_be_nothing():
    assert str(figure({}, {})) == "-"
    assert difference({"a": 1.0}, {"b": 1.0}, {}).queries == 0


def test_a_steady_gain_is_real_and_noise_is_not():
    dice = np.random.default_rng(1)
    base = {str(n): float(v) for n, v in enumerate(dice.random(300))}
    better = {n: v + 0.05 for n, v in base.items()}
    better["0"] = base["0"]
    noisy = {n: v + float(d) for (n, v), d in zip(base.items(), dice.normal(0, 0.3, 300), strict=True)}
    gain, noise = holm_corrected([difference(better, base, {}), difference(noisy, base, {})])
    assert gain.real
    assert not noise.real
    assert gain.low > 0 > noise.low


def test_of_many_comparisons_a_lucky_one_is_not_believed():
    lucky = Difference(0.1, 0.01, 0.2, 100, chance=0.03)
    others = [Difference(0.0, -0.1, 0.1, 100, chance=0.5) for _ in range(20)]
    assert holm_corrected([lucky])[0].real
    assert not any(each.real for each in holm_corrected([lucky, *others]))


@given(st.lists(st.text(min_size=1), unique=True), st.integers(0, 10), st.randoms())
def test_a_sample_does_not_depend_on_the_order(ids: list[str], count: int, dice):
    shuffled = list(ids)
    dice.shuffle(shuffled)
    chosen = sample(ids, count, "test")
    assert chosen == sample(shuffled, count, "test")
    assert len(chosen) == min(count, len(ids))
