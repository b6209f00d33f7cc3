"""The page of one product."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from lookalike import Photo, Product, Shop
from lookalike.catalog.storefront import Storefront, put_storefront
from support.samples import jpeg
from web.goods import MARKUP
from web.serving import Server
from web.steps import expect, shown

if TYPE_CHECKING:
    from web.conftest import VisitShop


def test_a_product_shows_its_facts_and_what_looks_like_it(visit: VisitShop) -> None:
    page = visit("/p/box-teal")
    page.get_by_role("heading", name="Teal Box").wait_for()
    expect(page.get_by_role("article").first.get_by_text("€61.50").first).to_be_visible()
    alike = page.get_by_role("region", name="Looks like this")
    alike.get_by_role("article").first.wait_for()
    others = page.get_by_role("region", name="In another color")
    others.get_by_role("article").first.wait_for()
    assert not [
        title for title in others.get_by_role("heading", level=3).all_inner_texts() if "Teal" in title
    ]


def test_a_result_leads_to_its_product_and_back(visit: VisitShop) -> None:
    page = visit("/?q=coral plate")
    page.get_by_role("link", name="Coral Plate", exact=True).click()
    page.get_by_role("heading", name="Coral Plate", level=1).wait_for()
    page.get_by_role("button", name="Back").click()
    expect(page.locator("#words")).to_have_value("coral plate")
    expect(shown(page).first).to_have_text("Coral Plate")


def test_every_photo_of_a_product_can_be_seen(visit: VisitShop) -> None:
    page = visit("/p/several%2Fphotos")
    second = page.get_by_role("button", name="Photo 2 of 2")
    photo = page.get_by_alt_text("Plate from two sides")
    before = photo.get_attribute("src")
    assert before
    second.click()
    expect(second).to_have_attribute("aria-pressed", "true")
    expect(photo).not_to_have_attribute("src", before)


def test_the_zoom_shows_the_large_photo(visit: VisitShop, own_catalog: Path) -> None:
    with Shop.open(str(own_catalog)) as shop:
        put_storefront(shop.catalog.database, Storefront(photo_side=800))
        shop.add([Product("poster", "Poster", photos=(Photo(data=jpeg("teal", size=1000)),))])
    with Server(own_catalog) as server:
        page = visit("/p/poster", url=server.url)
        photo = page.get_by_alt_text("Poster", exact=True)
        expect(photo).to_have_js_property("naturalWidth", 320)
        page.get_by_role("button", name="Enlarge the photo of Poster").click()
        large = page.get_by_role("dialog", name="Poster").locator("img")
        expect(large).to_have_attribute("src", re.compile(r"\?size=large$"))
        expect(large).to_have_js_property("naturalWidth", 800)


def test_markup_in_a_title_is_text(visit: VisitShop) -> None:
    page = visit("/p/markup")
    expect(page.get_by_role("heading", level=1)).to_have_text(MARKUP)
    expect(page).to_have_title(f"{MARKUP} · Lookalike")
    expect(page.locator("h1 *")).to_have_count(0)


def test_why_works_beside_a_product_too(visit: VisitShop) -> None:
    page = visit("/p/box-teal")
    page.get_by_role("button", name=re.compile("Why")).first.click()
    expect(page.get_by_role("dialog", name="Why this?")).to_be_visible()


def test_a_product_that_was_removed_while_it_was_open_is_said_to_be_gone(
    visit: VisitShop, own_catalog: Path
) -> None:
    with Server(own_catalog) as server:
        page = visit("/?q=gold box", url=server.url)
        expect(shown(page).first).to_have_text("Gold Box")
        server.call("DELETE", "/v1/products/box-gold")
        page.get_by_role("link", name="Gold Box", exact=True).click()
        expect(page.get_by_role("heading", name="This product is no longer available")).to_be_visible()
        page.get_by_role("link", name="Search for something similar").click()
        expect(page.get_by_role("heading", name="Show it.")).to_be_visible()
