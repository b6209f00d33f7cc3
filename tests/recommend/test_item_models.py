"""The models that are fitted from a shop's events, and when."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest

from lookalike import Event, Shop
from lookalike.database import open_database
from lookalike.recommend.graph import EventColumns, Floats, Ints, Mask
from lookalike.recommend.interactions import Interactions
from lookalike.recommend.item_model_sync import ItemModelSync, RefitPolicy
from lookalike.recommend.item_models import (
    BEST,
    BOUGHT_TOGETHER,
    EASE,
    LEAST_BEST,
    SEEN_TOGETHER,
    TRENDING,
    ItemModels,
    cells_of,
    fit_item_models,
)
from lookalike.recommend.numbering import IdMap

from .conftest import Clock, goods

EAGER = RefitPolicy(always_fresh=0, first_fit_waits=10**9)
LAZY = RefitPolicy(always_fresh=0, first_fit_waits=0)


def crowd(shoppers: int, clock: Clock, seed: int = 1) -> list[Event]:
    """Shoppers who buy three things of one kind each."""
    chance = random.Random(seed)
    kinds = ("watch", "boot", "scarf", "lamp")
    ids = {kind: [product.id for product in goods() if product.facets["kind"] == kind] for kind in kinds}
    return [
        Event("purchase", f"{seed}-{shopper}", product, f"{seed}-{shopper}-{product}", clock.now)
        for shopper in range(shoppers)
        for product in chance.sample(ids[kinds[shopper % 4]], 3)
    ]


class Models:
    """The models of a database that is open already, kept by a policy."""

    def __init__(self, shop: Shop, clock: Clock, policy: RefitPolicy) -> None:
        database = open_database(shop.url)
        self.products = IdMap()
        self.interactions = Interactions(database.events, self.products, clock.now)
        self.sync = ItemModelSync(database, self.interactions, clock, policy)

    def follow(self) -> ItemModels | None:
        with self.interactions.lock:
            self.interactions.follow()
            return self.sync.follow()

    def best(self, product: str) -> str:
        models = self.follow()
        assert models is not None
        numbers = np.array([self.products.of(product)])
        eligible = np.ones(len(self.products), np.bool_)
        return self.products.ids[int(models.scores(numbers, np.ones(1), eligible).argmax())]


def columns(events: list[tuple[int, int, float]]) -> EventColumns:
    shopper, product, time = (np.array(column) for column in zip(*events, strict=True))
    ones = np.ones(len(events), np.int64)
    return EventColumns(shopper, product, time.astype(float), np.full(len(events), 6.0), 16 * ones, ones)


def fitted(events: list[tuple[int, int, float]], now: float = 1e9) -> ItemModels:
    all_of_them = columns(events)
    ones = np.ones(len(events))
    cells = cells_of(all_of_them.shopper, all_of_them.product, 6.0 * ones, all_of_them.time, now)
    return fit_item_models(cells, all_of_them, 7, 0, now)


def test_models_are_the_same_after_storing_in_the_numbers_of_another_process() -> None:
    chance = random.Random(5)
    events = [(shopper, item, 1e9) for shopper in range(30) for item in chance.sample(range(8), 4)]
    models, ids = fitted(events), [f"p{number}" for number in range(8)]
    elsewhere = IdMap()
    elsewhere.of_all(ids[::-1])
    loaded = ItemModels.loads(models.dumps(ids), elsewhere)
    assert loaded is not None
    there = elsewhere.of_all(ids)
    everything = np.ones(8, np.bool_)
    here = models.scores(np.array([0, 3]), np.array([1.0, 0.5]), everything)
    again = loaded.scores(there[[0, 3]], np.array([1.0, 0.5]), everything)
    assert np.allclose(again[there], here, atol=1e-6)
    assert (loaded.sequence, loaded.events) == (7, len(events))


def test_the_best_products_score_about_one_whatever_the_history() -> None:
    chance = random.Random(5)
    models = fitted([(shopper, item, 1e9) for shopper in range(30) for item in chance.sample(range(20), 6)])
    for history in ([0], list(range(10))):
        eligible = np.ones(20, np.bool_)
        eligible[history] = False
        scores = models.scores(np.array(history), np.ones(len(history)), eligible)
        best = np.sort(scores[eligible])[-10:]
        assert 0.3 < best.mean() < 1.5


def test_a_shop_without_models_waits_for_the_first_fit(shop: Shop, clock: Clock) -> None:
    shop.record(crowd(80, clock))
    assert "watch" in Models(shop, clock, EAGER).best("red-watch-0")


def test_a_large_shop_answers_while_the_first_fit_runs(shop: Shop, clock: Clock) -> None:
    shop.record(crowd(80, clock))
    models = Models(shop, clock, LAZY)
    assert models.follow() is None
    models.sync.close()
    assert "boot" in models.best("red-boot-0")


def test_requests_of_a_server_never_wait_for_a_fit(shop: Shop, clock: Clock) -> None:
    shop.recommender.fit_in_background()
    shop.record(crowd(800, clock))
    assert shop.recommend("1-0").hits
    shop.recommender.close()
    found = shop.recommend("1-0")
    assert found.mix["behaviour"] > 0


def test_an_item_that_everybody_chose_gives_way_to_one_that_goes_as_well_with_the_history() -> None:
    together = [(shopper, item, 1e9) for shopper in range(20) for item in (0, 1, 2)]
    everybody = [(shopper, 1, 1e9) for shopper in range(20, 400)]
    models = fitted(together + everybody)
    scores = models.scores(np.array([0]), np.ones(1), np.array([False, True, True]))
    assert scores[2] > 2 * scores[1]


def test_the_models_of_one_process_serve_the_next(shop: Shop, clock: Clock) -> None:
    shop.record(crowd(80, clock))
    first = Models(shop, clock, EAGER).follow()
    second = Models(shop, clock, LAZY).follow()
    assert first is not None
    assert second is not None
    assert (second.sequence, second.seconds) == (first.sequence, first.seconds)


def test_models_are_fitted_again_when_the_shop_has_grown(shop: Shop, clock: Clock) -> None:
    shop.record(crowd(80, clock))
    models = Models(shop, clock, EAGER)
    first = models.follow()
    shop.record(crowd(1, clock, seed=2))
    assert models.follow() is first
    shop.record(crowd(40, clock, seed=3))
    assert models.follow() is first
    models.sync.close()
    again = models.follow()
    assert first is not None
    assert again is not None
    assert again.events > first.events


def test_models_are_fitted_again_after_a_day(shop: Shop, clock: Clock) -> None:
    shop.record(crowd(80, clock))
    models = Models(shop, clock, EAGER)
    first = models.follow()
    clock.now += 2 * 86_400
    shop.record([Event("view", "ann", "red-watch-0")])
    models.follow()
    models.sync.close()
    again = models.follow()
    assert first is not None
    assert again is not None
    assert again.fitted_at > first.fitted_at


def test_models_of_a_time_before_somebody_was_forgotten_are_not_used(shop: Shop, clock: Clock) -> None:
    shop.record(crowd(80, clock))
    models = Models(shop, clock, EAGER)
    before = models.follow()
    shop.forget("1-0")
    assert before is not None
    for each in (models, Models(shop, clock, EAGER)):
        after = each.follow()
        assert after is not None
        assert after.events == before.events - 3


def test_both_databases_recommend_the_same(
    open_shop: Callable[[str], Shop], postgres_url: str, clock: Clock
) -> None:
    pytest.importorskip("psycopg")
    from lookalike.catalog.catalog import Catalog

    from .conftest import WORDS

    one = open_shop("shop")
    with Shop(Catalog.open(postgres_url, WORDS), clock=clock) as other:
        other.add(goods())
        events = crowd(1000, clock)
        for shop in (one, other):
            shop.record(events)
        for shopper in ("1-0", "1-1", "new"):
            found = [
                [(hit.id, round(hit.score, 4)) for hit in shop.recommend(shopper)] for shop in (one, other)
            ]
            assert found[0] == found[1]


def test_products_that_are_bought_together_are_recommended_with_the_reason(shop: Shop, clock: Clock) -> None:
    for number in range(40):
        shop.record(
            Event("purchase", f"s{number}", product, time=clock.now)
            for product in ("red-boot-0", "green-lamp-3")
        )
    shop.record(Event("view", f"v{number}", "blue-scarf-1") for number in range(60))
    best = shop.recommend(product="red-boot-0", k=1)[0]
    assert best.id == "green-lamp-3"
    assert "bought with 'red boot' by 40 shoppers" in best.why


def plainly_scored(models: ItemModels, items: Ints, strength: Floats, eligible: Mask) -> Floats:
    """Scores as the page on recommendations defines them: every model relative to the mean of its best."""
    size = len(eligible)
    trending = np.zeros(size)
    trending[: len(models.trending)] = models.trending[:size]
    total, whole = np.zeros(size), 0.0
    for weight, part in (
        (EASE, models.ease.scores(items, strength, size)),
        (BOUGHT_TOGETHER, models.bought_together.scores(items, strength, size)),
        (SEEN_TOGETHER, models.seen_together.scores(items, strength, size)),
        (TRENDING, trending),
    ):
        best = float(np.sort(part[eligible])[-BEST:].mean()) if eligible.any() else 0.0
        if best > 0:
            total += weight / max(best, LEAST_BEST) * part
            whole += weight
    return total / whole if whole else total


@pytest.mark.parametrize("size", [4, 12, 60])
def test_scores_are_relative_to_the_mean_of_the_best_that_may_be_shown(size: int) -> None:
    chance = random.Random(size)
    bought = [
        (shopper, item, 1e9) for shopper in range(40) for item in chance.sample(range(size), min(size, 4))
    ]
    models = fitted(bought)
    for _ in range(50):
        items = np.array(chance.sample(range(size), 3))
        strength = np.array([chance.random() for _ in items])
        eligible = np.array([chance.random() < 0.7 for _ in range(size)])
        expected = plainly_scored(models, items, strength, eligible)
        assert np.allclose(models.scores(items, strength, eligible), expected, atol=1e-9)
