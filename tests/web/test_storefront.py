"""The shop's own name, logo, color, language and cart on its pages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from support.samples import jpeg
from web.serving import Server
from web.steps import expect, violations

if TYPE_CHECKING:
    from web.conftest import VisitShop


def test_a_shop_sets_its_name_logo_and_colour(visit: VisitShop, own_catalog: Path) -> None:
    with Server(own_catalog) as server:
        page = visit("/manage/storefront", url=server.url, bypass_csp=True)
        page.get_by_label("Shop name").fill("Lamps & Co")
        page.get_by_label("Choose logo").set_input_files(
            {"name": "logo.jpg", "mimeType": "image/jpeg", "buffer": jpeg("teal")}
        )
        page.get_by_label("Accent color").fill("#ffe000")
        page.get_by_role("button", name="Save").click()
        page.get_by_text("Settings saved.").wait_for()
        assert violations(page) == []
        shopper = visit("/", url=server.url, bypass_csp=True)
        shopper.get_by_role("article").first.wait_for()
        expect(shopper).to_have_title("Lamps & Co")
        expect(shopper.get_by_role("link", name="Lamps & Co, home").locator("img")).to_be_visible()
        # Even a light color stays readable.
        assert violations(shopper) == []


def test_a_shop_speaks_german_to_everybody(visit: VisitShop, own_catalog: Path) -> None:
    with Server(own_catalog) as server:
        page = visit("/manage/storefront", url=server.url)
        page.get_by_label("Language").select_option("de")
        page.get_by_role("button", name="Save").click()
        page.get_by_role("button", name="Speichern").wait_for()
        shopper = visit("/", url=server.url, locale="en-GB")
        expect(shopper.get_by_role("heading", level=1)).to_contain_text("Zeigen Sie es.")
        expect(shopper.locator("html")).to_have_attribute("lang", "de")


def test_a_page_speaks_the_language_of_the_browser(visit: VisitShop) -> None:
    page = visit("/?q=box", locale="de-AT")
    expect(page.get_by_text("beste Treffer zuerst").first).to_be_visible()
    expect(page.locator("article .price").first).to_contain_text("€")


def test_a_real_shop_has_no_bag_and_no_way_to_buy_until_it_names_its_cart(
    visit: VisitShop, own_catalog: Path
) -> None:
    with Server(own_catalog) as server:
        page = visit("/manage/storefront", url=server.url)
        page.get_by_label("“Add to bag”").select_option("No button")
        page.get_by_role("button", name="Save").click()
        page.get_by_text("Settings saved.").wait_for()
        shopper = visit("/p/box-gold", url=server.url)
        shopper.get_by_role("heading", name="Gold Box", level=1).wait_for()
        expect(shopper.get_by_role("link", name="More like this", exact=True)).to_be_visible()
        expect(shopper.get_by_role("button", name="Add to bag")).to_have_count(0)
        expect(shopper.get_by_role("button", name="Buy now")).to_have_count(0)
        expect(shopper.get_by_role("link", name="Bag")).to_have_count(0)
        shopper.goto(f"{server.url}/bag")
        expect(shopper.get_by_role("heading", name="Page not found")).to_be_visible()

        page.get_by_label("“Add to bag”").select_option("The shop's own cart")
        page.get_by_label("URL that adds a product to the cart").fill(f"{server.url}/docs?add={{id}}")
        with page.expect_response("**/v1/storefront"):
            page.get_by_role("button", name="Save").click()
        shopper.goto(f"{server.url}/p/box-gold")
        shopper.get_by_role("button", name="Add to bag").click()
        shopper.wait_for_url("**/docs?add=box-gold")
