"""What counts as an event, and how often it counts."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lookalike import Event, Shop
from lookalike.errors import BadEvent, BadVector, TooMany
from lookalike.recommend.events import EARLIEST
from lookalike.server.rate_limit import RateLimiter
from support import samples

from .conftest import Clock

GOOD = Event("click", "ann", "red-watch-0", id="e1")


def stored(shop: Shop, shopper: str = "ann") -> list[Event]:
    return list(shop.events_of(shopper))


@pytest.mark.parametrize(
    ("event", "advice"),
    [
        (replace(GOOD, kind="stare"), "Use one of view"),
        (replace(GOOD, shopper=""), "has no 'shopper'"),
        (replace(GOOD, product=""), "needs the id of its 'product'"),
        (Event("search", "ann"), "needs its words"),
        (replace(GOOD, kind="rating"), "from 1 to 5"),
        (replace(GOOD, kind="rating", rating=11), "from 1 to 5, got 11"),
        (replace(GOOD, rating=math.nan), "from 1 to 5"),
        (replace(GOOD, time=math.inf), "finite number of seconds"),
        (replace(GOOD, position=0), "must be from 1"),
        (replace(GOOD, shopper="a\0b"), "UTF-8"),
        (replace(GOOD, query="\ud800"), "UTF-8"),
        (replace(GOOD, shopper="x" * 501), "500 characters"),
        (replace(GOOD, comment="x" * 10_001), "10000 characters"),
        (Event("search", "ann", vector=[0.0, 0.0]), "not all zero"),
        (Event("search", "ann", vector=[1.0, math.nan]), "finite"),
    ],
)
def test_an_event_nobody_can_count_is_refused_with_advice(shop: Shop, event: Event, advice: str) -> None:
    with pytest.raises(BadEvent, match=advice):
        shop.record([event])


def test_one_wrong_event_keeps_its_whole_batch_out(shop: Shop) -> None:
    with pytest.raises(BadEvent, match="Event 2"):
        shop.record([GOOD, replace(GOOD, kind="stare")])
    assert stored(shop) == []


def test_an_event_sent_five_times_counts_once(shop: Shop) -> None:
    recorded = [shop.record([GOOD]) for _ in range(5)]
    assert [each.new for each in recorded] == [1, 0, 0, 0, 0]
    assert [each.known for each in recorded] == [0, 1, 1, 1, 1]
    assert len(stored(shop)) == 1
    assert shop.popular()[0].shoppers == 1


def test_an_event_that_comes_twice_in_one_batch_counts_once(shop: Shop) -> None:
    assert shop.record([GOOD, GOOD]).new == 1


def test_an_event_without_an_id_is_known_by_what_it_says(shop: Shop, clock: Clock) -> None:
    timed = Event("click", "ann", "red-watch-0", time=clock.now - 60)
    assert shop.record([timed, timed, replace(timed, product="red-watch-1")]).new == 2


def test_two_events_without_id_and_time_are_two(shop: Shop) -> None:
    plain = Event("click", "ann", "red-watch-0")
    assert shop.record([plain, plain]).new == 2


@pytest.mark.parametrize(("said", "kept"), [(0.0, EARLIEST), (-1e18, EARLIEST), (4_102_444_800.0, None)])
def test_events_of_1970_and_2100_are_brought_within_bounds(
    shop: Shop, clock: Clock, said: float, kept: float | None
) -> None:
    shop.record([replace(GOOD, time=said)])
    assert stored(shop)[0].time == (clock.now if kept is None else kept)
    assert shop.recommend("ann").hits


def test_the_vector_of_a_searched_photo_has_the_length_of_the_catalog_s(tmp_path: Path) -> None:
    with Shop.open(str(tmp_path / "photos.db"), "pixels") as shop:
        shop.add(samples.goods())
        with pytest.raises(BadVector, match="must have 1024 numbers, got 2"):
            shop.record([Event("search", "ann", vector=[1.0, 2.0])])
        assert shop.record([Event("search", "ann", vector=[1.0] * 1024)]).new == 1
        assert shop.shopper("ann").interests == (("search: a photo",),)


def test_an_event_of_a_product_nobody_knows_is_kept_for_the_day_it_is_there(shop: Shop) -> None:
    from lookalike import Product

    shop.record([Event("purchase", f"s{n}", "coming-soon") for n in range(5)])
    assert "coming-soon" not in [hit.id for hit in shop.recommend()]
    shop.add([Product("coming-soon", "a new lamp")])
    assert shop.recommend()[0].id == "coming-soon"


def test_a_shopper_who_sends_thousands_of_events_is_told_to_slow_down(clock: Clock) -> None:
    pace = RateLimiter(clock, most=100)
    pace.admit(["bot"] * 100)
    with pytest.raises(TooMany, match="100 events a minute"):
        pace.admit(["bot"])
    pace.admit(["ann"])
    clock.now += 30
    pace.admit(["bot"] * 50)
    with pytest.raises(TooMany):
        pace.admit(["bot"])


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"product": 15970}, "'product' must be text, got '15970'"),
        ({"shopper": None}, "'shopper' must be text"),
        ({"rating": "5"}, "'rating' must be a number, got '5'"),
        ({"time": "yesterday"}, "'time' must be a number"),
        ({"position": 2.5}, "'position' must be from 1"),
    ],
)
def test_what_is_no_text_or_number_is_told_so(shop: Shop, wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadEvent, match=sentence):
        shop.record([replace(GOOD, **wrong)])
