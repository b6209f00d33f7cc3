"""What the shop learns from a visitor, what it shows for it, and how it forgets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from lookalike import Event, Shop
from web.serving import Server
from web.steps import expect, hold_clock

if TYPE_CHECKING:
    from playwright.sync_api import Response

    from web.conftest import VisitShop


def taken(kind: str) -> Callable[[Response], bool]:
    """Whether this is the server's answer to an event of that kind."""
    event = f'"kind":"{kind}"'
    return lambda answer: answer.url.endswith("/v1/events") and event in (answer.request.post_data or "")


def test_what_was_put_into_the_bag_changes_what_is_shown_and_can_be_forgotten(
    visit: VisitShop, own_catalog: Path
) -> None:
    with Server(own_catalog) as server:
        page = visit("/for-you", url=server.url)
        page.get_by_text("Nothing yet").wait_for()
        page.goto(f"{server.url}/p/box-teal")
        with page.expect_response(taken("cart")):
            page.get_by_role("button", name="Add to bag").click()
        expect(page.get_by_role("link", name="Bag, 1 product")).to_be_visible()
        page.get_by_role("link", name="For you").click()
        stored = page.get_by_role("region", name="What is stored about you")
        stored.get_by_text("added to bag").wait_for()
        reasons = page.get_by_role("region", name="Recommended").locator(".match")
        expect(reasons.filter(has_text="Teal Box").first).to_be_visible()
        page.get_by_role("button", name="Delete my data").click()
        page.get_by_role("button", name="Delete", exact=True).click()
        page.get_by_text("Nothing yet").wait_for()
        expect(page.get_by_role("link", name="Bag, 0 products")).to_be_visible()


def test_what_is_taken_out_of_the_bag_can_be_put_back(visit: VisitShop, own_catalog: Path) -> None:
    with Server(own_catalog) as server:
        page = visit("/p/box-gold", url=server.url)
        page.get_by_role("button", name="Add to bag").click()
        page.get_by_role("link", name="Bag, 1 product").click()
        hold_clock(page)
        page.get_by_role("button", name="Remove Gold Box").click()
        page.get_by_text("Your bag is empty.").wait_for()
        page.get_by_role("button", name="Undo").last.click()
        expect(page.get_by_role("link", name="Gold Box")).to_be_visible()


def test_the_bag_is_the_same_in_every_tab(visit: VisitShop) -> None:
    first = visit("/p/box-gold")
    second = first.context.new_page()
    second.goto(first.url)
    first.get_by_role("button", name="Add to bag").click()
    expect(second.get_by_role("link", name="Bag, 1 product")).to_be_visible()


def test_a_like_is_recorded_turned_into_a_dislike_and_withdrawn(visit: VisitShop, own_catalog: Path) -> None:
    with Server(own_catalog) as server:
        page = visit("/p/box-gold", url=server.url)
        thumbs = page.get_by_role("group", name="Rate Gold Box")
        more = thumbs.get_by_role("button", name="More like this")
        less = thumbs.get_by_role("button", name="Less like this")
        with page.expect_response(taken("like")) as liked:
            more.click()
        assert liked.value.ok
        expect(more).to_have_attribute("aria-pressed", "true")
        with page.expect_response(taken("dislike")) as disliked:
            less.click()
        assert disliked.value.ok
        expect(less).to_have_attribute("aria-pressed", "true")
        page.reload()
        expect(less).to_have_attribute("aria-pressed", "true")
        with page.expect_response(taken("rating")) as withdrawn:
            less.click()
        assert withdrawn.value.ok
        expect(less).to_have_attribute("aria-pressed", "false")
        expect(more).to_have_attribute("aria-pressed", "false")


def test_the_placements_are_shown_with_reasons_in_the_bag_on_for_you_and_beside_a_product(
    visit: VisitShop, own_catalog: Path
) -> None:
    with Shop.open(str(own_catalog)) as shop:
        bought = ("box-teal", "plate-coral")
        shop.record(
            Event("purchase", f"s{n}", product, f"{n} {product}") for n in range(30) for product in bought
        )
    with Server(own_catalog) as server:
        page = visit("/p/box-teal", url=server.url)
        goes_with = page.get_by_role("region", name="Goes with this").get_by_role("article")
        expect(goes_with.first).to_contain_text("Coral Plate")
        expect(goes_with.first).to_contain_text("bought with 'Teal Box' by 30 shoppers")
        similar = page.get_by_role("region", name="Looks like this").get_by_role("article")
        expect(similar.first.locator(".match")).to_contain_text("like 'Teal Box'")
        with page.expect_response(taken("cart")):
            page.get_by_role("button", name="Add to bag").click()
        page.get_by_role("link", name="Bag, 1 product").click()
        with_bag = page.get_by_role("region", name="Goes with your bag").get_by_role("article")
        expect(with_bag.first).to_contain_text("Coral Plate")
        with Shop.open(str(own_catalog)) as shop:
            shopper = page.evaluate("() => localStorage.getItem('lookalike-shopper')")
            shop.record([Event("purchase", shopper, "slice-gold", time=1_700_000_000)])
        page.reload()
        again = page.get_by_role("region", name="Buy again").get_by_role("article")
        expect(again.first).to_contain_text("you bought this before")
        page.get_by_role("link", name="For you").click()
        expect(page.get_by_role("region", name="Buy again").get_by_role("article")).to_contain_text(
            "Gold Slice"
        )
