"""The blend that a shop's own log chooses."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable

import pytest

from lookalike import Event, Shop
from lookalike.recommend.replay import held_out_from
from lookalike.recommend.tuning import BALANCED, BLENDS

from .conftest import COLOURS, KINDS, Clock

DAY = 86_400.0


def shoppers(count: int, clock: Clock) -> list[Event]:
    """Shoppers who choose six products of one hidden circle, which no attribute shows, over sixty days."""
    chance = random.Random(2)
    ids = [f"{colour}-{kind}-{number}" for kind in KINDS for colour in COLOURS for number in range(6)]
    chance.shuffle(ids)
    return [
        Event(
            "purchase", f"s{shopper}", product, f"{shopper}-{product}", clock.now - 60 * DAY * (1 - part / 6)
        )
        for shopper in range(count)
        for part, product in enumerate(chance.sample(ids[shopper % 6 * 12 : shopper % 6 * 12 + 12], 6))
    ]


def test_the_log_chooses_a_blend_and_every_process_uses_it(
    open_shop: Callable[[str], Shop], clock: Clock
) -> None:
    shop, other = open_shop("shop"), open_shop("shop")
    shop.record(shoppers(120, clock))
    learned = shop.tune()
    best = max(learned.scores, key=lambda each: each.ndcg)
    assert learned.shoppers == 120
    assert {each.name for each in learned.scores} == set(BLENDS)
    assert learned.name in (BALANCED, best.name)
    assert other.blend == learned
    assert [hit.id for hit in other.recommend("s1")] == [hit.id for hit in shop.recommend("s1")]


def test_a_shop_with_few_shoppers_keeps_the_balanced_blend(shop: Shop, clock: Clock) -> None:
    shop.record(shoppers(12, clock))
    learned = shop.tune()
    assert (learned.name, learned.scores) == (BALANCED, ())


def test_a_shop_without_events_can_be_tuned(shop: Shop) -> None:
    assert shop.tune().name == BALANCED


def test_the_last_part_of_the_events_is_held_out(shop: Shop, clock: Clock) -> None:
    shop.record(shoppers(120, clock))
    replay = shop.recommender.replay()
    assert replay.before.time.max() < replay.knowledge.now
    assert len(replay.before.product) / (120 * 6) == pytest.approx(5 / 6)


def test_what_was_held_out_is_not_known_to_the_replay(shop: Shop, clock: Clock) -> None:
    shop.record(shoppers(120, clock))
    replay = shop.recommender.replay()
    ids = replay.knowledge.interactions.products.ids
    later = {(e.shopper, e.product) for e in shoppers(120, clock) if (e.time or 0) >= replay.knowledge.now}
    people = replay.knowledge.interactions.shopper_ids
    edges = replay.knowledge.interactions.graph.edges
    known = {(people[s], ids[p]) for s, p in zip(edges.shopper.tolist(), edges.product.tolist(), strict=True)}
    truth = {(people[s], ids[p]) for s, chosen in replay.truth.items() for p in chosen}
    assert truth == later
    assert not known & later


def test_a_clock_that_jumped_back_for_all_events_leaves_nothing_to_hold_out(shop: Shop) -> None:
    shop.record(Event("purchase", f"s{n}", "red-boot-0", time=0.0) for n in range(100))
    assert shop.tune().name == BALANCED
    assert held_out_from(shop.recommender.interactions.events()) >= 0


def test_a_measurement_that_is_stopped_changes_nothing(shop: Shop, clock: Clock) -> None:
    shop.record(shoppers(120, clock))
    stop = threading.Event()
    told: list[tuple[int, int]] = []

    def tell(done: int, total: int) -> None:
        told.append((done, total))
        stop.set()

    assert shop.tune(progress=tell, stop=stop).learned_at is None
    assert told == [(1, len(BLENDS))]
    assert shop.blend.learned_at is None
