"""Everybody can use it: by keyboard, on a small screen, in the dark, with a screen reader, on a slow line."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from support.samples import jpeg
from web.steps import address, drop, expect, settled, shown, violations

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from web.conftest import VisitShop

FIRST_LOAD = 150_000


def by_photo(page: Page) -> None:
    """Look at results for a photo."""
    drop(page, jpeg("teal", "Box", 300))
    settled(page)


def by_words(page: Page) -> None:
    """Look at results for words."""
    page.locator("#words").fill("red box")
    settled(page)


def reasons(page: Page) -> None:
    """Look at why something was found."""
    by_photo(page)
    page.get_by_role("button", name="Why").first.click()


def nothing(page: Page) -> None:
    """Look for what is not there."""
    page.locator("#words").fill("zzyzx")
    page.get_by_role("heading", name="No good match").wait_for()


def start(page: Page) -> None:
    """Stay on the first page."""
    page.get_by_role("article").first.wait_for()


def product(page: Page) -> None:
    """Open a product."""
    page.get_by_role("article").get_by_role("link").last.click()
    page.get_by_role("region", name="Looks like this").get_by_role("article").first.wait_for()


def for_you(page: Page) -> None:
    """Look at what the shop recommends."""
    page.get_by_role("link", name="For you").click()
    page.get_by_role("region", name="Recommended").get_by_role("article").first.wait_for()
    page.get_by_role("heading", name="Sources").wait_for()


def rules(page: Page) -> None:
    """Open the merchandiser's rules."""
    page.get_by_role("link", name="Manage").click()
    page.get_by_role("link", name="Rules").click()
    page.get_by_role("heading", name="No active rules").wait_for()


def recipes(page: Page) -> None:
    """Open the recipes of the catalog."""
    page.get_by_role("link", name="Manage").click()
    page.get_by_role("link", name="Recipes").click()
    page.get_by_text("In use").wait_for()


def insight(page: Page) -> None:
    """Open what there is to know of the shoppers."""
    page.get_by_role("link", name="Manage").click()
    page.get_by_role("link", name="Insight").click()
    page.get_by_role("heading", name="Popular now").wait_for()


def map_to_come(page: Page) -> None:
    """Open the map before it was explored."""
    page.get_by_role("link", name="Map").click()
    page.get_by_role("list", name="Legend").get_by_role("button").first.wait_for()


def product_list(page: Page) -> None:
    """Open the list of products."""
    page.get_by_role("link", name="Manage").click()
    page.get_by_role("link", name="Products", exact=True).click()
    page.get_by_label("Select Teal Box").wait_for()


def settings(page: Page) -> None:
    """Open the settings of the pages."""
    page.get_by_role("link", name="Manage").click()
    page.get_by_role("link", name="Storefront").click()
    page.get_by_label("Shop name").wait_for()


VIEWS = [start, by_photo, by_words, nothing, reasons, product, for_you, map_to_come, rules, recipes, insight]
VIEWS += [product_list, settings]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(visit: VisitShop, view: Callable[[Page], None], scheme: str) -> None:
    page = visit(color_scheme=scheme, reduced_motion="reduce", bypass_csp=True)
    view(page)
    assert violations(page) == []


@pytest.mark.parametrize("view", VIEWS)
def test_everything_fits_on_a_small_screen(visit: VisitShop, view: Callable[[Page], None]) -> None:
    page = visit(viewport={"width": 320, "height": 640})
    view(page)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 320


def test_the_filters_open_on_a_small_screen(visit: VisitShop) -> None:
    page = visit("/?q=box", viewport={"width": 320, "height": 640})
    settled(page)
    page.get_by_role("button", name="Filters").click()
    sheet = page.get_by_role("dialog", name="Filters")
    sheet.get_by_role("checkbox", name="Umber").check()
    address(page, lambda asked: asked.get("f.brand") == ["Umber"])
    sheet.get_by_role("button", name=re.compile(r"^Show \d+ products?$")).click()
    expect(sheet).to_be_hidden()
    expect(page.get_by_role("button", name="Filters (1)")).to_be_visible()


