"""An A/B experiment in Manage, from its start to its result, with made-up visitors."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lookalike import Event, Shop
from lookalike.server.demo_visitors import DemoVisitors
from web.serving import Server
from web.steps import expect, violations

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from web.conftest import VisitShop

VISITORS = 150


def send_visitors(catalog: Path) -> None:
    """Visitors who come to the shop while the page is open."""
    with Shop.open(str(catalog)) as shop:
        visitors = DemoVisitors(shop, random.Random(4))
        for _ in range(VISITORS):
            visitors.visit()


def start_without_recommendations(page: Page) -> None:
    page.get_by_label("Name").fill("Nothing for you")
    page.get_by_label("What B changes").select_option("A placement")
    page.get_by_label("In place of").select_option("For you")
    page.get_by_label("B shows").select_option("Nothing")
    page.get_by_role("button", name="Start experiment").click()


def test_an_experiment_is_started_watched_until_it_is_decided_and_stopped(
    visit: VisitShop, own_catalog: Path
) -> None:
    with Server(own_catalog) as server:
        page = visit("/manage/experiments", url=server.url, bypass_csp=True)
        page.get_by_text("No experiments yet").wait_for()
        start_without_recommendations(page)
        result = page.get_by_role("region", name="Nothing for you")
        result.get_by_text("Not enough data yet. Keep the experiment running.").wait_for()
        send_visitors(own_catalog)
        result.get_by_text("A is better. Stop the experiment and keep A.").wait_for()
        expect(result.get_by_text("95% interval")).to_be_visible()
        assert not violations(page)
        result.get_by_role("button", name="Stop experiment").click()
        result.get_by_text("stopped").wait_for()
        page.reload()
        result.get_by_text("A is better").wait_for()
        result.get_by_role("button", name="Delete").click()
        page.get_by_text("No experiments yet").wait_for()


def test_the_winner_becomes_the_shop_s_setting_and_is_undone(visit: VisitShop, own_catalog: Path) -> None:
    with Shop.open(str(own_catalog)) as shop:
        variants = {"a": {"placements": {"for-you": "off"}}, "b": {"blend": "content-and-walk"}}
        shop.experiments.start({"id": "off", "name": "Off", **variants})
    send_visitors(own_catalog)
    with Server(own_catalog) as server, Shop.open(str(own_catalog)) as shop:
        page = visit("/manage/experiments", url=server.url, bypass_csp=True)
        result = page.get_by_role("region", name="Off")
        result.get_by_text("B is better. Stop the experiment and use B for everyone.").wait_for()
        assert not violations(page)
        result.get_by_role("button", name="Make B the shop's setting").click()
        result.get_by_text("B is the shop's setting now. Changed: mix of recommendations.").wait_for()
        assert not violations(page)
        assert shop.blend.name == "content-and-walk"
        expect(result.get_by_role("button", name="Delete")).to_have_count(0)
        result.get_by_role("button", name="Undo").click()
        result.get_by_role("button", name="Make B the shop's setting").wait_for()
        assert shop.blend.name == "balanced"
        result.get_by_role("button", name="Delete").click()
        page.get_by_text("No experiments yet").wait_for()


def test_an_experiment_stopped_midway_says_what_that_means(visit: VisitShop, own_catalog: Path) -> None:
    with Server(own_catalog) as server:
        page = visit("/manage/experiments", url=server.url, bypass_csp=True)
        start_without_recommendations(page)
        result = page.get_by_role("region", name="Nothing for you")
        result.get_by_role("button", name="Stop experiment").click()
        result.get_by_text("Stopped before there was enough data").wait_for()


def test_a_rule_can_be_tried_on_half_of_the_shoppers(visit: VisitShop, own_catalog: Path) -> None:
    with Server(own_catalog) as server:
        page = visit("/manage/experiments", url=server.url, bypass_csp=True)
        page.get_by_label("Name").fill("Hide plates")
        page.get_by_label("Action").select_option("Hide")
        page.get_by_label("Or products with facet").select_option("type")
        page.get_by_label("Value").fill("Plate")
        page.get_by_role("button", name="Start experiment").click()
        page.get_by_role("region", name="Hide plates").get_by_role(
            "button", name="Stop experiment"
        ).wait_for()
    with Shop.open(str(own_catalog)) as shop:
        (begun,) = shop.experiments.experiments
        assert begun.b.rules is not None
        assert [(rule.action, rule.where) for rule in begun.b.rules] == [("hide", {"type": "Plate"})]


def test_a_second_experiment_in_the_same_place_is_refused_in_a_sentence(
    visit: VisitShop, own_catalog: Path
) -> None:
    with Server(own_catalog) as server:
        page = visit("/manage/experiments", url=server.url, bypass_csp=True)
        start_without_recommendations(page)
        page.get_by_role("region", name="Nothing for you").wait_for()
        start_without_recommendations(page)
        expect(page.get_by_role("alert")).to_contain_text("Stop it first")


@pytest.fixture
def lively_catalog(own_catalog: Path) -> Path:
    """The shop with shoppers enough to measure the weights of the sources."""
    chance = random.Random(1)
    with Shop.open(str(own_catalog)) as shop:
        ids = [product.id for product in shop.products()]
        shop.record(
            Event("purchase", f"s{shopper}", product, time=1_700_000_000 + 1000 * place)
            for shopper in range(60)
            for place, product in enumerate(chance.sample(ids[shopper % 4 * 12 : shopper % 4 * 12 + 12], 7))
        )
    return own_catalog


def test_the_weights_of_recommendations_are_measured_in_manage(
    visit: VisitShop, lively_catalog: Path
) -> None:
    with Server(lively_catalog) as server:
        page = visit("/manage/blend", url=server.url, bypass_csp=True)
        page.get_by_text("have not been measured in this shop yet").wait_for()
        page.get_by_role("button", name="Measure the weights").click()
        expect(page.get_by_role("row").filter(has_text="Balanced")).to_contain_text("±")
        assert not violations(page)
