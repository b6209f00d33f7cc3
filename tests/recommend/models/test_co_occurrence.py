"""What is in the same basket or session."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.recommend.models.co_occurrence import (
    DOUBT,
    HALF_LIFE,
    LARGEST,
    PAUSE,
    fit_co_occurrence,
    visits_of,
)
from lookalike.recommend.models.neighbours import Neighbours

NOW = 1_790_000_000.0


def fitted(
    shoppers: list[int], items: list[int], times: list[float], pairs_at_once: int = 1000
) -> Neighbours:
    visits = visits_of(np.array(shoppers, np.int64), np.array(items, np.int64), np.array(times, float))
    return fit_co_occurrence(visits, NOW, pairs_at_once=pairs_at_once)


def together(*baskets: list[int], age: float = 0.0, pairs_at_once: int = 1000) -> Neighbours:
    """Each basket is the one visit of a shopper."""
    shoppers = [place for place, basket in enumerate(baskets) for _ in basket]
    items = [item for basket in baskets for item in basket]
    return fitted(shoppers, items, [NOW - age] * len(items), pairs_at_once)


def weight(found: Neighbours, source: int, target: int) -> float:
    targets, weights = found.row(source)
    return float(weights[targets.tolist().index(target)]) if target in targets else 0.0


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=4), min_size=1, max_size=12))
def test_it_is_the_cosine_over_visits_that_weigh_one_by_their_size(baskets: list[list[int]]) -> None:
    sets = [set(basket) for basket in baskets]
    found = together(*baskets)
    for one in range(6):
        for other in set(range(6)) - {one}:
            both = [each for each in sets if one in each and other in each]
            mass = [sum(1 / len(each) for each in sets if item in each) for item in (one, other)]
            cosine = sum(1 / len(each) for each in both) / math.sqrt(mass[0] * mass[1]) if both else 0.0
            assert weight(found, one, other) == pytest.approx(cosine * len(both) / (len(both) + DOUBT))


def test_a_longer_pause_begins_another_visit() -> None:
    within = fitted([1, 1], [0, 1], [NOW - PAUSE, NOW])
    after = fitted([1, 1], [0, 1], [NOW - PAUSE - 1, NOW])
    assert weight(within, 0, 1) > 0
    assert len(after) == 0


def test_two_shoppers_at_the_same_time_are_two_visits() -> None:
    assert len(fitted([1, 2], [0, 1], [NOW, NOW])) == 0


def test_an_old_visit_says_less_than_a_new_one() -> None:
    found = fitted([1, 1, 2, 2], [0, 1, 0, 2], [NOW - HALF_LIFE, NOW - HALF_LIFE, NOW, NOW])
    assert weight(found, 0, 1) < weight(found, 0, 2)


def test_a_product_in_every_basket_is_a_weaker_companion_than_one_that_belongs_there() -> None:
    found = together([0, 1, 9], [0, 1, 9], [2, 9], [3, 9], [4, 9])
    assert weight(found, 0, 1) > weight(found, 0, 9)


def test_an_order_of_ten_thousand_lines_says_nothing() -> None:
    found = together(list(range(10_000)), [0, 1], [0, 1])
    assert found.row(0)[0].tolist() == [1]
    assert len(together(list(range(LARGEST + 1)))) == 0


def test_visits_counted_in_pieces_give_the_same_neighbours() -> None:
    baskets = [[place % 7, place % 5, place % 3] for place in range(60)]
    whole, pieces = together(*baskets), together(*baskets, pairs_at_once=20)
    assert np.array_equal(whole.targets, pieces.targets)
    assert np.allclose(whole.weights, pieces.weights)


def test_visits_of_a_century_ago_do_no_harm() -> None:
    assert np.isfinite(together([0, 1], [0, 1], age=100 * 365 * 86_400.0).weights).all()
