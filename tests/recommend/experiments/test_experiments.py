"""An A/B experiment from its start to its result."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from lookalike import Event, Query, Rule, Shop
from lookalike.errors import BadExperiment, Conflict, NotFound
from lookalike.recommend.experiments.experiment import Variant
from recommend.conftest import WORDS, Clock, goods

HIDES_BOOTS: dict[str, Any] = {"rules": [{"id": "h", "action": "hide", "where": {"kind": "boot"}}]}
DAY = 86_400.0


def start(shop: Shop, **values: Any) -> None:
    shop.experiments.start({"id": "trial", **values})


def visit(shop: Shop, clock: Clock, count: int, chances: tuple[float, float], seed: int = 1) -> None:
    """Shoppers who see recommendations and then buy, with a chance that depends on the variant."""
    chance = random.Random(seed)
    experiment = shop.experiments.experiments[0]
    for number in range(count):
        shopper = f"v{seed}-{number}"
        shop.recommend(shopper)
        clock.now += 60
        if chance.random() < chances[experiment.variant_of(shopper) == "B"]:
            shop.record([Event("purchase", shopper, "red-lamp-0")])
    clock.now += 1


def kinds(shop: Shop, shopper: str) -> set[str]:
    return {hit.id.split("-")[1] for hit in shop.recommend(shopper, k=72)}


def joined(shop: Shop) -> int:
    report = shop.experiments.report("trial")
    return report.a.shoppers + report.b.shoppers


def reached(shop: Shop) -> int:
    report = shop.experiments.report("trial")
    return report.a.reached + report.b.reached


def test_each_shopper_keeps_a_variant_and_the_share_of_b_is_as_planned(shop: Shop) -> None:
    start(shop, share=0.3)
    experiment = shop.experiments.experiment("trial")
    variants = {f"s{number}": experiment.variant_of(f"s{number}") for number in range(5000)}
    assert sum(each == "B" for each in variants.values()) / 5000 == pytest.approx(0.3, abs=0.03)
    assert all(experiment.variant_of(shopper) == variant for shopper, variant in variants.items())


def test_variants_of_two_experiments_are_independent(shop: Shop) -> None:
    start(shop, a={"image_weight": 0.4}, b={"image_weight": 0.6})
    shop.experiments.start({"id": "other", "b": {"blend": "models-first"}})
    one, other = (shop.experiments.experiment(id) for id in ("trial", "other"))
    both = sum(one.variant_of(f"s{n}") == other.variant_of(f"s{n}") == "B" for n in range(4000))
    assert both / 4000 == pytest.approx(0.25, abs=0.03)


def test_rules_of_a_variant_hold_for_its_shoppers_only_in_search_and_recommendations(shop: Shop) -> None:
    start(shop, b=HIDES_BOOTS)
    experiment = shop.experiments.experiment("trial")
    for shopper in ("ann", "bob", "cem", "dan", "eva", "fay"):
        of_b = experiment.variant_of(shopper) == "B"
        assert ("boot" in kinds(shop, shopper)) == (not of_b)
        hits = shop.search(text="boot", shopper=shopper, k=5).hits
        assert any("boot" in hit.id for hit in hits) == (not of_b)
    assert {experiment.variant_of(each) for each in ("ann", "bob", "cem", "dan", "eva", "fay")} == {"A", "B"}


def test_rules_of_the_shop_hold_in_a_variant_that_has_none(shop: Shop) -> None:
    shop.put_rules([Rule("w", "hide", where={"kind": "watch"})])
    start(shop, b={"weights": {"popular": 0.0}})
    assert all("watch" not in kinds(shop, shopper) for shopper in ("ann", "bob", "cem", "dan"))


def test_a_placement_can_be_replaced_or_left_empty(shop: Shop) -> None:
    start(shop, a={"placements": {"goes-with": "similar"}}, b={"placements": {"goes-with": "off"}})
    experiment = shop.experiments.experiment("trial")
    for shopper in ("ann", "bob", "cem", "dan", "eva", "fay"):
        found = [hit.id for hit in shop.recommend(shopper, "red-boot-0", k=5, placement="goes-with")]
        alike = [hit.id for hit in shop.recommend(shopper, "red-boot-0", k=5, placement="similar")]
        assert found == ([] if experiment.variant_of(shopper) == "B" else alike)


def test_weights_change_the_page_of_for_you(shop: Shop) -> None:
    shop.record([Event("view", f"x{n}", "blue-lamp-3") for n in range(30)])
    start(shop, a={"weights": {"popular": 50.0}}, b={"weights": {"popular": 0.0, "content": 50.0}})
    experiment = shop.experiments.experiment("trial")
    for shopper in ("ann", "bob", "cem", "dan", "eva", "fay"):
        shop.record([Event("like", shopper, "red-boot-0")])
        first = shop.recommend(shopper)[0].id
        assert (first == "blue-lamp-3") == (experiment.variant_of(shopper) == "A")


def test_a_weight_of_the_look_is_used_where_a_search_sets_none() -> None:
    variant = Variant(image_weight=0.7, word_weight=0.2)
    assert variant.search(Query(text="boot")).image_weight == 0.7
    assert variant.search(Query(text="boot", image_weight=0.1)).image_weight == 0.1


def test_a_better_variant_is_found_with_a_lift_and_an_interval(shop: Shop, clock: Clock) -> None:
    start(shop, b=HIDES_BOOTS)
    visit(shop, clock, 400, (0.2, 0.6))
    report = shop.experiments.report("trial")
    assert report.verdict == "b-better"
    assert report.a.shoppers + report.b.shoppers == 400
    assert report.lift
    assert report.low
    assert report.high
    assert 0 < report.low < report.lift < report.high
    assert report.low < 2.0 < report.high
    assert report.p_value < 0.05
    assert not report.mismatch


def test_a_worse_variant_is_found(shop: Shop, clock: Clock) -> None:
    start(shop, b=HIDES_BOOTS)
    visit(shop, clock, 300, (0.6, 0.1))
    assert shop.experiments.report("trial").verdict == "a-better"


def test_identical_variants_are_allowed_and_stay_undecided(shop: Shop, clock: Clock) -> None:
    start(shop, a=HIDES_BOOTS, b=HIDES_BOOTS)
    visit(shop, clock, 300, (0.4, 0.4))
    report = shop.experiments.report("trial")
    assert report.experiment.is_identical
    assert report.verdict == "undecided"
    assert (report.low or 0) < 0 < (report.high or 1)


def test_a_report_before_anybody_came_says_that_nothing_is_known(shop: Shop) -> None:
    start(shop)
    report = shop.experiments.report("trial")
    assert (report.a.shoppers, report.b.shoppers, report.lift, report.high) == (0, 0, None, None)
    assert (report.verdict, report.p_value, report.a.rate) == ("undecided", 1.0, None)


def test_stopped_midway_it_keeps_its_result_and_everybody_gets_the_shop_as_it_is(
    shop: Shop, clock: Clock
) -> None:
    start(shop, b=HIDES_BOOTS)
    visit(shop, clock, 60, (0.5, 0.5))
    shop.experiments.stop("trial")
    before = shop.experiments.report("trial")
    clock.now += DAY
    shop.record(Event("purchase", f"v1-{number}", "blue-lamp-0") for number in range(60))
    visitors = [f"late-{number}" for number in range(10)]
    assert all("boot" in kinds(shop, shopper) for shopper in visitors)
    after = shop.experiments.report("trial")
    assert (after.a, after.b, after.low, after.high) == (before.a, before.b, before.low, before.high)
    shop.experiments.stop("trial")
    assert shop.experiments.experiment("trial").stopped == before.experiment.stopped


def test_shoppers_without_an_id_take_no_part(shop: Shop, clock: Clock) -> None:
    start(shop, b=HIDES_BOOTS, share=0.99)
    assert "boot" in {hit.id.split("-")[1] for hit in shop.recommend(k=72)}
    assert shop.search(text="boot", k=3).hits[0].id.split("-")[1] == "boot"
    assert joined(shop) == 0


def test_a_shopper_takes_part_where_the_variants_differ_and_once(shop: Shop, clock: Clock) -> None:
    start(shop, b={"blend": "models-first"})
    shop.search(text="boot", shopper="searcher")
    shop.recommend("buyer", "red-boot-0", placement="similar")
    for _ in range(3):
        shop.recommend("buyer")
    assert joined(shop) == 1
    kinds_of = [event.kind for event in shop.events_of("buyer")]
    assert kinds_of == ["exposure"]


def test_what_was_bought_before_taking_part_or_by_others_does_not_count(shop: Shop, clock: Clock) -> None:
    shop.record([Event("purchase", "ann", "red-boot-0")])
    clock.now += 60
    start(shop)
    shop.recommend("ann")
    clock.now += 60
    shop.record([Event("purchase", "stranger", "red-boot-0")])
    assert reached(shop) == 0
    shop.record([Event("purchase", "ann", "red-boot-1"), Event("purchase", "ann", "red-boot-2")])
    assert reached(shop) == 1


def test_the_goal_can_be_a_cart_or_a_click(shop: Shop, clock: Clock) -> None:
    start(shop, goal="cart")
    shop.recommend("ann")
    clock.now += 60
    shop.record([Event("click", "ann", "red-boot-0")])
    assert reached(shop) == 0
    shop.record([Event("cart", "ann", "red-boot-0")])
    assert reached(shop) == 1


def test_a_split_that_is_not_the_planned_one_is_told(shop: Shop, clock: Clock) -> None:
    start(shop)
    experiment = shop.experiments.experiment("trial")
    only_b = [name for name in (f"s{n}" for n in range(400)) if experiment.variant_of(name) == "B"]
    for shopper in only_b:
        shop.recommend(shopper)
    assert shop.experiments.report("trial").mismatch


def test_a_forgotten_shopper_leaves_the_experiment(shop: Shop, clock: Clock) -> None:
    start(shop)
    shop.recommend("ann")
    assert shop.forget("ann") == 1
    assert joined(shop) == 0
    shop.recommend("ann")
    assert joined(shop) == 1


def test_exposures_say_nothing_about_taste(shop: Shop) -> None:
    start(shop)
    shop.recommend("ann")
    shop.experiments.flush()
    assert shop.shopper("ann").interests == ()
    assert shop.popular() == []


def test_another_process_sees_the_experiment_and_its_end(
    open_shop: Callable[[str], Shop], clock: Clock
) -> None:
    shop, other = open_shop("shop"), open_shop("shop")
    start(shop, b=HIDES_BOOTS)
    experiment = shop.experiments.experiment("trial")
    of_b = next(f"s{n}" for n in range(50) if experiment.variant_of(f"s{n}") == "B")
    assert "boot" not in kinds(other, of_b)
    other.experiments.flush()
    assert shop.experiments.report("trial").b.shoppers == 1
    other.experiments.stop("trial")
    assert "boot" in kinds(shop, of_b)


def test_two_experiments_do_not_run_in_one_place(shop: Shop) -> None:
    start(shop, b={"blend": "models-first"})
    with pytest.raises(Conflict, match="'trial' is already running in for-you"):
        shop.experiments.start({"id": "rules", "b": HIDES_BOOTS})
    with pytest.raises(Conflict, match="Choose another id"):
        start(shop)
    shop.experiments.stop("trial")
    shop.experiments.start({"id": "rules", "b": HIDES_BOOTS})
    assert [each.id for each in shop.experiments.experiments] == ["rules", "trial"]


def test_only_a_stopped_experiment_can_be_deleted(shop: Shop, clock: Clock) -> None:
    start(shop)
    shop.recommend("ann")
    with pytest.raises(Conflict, match="Stop it first"):
        shop.experiments.remove("trial")
    shop.experiments.stop("trial")
    shop.experiments.remove("trial")
    with pytest.raises(NotFound):
        shop.experiments.report("trial")
    clock.now += 60
    start(shop)
    assert joined(shop) == 0


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"id": ""}, "Give the experiment an 'id'"),
        ({"id": "a b"}, "Give the experiment an 'id'"),
        ({"share": 0}, "from 0.01 to 0.99"),
        ({"share": float("nan")}, "must be a number"),
        ({"share": True}, "must be a number"),
        ({"goal": "joy"}, "not a goal"),
        ({"smallest_lift": 2}, "from 0 to 1"),
        ({"colour": "red"}, "Unknown field 'colour'"),
        ({"a": []}, None),
        ({"a": ["x"]}, "Variant A must be an object"),
        ({"b": {"shape": 1}}, "Variant B must be an object"),
        ({"b": {"rules": [{"id": "x", "action": "dance"}]}}, "invalid rule"),
        ({"b": {"rules": 3}}, "invalid rule"),
        ({"b": {"blend": "sweet"}}, "not a blend"),
        ({"b": {"weights": {"luck": 1.0}}}, "GET /v1/blend"),
        ({"b": {"weights": {"popular": "much"}}}, "must be a number"),
        ({"b": {"image_weight": 3}}, "from 0 to 1"),
        ({"b": {"placements": {"for-you": "goes-with"}}}, "lack its parameters"),
        ({"b": {"placements": {"sidebar": "off"}}}, "Placements are"),
        ({"name": "x" * 300}, "Shorten"),
    ],
)
def test_an_experiment_that_cannot_be_run_is_refused(
    shop: Shop, values: dict[str, Any], reason: str | None
) -> None:
    if reason is None:
        start(shop, **values)
        return
    with pytest.raises(BadExperiment, match=reason):
        shop.experiments.start({"id": "trial", **values})
    assert shop.experiments.experiments == ()


def test_an_experiment_on_postgresql(postgres_url: str) -> None:
    pytest.importorskip("psycopg")
    with Shop.open(postgres_url, WORDS) as shop, Shop.open(postgres_url) as other:
        shop.add(goods())
        start(shop, b=HIDES_BOOTS)
        other.recommend("ann")
        other.experiments.flush()
        other.record([Event("purchase", "ann", "red-lamp-0")])
        assert (joined(shop), reached(shop)) == (1, 1)
        assert shop.forget("ann") == 2
