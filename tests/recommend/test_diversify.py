"""Whatever order events come in, and however often, what follows from them is the same."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lookalike import Event, Shop, Shopper
from lookalike.recommend import graph

from .conftest import KINDS, Clock

SHOPPERS = ("ann", "bob", "cem", "dot")
NOW = Clock().now

events = st.builds(
    Event,
    kind=st.sampled_from(
        ["view", "click", "cart", "remove-from-cart", "purchase", "return", "like", "dislike"]
    ),
    shopper=st.sampled_from(SHOPPERS),
    product=st.builds(
        "{}-{}-{}".format, st.sampled_from(["red", "blue"]), st.sampled_from(KINDS), st.integers(0, 2)
    ),
    time=st.floats(NOW - 300 * 86_400, NOW),
)


@dataclass
class Seen:
    """All that a shop makes of its events."""

    order: list[tuple[str, str]]
    scores: list[float]
    standings: dict[str, float]
    shoppers: list[Shopper]

    def __eq__(self, other: object) -> bool:
        """The same but for the last bits of sums."""
        assert isinstance(other, Seen)
        return (
            (self.order, self.shoppers) == (other.order, other.shoppers)
            and self.scores == pytest.approx(other.scores, abs=1e-4)
            and self.standings == pytest.approx(other.standings, abs=1e-6)
        )


def seen(shop: Shop) -> Seen:
    """All that a shop makes of its events."""
    found = [(shopper, hit) for shopper in SHOPPERS for hit in shop.recommend(shopper)]
    return Seen(
        order=[(shopper, hit.id) for shopper, hit in found],
        scores=[hit.score for _, hit in found],
        standings={each.id: each.score for each in shop.popular(100)},
        shoppers=[shop.shopper(shopper) for shopper in SHOPPERS],
    )


@hypothesis_settings(
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(happened=st.lists(events, min_size=5, max_size=40), chance=st.randoms(use_true_random=False))
def test_late_shuffled_and_repeated_events_give_the_same_state(
    open_shop: Callable[[str], Shop], happened: list[Event], chance: random.Random
) -> None:
    one, other = open_shop(uuid.uuid4().hex), open_shop(uuid.uuid4().hex)
    happened = [replace(event, id=f"e{place}") for place, event in enumerate(happened)]
    one.record(happened)
    expected = seen(one)
    shuffled = chance.sample(happened, len(happened)) + chance.sample(happened, len(happened) // 2)
    while shuffled:
        size = chance.randint(1, 7)
        other.record(shuffled[:size])
        other.recommend("ann")
        del shuffled[:size]
    assert seen(other) == expected


def crowd(count: int, clock: Clock) -> list[Event]:
    chance = random.Random(3)
    return [
        Event(
            chance.choice(["view", "cart", "purchase"]),
            f"s{chance.randrange(50)}",
            f"{chance.choice(['red', 'blue', 'green'])}-{chance.choice(KINDS)}-{chance.randrange(6)}",
            id=f"e{number}",
            time=clock.now - chance.random() * 1e7,
        )
        for number in range(count)
    ]


def test_following_event_by_event_and_starting_anew_agree(
    open_shop: Callable[[str], Shop], clock: Clock
) -> None:
    following = open_shop("shop")
    happened = crowd(300, clock)
    for start in range(0, 300, 60):
        following.record(happened[start : start + 60])
        following.recommend("s1")
    assert seen(open_shop("shop")) == seen(following)


def test_edges_that_were_sorted_and_edges_that_wait_are_one_graph(
    open_shop: Callable[[str], Shop], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    unsorted = open_shop("shop")
    happened = crowd(400, clock)
    unsorted.record(happened)
    expected = seen(unsorted)
    monkeypatch.setattr(graph, "MOST_WAITING", 10)
    assert seen(open_shop("shop")) == expected


def test_what_one_process_records_another_recommends_by(
    open_shop: Callable[[str], Shop], tmp_path: Path
) -> None:
    one, other = open_shop("shop"), open_shop("shop")
    before = [hit.id for hit in other.recommend("ann")]
    one.record([Event("click", "ann", f"red-watch-{n}") for n in range(3)])
    after = [hit.id for hit in other.recommend("ann")]
    assert before != after
    assert after[0] in {f"red-watch-{n}" for n in range(3, 6)}