@pytest.mark.parametrize(("width", "height"), [(390, 780), (320, 640)])
@pytest.mark.parametrize("by", [by_photo, by_words])
def test_the_first_result_is_visible_on_a_phone_without_scrolling(
    visit: VisitShop, width: int, height: int, by: Callable[[Page], None]
) -> None:
    page = visit(viewport={"width": width, "height": height}, has_touch=True)
    by(page)
    first = page.get_by_role("article").first
    picture = first.locator("img").bounding_box()
    title = first.get_by_role("heading").bounding_box()
    assert picture
    assert title
    assert picture["y"] >= 0
    assert title["y"] + title["height"] <= height


def test_everything_works_by_keyboard_alone(visit: VisitShop) -> None:
    page = visit()
    start(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("box")
    expect(shown(page).first).to_have_text(re.compile("Box$"))
    tab_to(page, "Umber")
    page.keyboard.press("Space")
    address(page, lambda asked: asked.get("f.brand") == ["Umber"])
    settled(page)
    tab_to(page, "More like")
    page.keyboard.press("Enter")
    address(page, lambda asked: "like" in asked)
    settled(page)
    tab_to(page, "Why")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator(":focus")).to_contain_text("Why")


def tab_to(page: Page, name: str) -> None:
    """Press Tab until something of that name has the focus, which must be in sight."""
    for _ in range(150):
        page.keyboard.press("Tab")
        found, seen = page.evaluate(
            """() => {
                const each = document.activeElement;
                const label = each.closest("label");
                const { top, bottom } = each.getBoundingClientRect();
                const name = each.getAttribute("aria-label") ?? (label ?? each).innerText;
                return [name, top < innerHeight && bottom > 0];
            }"""
        )
        if name in found:
            assert seen
            return
    raise AssertionError(f"{name} is not reached by Tab")


def test_targets_are_large_enough_for_a_finger(visit: VisitShop) -> None:
    page = visit(viewport={"width": 320, "height": 640})
    by_photo(page)
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, input:not([tabindex='-1']), select, summary")]
            .map((each) => [each, (each.closest("label") ?? each).getBoundingClientRect()])
            .filter(([, box]) => box.width && box.height && (box.width < 24 || box.height < 24))
            .map(([each]) => each.outerHTML.slice(0, 120))"""
    )
    assert small == []


def test_nothing_moves_by_itself(visit: VisitShop) -> None:
    page = visit()
    page.evaluate(
        """() => {
            window.moved = [];
            new PerformanceObserver((list) => {
                for (const each of list.getEntries()) {
                    if (each.hadRecentInput) continue;
                    window.moved.push([each.value, each.sources.map((source) => source.node?.className)]);
                }
            }).observe({ type: "layout-shift", buffered: true });
        }"""
    )
    start(page)
    by_photo(page)
    page.locator("#words").fill("red")
    settled(page)
    page.get_by_role("button", name="Smaller").click()
    settled(page)
    assert page.evaluate("() => window.moved") == []


def test_the_first_page_is_light(visit: VisitShop) -> None:
    page = visit()
    start(page)
    sizes = page.evaluate(
        """() => performance.getEntriesByType("resource").concat(performance.getEntriesByType("navigation"))
            .filter((each) => !each.name.includes("/v1/")).map((each) => each.transferSize)"""
    )
    assert 0 < sum(sizes) <= FIRST_LOAD


def test_the_colours_are_chosen_by_hand_and_kept(visit: VisitShop) -> None:
    page = visit(color_scheme="light")
    page.get_by_role("button", name="Switch to light").click()
    page.get_by_role("button", name="Switch to dark").click()
    page.reload()
    start(page)
    assert page.evaluate("() => getComputedStyle(document.documentElement).colorScheme") == "dark"
