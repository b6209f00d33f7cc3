"""Words in the search box: suggestions while typing, and what the words were taken to mean."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from web.steps import address, expect, settled, shown, violations

if TYPE_CHECKING:
    from web.conftest import VisitShop


def test_suggestions_are_followed_by_keyboard(visit: VisitShop) -> None:
    page = visit(bypass_csp=True)
    page.locator("#words").press_sequentially("tea")
    options = page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    options.first.wait_for()
    assert violations(page) == []
    expect(page.locator("#words")).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(options).to_have_count(0)
    page.locator("#words").press_sequentially("l b")
    product = options.filter(has_text="Teal Box").last
    product.wait_for()
    product.click()
    expect(page.get_by_role("heading", name="Teal Box", level=1)).to_be_visible()


def test_suggestions_leave_when_the_search_box_does(visit: VisitShop) -> None:
    page = visit(viewport={"width": 320, "height": 640})
    page.locator("#words").press_sequentially("tea")
    suggestions = page.get_by_role("listbox", name="Suggestions")
    suggestions.wait_for()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 320
    page.keyboard.press("Enter")
    expect(suggestions).to_have_count(0)
    expect(shown(page).first).to_have_text(re.compile("Teal"))


def test_a_corrected_word_is_shown_with_a_way_back(visit: VisitShop) -> None:
    page = visit("/?q=purpel slice")
    expect(shown(page).first).to_have_text("Purple Slice")
    expect(page.get_by_text("Showing results for purple slice")).to_be_visible()
    page.get_by_role("button", name="Search instead for “purpel slice”").click()
    address(page, lambda asked: asked.get("exact") == ["1"])
    settled(page)
    expect(page.get_by_text("Showing results for")).to_have_count(0)


def test_a_part_that_became_a_filter_can_be_removed(visit: VisitShop) -> None:
    page = visit("/?q=box under 50")
    settled(page)
    understood = page.get_by_role("list", name="Understood from your words")
    understood.get_by_role("button", name=re.compile("under 50")).click()
    address(page, lambda asked: asked["q"] == ["box"])
    settled(page)
    expect(understood).to_have_count(0)


def test_matching_words_are_marked(visit: VisitShop) -> None:
    page = visit("/?q=teal")
    expect(shown(page).first.locator("mark")).to_have_text("Teal")
