"""What the shop learns from a visitor, what it shows for it, and how it forgets."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from web.serving import Server
from web.steps import expect, hold_clock

if TYPE_CHECKING:
    from playwright.sync_api import Response

    from web.conftest import VisitShop


def taken(kind: str) -> Callable[[Response], bool]:
    """Whether this is the shop's answer to a deed of that kind."""
    deed = f'"kind":"{kind}"'
    return lambda answer: answer.url.endswith("/v1/events") and deed in (answer.request.post_data or "")


def test_what_was_put_into_the_bag_changes_what_is_shown_and_can_be_forgotten(
    visit: VisitShop, own_catalog: Path
) -> None:
    with Server(own_catalog) as server:
        page = visit("/for-you", url=server.url)
        page.get_by_text("Nothing yet").wait_for()
        page.goto(f"{server.url}/p/box-teal")
        with page.expect_response(taken("cart")):
            page.get_by_role("button", name="Add to bag").click()
        page.get_by_role("link", name=re.compile("For you")).click()
        known = page.get_by_role("region", name="What the shop knows about you")
        known.get_by_text("put into the bag").wait_for()
        reasons = page.get_by_role("region", name="Recommended").locator(".match")
        expect(reasons.filter(has_text="Teal Box").first).to_be_visible()
        expect(
            page.get_by_role("region", name="Your bag").get_by_role("link", name="Teal Box")
        ).to_be_visible()
        page.get_by_role("button", name="Forget me").click()
        page.get_by_role("button", name="Yes, forget me").click()
        page.get_by_text("Nothing yet").wait_for()


def test_what_is_taken_out_of_the_bag_can_be_put_back(visit: VisitShop, own_catalog: Path) -> None:
    with Server(own_catalog) as server:
        page = visit("/p/box-gold", url=server.url)
        page.get_by_role("button", name="Add to bag").click()
        page.get_by_role("link", name=re.compile("For you")).click()
        hold_clock(page)
        page.get_by_role("button", name="Take out Gold Box").click()
        expect(page.get_by_role("region", name="Your bag")).to_be_hidden()
        page.get_by_role("button", name="Undo").last.click()
        expect(
            page.get_by_role("region", name="Your bag").get_by_role("link", name="Gold Box")
        ).to_be_visible()


def test_a_thumb_is_told_to_the_shop_and_can_be_turned(visit: VisitShop, own_catalog: Path) -> None:
    with Server(own_catalog) as server:
        page = visit("/p/box-gold", url=server.url)
        hold_clock(page)
        with page.expect_response(taken("like")) as liked:
            page.get_by_role("button", name="More of this").click()
        assert liked.value.ok
        expect(page.get_by_role("button", name="More of this")).to_have_attribute("aria-pressed", "true")
        with page.expect_response(taken("dislike")) as disliked:
            page.get_by_role("button", name="No, less").click()
        assert disliked.value.ok
        expect(page.get_by_role("button", name="Less of this")).to_have_attribute("aria-pressed", "true")
