"""The winner of an experiment becomes the shop's setting, and can be undone."""

from __future__ import annotations

from typing import Any

import pytest

from lookalike import Event, Query, Rule, Shop
from lookalike.errors import Conflict, NotFound
from recommend.conftest import Clock

SHOPPERS = 160
HIDES_BOOTS: dict[str, Any] = {"rules": [{"id": "h", "action": "hide", "where": {"kind": "boot"}}]}
OLD_RULE = Rule("w", "hide", where={"kind": "watch"})


def decided(shop: Shop, clock: Clock, better: str, **values: Any) -> None:
    """Run an experiment until one of its variants is better."""
    shop.experiments.start({"id": "trial", **values})
    experiment = shop.experiments.experiment("trial")
    for number in range(SHOPPERS):
        shopper = f"v{number}"
        shop.recommend(shopper)
        shop.search(text="boot", shopper=shopper, k=1)
        clock.now += 1
        if experiment.variant_of(shopper) == better or number % 10 == 0:
            shop.record([Event("purchase", shopper, "red-lamp-0")])
    clock.now += 1
    assert shop.experiments.report("trial").winner == better


def kinds(shop: Shop) -> set[str]:
    return {hit.id.split("-")[1] for hit in shop.recommend("somebody", k=72)}


def test_rules_of_the_winner_hold_for_every_shopper_until_undone(shop: Shop, clock: Clock) -> None:
    shop.put_rules([OLD_RULE])
    decided(shop, clock, "B", b=HIDES_BOOTS)
    applied = shop.experiments.apply("trial").applied
    assert applied is not None
    assert (applied.variant, applied.changed) == ("B", ("rules",))
    assert [rule.id for rule in shop.rules] == ["h"]
    assert "boot" not in kinds(shop)
    assert "watch" in kinds(shop)
    assert shop.experiments.undo("trial") == ()
    assert shop.rules == (OLD_RULE,)
    assert "boot" in kinds(shop)
    assert shop.experiments.experiment("trial").applied is None


def test_the_experiment_is_stopped(shop: Shop, clock: Clock) -> None:
    decided(shop, clock, "B", b=HIDES_BOOTS)
    shop.experiments.apply("trial")
    assert shop.experiments.experiment("trial").stopped == clock.now


def test_blend_and_weights_of_the_winner_are_the_shop_s_in_every_process(shop: Shop, clock: Clock) -> None:
    decided(shop, clock, "B", b={"blend": "models-first", "weights": {"popular": 0.25}})
    shop.experiments.apply("trial")
    with Shop(type(shop.catalog).open(shop.url), clock=clock) as other:
        assert (other.blend.name, other.blend.mixing.popular) == ("models-first", 0.25)
    shop.experiments.undo("trial")
    assert (shop.blend.name, shop.blend.mixing.popular) == ("balanced", 1.2)


def test_placements_of_the_winner_are_shown_to_all(shop: Shop, clock: Clock) -> None:
    decided(shop, clock, "B", b={"placements": {"for-you": "off"}})
    shop.experiments.apply("trial")
    assert list(shop.recommend("somebody")) == []
    assert list(shop.recommend()) == []
    assert shop.recommend(product="red-lamp-0", placement="similar").hits
    shop.experiments.undo("trial")
    assert shop.recommend("somebody").hits


def test_search_weights_of_the_winner_hold_where_a_search_sets_none(shop: Shop, clock: Clock) -> None:
    def scores(**weights: float) -> list[float]:
        return [hit.score for hit in shop.search(text="red boot", k=5, **weights)]  # pyright: ignore

    before, light = scores(), scores(word_weight=0.1)
    decided(shop, clock, "B", b={"word_weight": 0.1})
    shop.experiments.apply("trial")
    assert scores() == light != before
    assert shop.answer(Query(text="red boot", k=5, word_weight=0.5)).hits
    assert scores(word_weight=0.9) != light
    shop.experiments.undo("trial")
    assert scores() == before


def test_a_winner_that_is_the_shop_as_it_is_changes_nothing(shop: Shop, clock: Clock) -> None:
    shop.put_rules([OLD_RULE])
    decided(shop, clock, "A", b=HIDES_BOOTS)
    applied = shop.experiments.apply("trial").applied
    assert applied is not None
    assert (applied.variant, applied.changed) == ("A", ())
    assert shop.rules == (OLD_RULE,)


def test_later_changes_survive_undoing(shop: Shop, clock: Clock) -> None:
    decided(shop, clock, "B", b={**HIDES_BOOTS, "blend": "models-first"})
    shop.experiments.apply("trial")
    shop.put_rules([OLD_RULE])
    assert shop.experiments.undo("trial") == ("rules",)
    assert shop.rules == (OLD_RULE,)
    assert shop.blend.name == "balanced"


def test_a_later_experiment_builds_on_what_was_taken_over(shop: Shop, clock: Clock) -> None:
    decided(shop, clock, "B", b={"placements": {"for-you": "off"}})
    shop.experiments.apply("trial")
    shop.experiments.start({"id": "next", "a": {}, "b": {"placements": {"similar": "goes-with"}}})
    assert list(shop.recommend("somebody")) == []


def test_an_experiment_without_a_winner_is_not_applied(shop: Shop) -> None:
    shop.experiments.start({"id": "trial", "b": HIDES_BOOTS})
    with pytest.raises(Conflict, match="has no winner: there is not enough data"):
        shop.experiments.apply("trial")
    assert shop.rules == ()
    assert shop.experiments.experiment("trial").stopped is None
    with pytest.raises(NotFound):
        shop.experiments.apply("other")


def test_a_winner_of_an_uneven_split_is_not_applied(shop: Shop, clock: Clock) -> None:
    shop.experiments.start({"id": "trial", "b": HIDES_BOOTS})
    experiment = shop.experiments.experiment("trial")
    of_b = [name for number in range(400) if experiment.variant_of(name := f"v{number}") == "B"]
    for shopper in of_b:
        shop.recommend(shopper)
        shop.record([Event("purchase", shopper, "red-lamp-0", time=clock.now)])
    report = shop.experiments.report("trial")
    assert (report.verdict, report.mismatch, report.winner) == ("b-better", True, None)
    with pytest.raises(Conflict, match="not split as planned"):
        shop.experiments.apply("trial")


def test_applying_twice_undoing_twice_and_deleting_what_is_applied_are_refused(
    shop: Shop, clock: Clock
) -> None:
    decided(shop, clock, "B", b=HIDES_BOOTS)
    with pytest.raises(Conflict, match="nothing to undo"):
        shop.experiments.undo("trial")
    shop.experiments.apply("trial")
    with pytest.raises(Conflict, match="already"):
        shop.experiments.apply("trial")
    with pytest.raises(Conflict, match="Undo that first"):
        shop.experiments.remove("trial")
    shop.experiments.undo("trial")
    with pytest.raises(Conflict, match="nothing to undo"):
        shop.experiments.undo("trial")
    shop.experiments.remove("trial")
