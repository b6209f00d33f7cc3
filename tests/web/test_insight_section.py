"""Insight in Manage: what shoppers searched for, clicked and bought in a period."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lookalike import Event, Shop
from support.samples import jpeg
from web.serving import Server
from web.steps import drop, expect, violations

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from web.conftest import VisitShop

DAY = 86_400.0


def figure(page: Page, name: str) -> str:
    """The number under a name."""
    term = page.locator("dl > div").filter(has=page.get_by_text(name, exact=True))
    return term.locator("dd").inner_text()


@contextmanager
def seen_afterwards(page: Page) -> Iterator[None]:
    """Look at the results of what is done here for so long that the page records them as seen."""
    with page.expect_response("**/v1/events"):
        yield


@pytest.fixture
def visited(own_catalog: Path) -> Path:
    """The shop with two weeks of events."""
    now = time.time()
    with Shop.open(str(own_catalog)) as shop:
        shop.record(
            [
                Event("search", "ann", query="red plate", time=now - DAY),
                Event("impression", "ann", "plate-red", query="red plate", position=1, time=now - DAY),
                Event("click", "ann", "plate-red", query="red plate", position=1, time=now - DAY + 9),
                Event("purchase", "ann", "plate-red", time=now - DAY + 60),
                Event("search", "bob", query="kayak", time=now - DAY / 2),
                Event("search", "cid", query="blue box", time=now - 12 * DAY),
                Event("purchase", "cid", "box-blue", time=now - 12 * DAY),
            ]
        )
    return own_catalog


def test_the_dashboard_adds_up_a_period(visit: VisitShop, visited: Path) -> None:
    with Server(visited) as server:
        page = visit("/manage/insight?days=7", url=server.url)
        expect(page.locator("dl")).to_be_visible()
        assert figure(page, "Searches") == "2"
        assert figure(page, "Shoppers who searched") == "2"
        assert figure(page, "Searches with a click") == "50%"
        assert (figure(page, "Purchases"), figure(page, "Revenue")) == ("1", "€5.50")
        expect(page.get_by_text("1 search had no good match.")).to_be_visible()
        expect(page.get_by_text("kayak", exact=True)).to_have_count(2)
        expect(page.get_by_role("row", name="1 1 1 100%")).to_be_visible()
        page.get_by_label("Period").select_option("Last 30 days")
        page.get_by_text("blue box").first.wait_for()
        expect(page.locator("dl")).to_be_visible()
        assert (figure(page, "Searches"), figure(page, "Revenue")) == ("3", "€20")


def test_a_query_that_is_refined_and_returned_to_counts_as_one_search(
    visit: VisitShop, own_catalog: Path
) -> None:
    with Server(own_catalog) as server:
        page = visit(url=server.url)
        with seen_afterwards(page):
            drop(page, jpeg("blue", "Box", 300))
        with seen_afterwards(page):
            page.locator("#words").fill("plate")
        with seen_afterwards(page):
            page.get_by_label("What counts").fill("10")
        with seen_afterwards(page):
            page.get_by_role("checkbox", name=re.compile("Plate")).check()
        with seen_afterwards(page):
            page.get_by_label("Sort").select_option("Price, low to high")
        with seen_afterwards(page):
            page.go_back()
        page.goto(server.url + "/manage/insight")
        expect(page.locator("dl")).to_be_visible()
        assert (figure(page, "Searches"), figure(page, "Shoppers who searched")) == ("1", "1")
        expect(page.get_by_text("1 time, 0 clicks, 0 purchases")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_the_dashboard_fits_a_small_screen(
    visit: VisitShop, visited: Path, scheme: str
) -> None:
    small = {"width": 320, "height": 640}
    with Server(visited) as server:
        page = visit("/manage/insight", url=server.url, color_scheme=scheme, viewport=small, bypass_csp=True)
        expect(page.locator("dl")).to_be_visible()
        page.get_by_role("row", name="1 1 1 100%").wait_for()
        assert violations(page) == []
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 320
