"""Manage, Products: find, edit, hide and delete products."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from web.serving import Server
from web.steps import expect, hold_clock, settled, shown, violations

if TYPE_CHECKING:
    from web.conftest import VisitShop


def test_a_product_is_found_and_edited_and_the_edit_is_undone(visit: VisitShop, own_catalog: Path) -> None:
    with Server(own_catalog) as server:
        page = visit("/manage/products", url=server.url, bypass_csp=True)
        rows = page.get_by_role("list", name="Products").get_by_role("listitem")
        expect(rows).to_have_count(50)
        page.get_by_label("Search products by words or id").fill("box-teal")
        page.get_by_role("button", name="Teal Box").click()
        sheet = page.get_by_role("dialog", name="Product box-teal")
        sheet.get_by_label("Title").fill("Petrol Box")
        sheet.get_by_label("Price").fill("12.5")
        sheet.get_by_label("Value of brand").fill("Bolt")
        assert violations(page) == []
        hold_clock(page)
        sheet.get_by_role("button", name="Save").click()
        page.get_by_text("Product saved.").wait_for()
        shopper = visit("/p/box-teal", url=server.url)
        expect(shopper.get_by_role("heading", level=1)).to_have_text("Petrol Box")
        expect(shopper.get_by_text("€12.50").first).to_be_visible()
        expect(shopper.get_by_text("Bolt")).to_be_visible()
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_role("button", name="Teal Box")).to_be_visible()


def test_several_products_are_edited_at_once(visit: VisitShop, own_catalog: Path) -> None:
    with Server(own_catalog) as server:
        page = visit("/manage/products", url=server.url)
        page.get_by_label("Filter").select_option("Sold out")
        rows = page.get_by_role("list", name="Products").get_by_role("listitem")
        expect(rows).to_have_count(3)
        page.get_by_label("Select all").check()
        page.get_by_role("button", name="Edit").click()
        sheet = page.get_by_role("dialog", name="Edit 3 products")
        sheet.get_by_label("New value").fill("7")
        sheet.get_by_role("button", name="Apply").click()
        page.get_by_text("3 products changed.").wait_for()
        page.get_by_label("Filter").select_option("All products")
        page.get_by_label("Filter").select_option("Sold out")
        expect(page.get_by_text("No products found.")).to_be_visible()


def test_hidden_products_are_not_found_until_they_are_shown_again(
    visit: VisitShop, own_catalog: Path
) -> None:
    with Server(own_catalog) as server:
        page = visit("/manage/products", url=server.url)
        page.get_by_label("Select Teal Box").check()
        page.get_by_role("button", name="Hide").click()
        page.get_by_text("1 product hidden.").wait_for()
        shopper = visit("/?q=teal box", url=server.url)
        settled(shopper)
        expect(shown(shopper).first).not_to_have_text("Teal Box")
        page.get_by_label("Filter").select_option("Hidden")
        page.get_by_label("Select Teal Box").check()
        page.get_by_role("button", name="Show again").click()
        page.get_by_text("1 product is shown again.").wait_for()
        shopper.reload()
        expect(shown(shopper).first).to_have_text("Teal Box")


def test_deleting_asks_first(visit: VisitShop, own_catalog: Path) -> None:
    with Server(own_catalog) as server:
        page = visit("/manage/products", url=server.url)
        page.get_by_label("Select Teal Box").check()
        page.get_by_role("button", name="Delete").click()
        expect(page.get_by_role("alert")).to_have_text(re.compile("Delete 1 product"))
        page.get_by_role("button", name="Delete").click()
        page.get_by_text("1 product deleted.").wait_for()
        page.goto(f"{server.url}/p/box-teal")
        expect(page.get_by_role("heading", name="This product is no longer available")).to_be_visible()
