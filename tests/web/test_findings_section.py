"""Findings in Manage: opened, dismissed for good, and fixed with one press."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lookalike import Product, Shop
from lookalike.analysis.doctor.findings import Finding
from lookalike.analysis.doctor.stored_findings import keep
from web.serving import Server
from web.steps import expect, hold_clock, violations

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from web.conftest import VisitShop

FINDINGS = [
    Finding("duplicate", "box-pink", 0.98, other="box-red", now="Pink Box", likely="Red Box"),
    Finding("doubtful colour", "plate-teal", 0.9, field="colour", now="Teal", likely="Green"),
    Finding("missing photo", "bare", 1.0, field="photo"),
    Finding("outlier", "slice-gold", 0.6),
]


@pytest.fixture
def server(own_catalog: Path) -> Iterator[Server]:
    with Shop.open(str(own_catalog)) as shop:
        shop.add([Product(id="bare", title="Bare plate")])
        keep(shop.catalog.database, FINDINGS)
    with Server(own_catalog) as server:
        yield server


def entry(page: Page, title: str) -> Locator:
    return page.get_by_role("list", name="Findings").get_by_role("listitem").filter(has_text=title)


def test_a_finding_leads_to_its_product_and_to_the_editor(visit: VisitShop, server: Server) -> None:
    page = visit("/manage/findings", url=server.url)
    entry(page, "Gold Slice").get_by_role("button", name="Edit").click()
    page.get_by_label("Title").fill("Golden Slice")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Product saved.")).to_be_visible()
    page.reload()
    entry(page, "Golden Slice").get_by_role("link", name="Golden Slice").click()
    page.wait_for_url("**/p/slice-gold")
    page.go_back()
    expect(entry(page, "Golden Slice")).to_be_visible()


def test_a_dismissed_finding_stays_away_until_it_is_restored(visit: VisitShop, server: Server) -> None:
    page = visit("/manage/findings", url=server.url)
    entry(page, "Gold Slice").get_by_role("button", name="Dismiss").click()
    expect(entry(page, "Gold Slice")).to_have_count(0)
    page.reload()
    expect(entry(page, "Teal Plate")).to_be_visible()
    expect(entry(page, "Gold Slice")).to_have_count(0)
    page.get_by_role("button", name="Dismissed 1").click()
    entry(page, "Gold Slice").get_by_role("button", name="Restore").click()
    page.get_by_role("button", name="All", exact=True).click()
    expect(entry(page, "Gold Slice")).to_be_visible()


def test_a_dismissal_can_be_undone_at_once(visit: VisitShop, server: Server) -> None:
    page = visit("/manage/findings", url=server.url)
    entry(page, "Gold Slice").wait_for()
    hold_clock(page)
    entry(page, "Gold Slice").get_by_role("button", name="Dismiss").click()
    page.get_by_role("button", name="Undo").click()
    expect(entry(page, "Gold Slice")).to_be_visible()


def test_a_duplicate_is_shown_beside_its_twin_and_removed_after_a_question(
    visit: VisitShop, server: Server
) -> None:
    page = visit("/manage/findings", url=server.url)
    duplicate = entry(page, "Pink Box")
    expect(duplicate.locator("img")).to_have_count(2)
    duplicate.get_by_role("button", name="Remove the product").click()
    expect(duplicate.get_by_role("alert")).to_contain_text("Remove “Pink Box” from the catalog?")
    duplicate.get_by_role("button", name="Remove the product").click()
    expect(duplicate).to_have_count(0)
    page.goto(f"{server.url}/p/box-pink")
    expect(page.get_by_role("heading", name="This product is no longer available")).to_be_visible()


def test_a_doubtful_colour_is_set_and_the_fix_is_undone(visit: VisitShop, server: Server) -> None:
    page = visit("/manage/findings", url=server.url)
    entry(page, "Teal Plate").wait_for()
    hold_clock(page)
    entry(page, "Teal Plate").get_by_role("button", name="Set Colour to Green").click()
    expect(entry(page, "Teal Plate")).to_have_count(0)
    assert facet_of(page, "plate-teal") == "Green"
    page.get_by_role("button", name="Undo").click()
    expect(entry(page, "Teal Plate")).to_be_visible()
    assert facet_of(page, "plate-teal") == "Teal"


def test_a_product_without_a_photo_is_hidden_and_the_product_list_says_so(
    visit: VisitShop, server: Server
) -> None:
    page = visit("/manage/findings", url=server.url)
    entry(page, "Bare plate").get_by_role("button", name="Hide the product").click()
    expect(page.get_by_text("Fixed.")).to_be_visible()
    page.get_by_role("link", name="Products", exact=True).click()
    page.get_by_label("Filter").select_option("Hidden")
    expect(page.get_by_role("button", name="Bare plate")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_the_findings_fit_a_small_screen(
    visit: VisitShop, server: Server, scheme: str
) -> None:
    small = {"width": 320, "height": 640}
    page = visit("/manage/findings", url=server.url, color_scheme=scheme, viewport=small, bypass_csp=True)
    entry(page, "Pink Box").get_by_role("button", name="Remove the product").click()
    assert violations(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 320


def facet_of(page: Page, product: str) -> str:
    found = page.evaluate("async (id) => (await (await fetch(`/v1/products/${id}`)).json()).facets", product)
    return str(found["colour"])
