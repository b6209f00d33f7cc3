"""The pages for the shop's own people: the map and the management of the catalog."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lookalike import Shop
from support.samples import jpeg
from web.serving import Server
from web.steps import expect, hold_clock, shown, violations

if TYPE_CHECKING:
    from web.conftest import VisitShop

FEED = b"id,title,price,colour\nnew-1,A new lamp,12,Teal\n,No id,1,Red\n"


@pytest.fixture
def explored(own_catalog: Path) -> Path:
    """The shop with a map drawn of it."""
    pytest.importorskip("sklearn")
    from lookalike.analysis.explore.explore import explore, keep

    with Shop.open(str(own_catalog)) as shop:
        keep(shop, explore(shop, methods=("pca",), number=3))
    return own_catalog


def test_the_map_shows_clusters_and_what_they_hold(visit: VisitShop, explored: Path) -> None:
    with Server(explored) as server:
        page = visit("/map", url=server.url)
        legend = page.get_by_role("list", name="Legend").get_by_role("button")
        legend.first.click()
        page.get_by_role("article").first.wait_for()
        page.get_by_label("Color by").select_option("Colour")
        page.get_by_role("list", name="Legend").get_by_role(
            "button", name=re.compile("Red|Blue|Green")
        ).first.click()
        page.wait_for_function("() => document.querySelectorAll('article').length === 3")
        expect(page.get_by_role("region", name="What is in the catalog")).to_be_visible()


def test_the_map_is_moved_and_searched_by_keyboard_and_by_hand(visit: VisitShop, explored: Path) -> None:
    with Server(explored) as server:
        page = visit("/map", url=server.url, viewport={"width": 1280, "height": 1200})
        canvas = page.get_by_role("application")
        canvas.focus()
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="50 products").wait_for()
        page.keyboard.press("+")
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name=re.compile(r"^(\d|[1-4]\d) products?$")).wait_for()
        page.get_by_role("button", name="Show all").click()
        page.get_by_role("heading", name=re.compile("products?$")).wait_for(state="hidden")
        canvas.press("0")
        page.get_by_role("button", name="Select an area").click()
        canvas.scroll_into_view_if_needed()
        area = canvas.bounding_box()
        assert area
        # Its corners are round, and on the right are its buttons.
        left, top, right, bottom = 12, 12, area["width"] - 60, area["height"] - 12
        page.mouse.move(area["x"] + left, area["y"] + top)
        page.mouse.down()
        for x, y in ((right, top), (right, bottom), (left, bottom)):
            page.mouse.move(area["x"] + x, area["y"] + y, steps=3)
        page.mouse.up()
        page.get_by_role("heading", name="50 products").wait_for()


def test_products_are_found_on_the_map_by_words_and_the_url_keeps_the_selection(
    visit: VisitShop, explored: Path
) -> None:
    with Server(explored) as server:
        page = visit("/map", url=server.url)
        page.get_by_label("Find on the map").fill("teal")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name=re.compile("“teal”")).wait_for()
        page.get_by_role("article").first.wait_for()
        page.reload()
        page.get_by_role("heading", name=re.compile("“teal”")).wait_for()
        page.get_by_role("button", name="Show all").click()
        page.get_by_label("Color by").select_option("Colour")
        page.get_by_role("list", name="Legend").get_by_role("button", name="Gold").click()
        page.reload()
        page.get_by_role("heading", name="Gold", exact=True).wait_for()
        expect(page.get_by_role("article")).to_have_count(3)


def test_a_rule_names_a_facet_of_the_catalog_and_warns_of_an_unknown_value(visit: VisitShop) -> None:
    page = visit("/manage/rules")
    page.get_by_label("Or products with facet").select_option("Colour")
    page.get_by_label("Value").fill("Tael")
    expect(page.get_by_text("No product found with the value “Tael”.")).to_be_visible()
    page.get_by_label("Value").fill("Teal")
    expect(page.get_by_text("No product found with the value")).to_have_count(0)


def test_insight_looks_back_as_far_as_the_url_says(visit: VisitShop, own_catalog: Path) -> None:
    with Server(own_catalog) as server:
        page = visit("/manage/insight", url=server.url)
        with page.expect_request("**/v1/insight/searches?days=7&*"):
            page.get_by_label("Period").select_option("Last 7 days")
        page.wait_for_url("**/manage/insight?days=7")
        page.go_back()
        expect(page.get_by_label("Period")).to_have_value("30")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_map_and_it_fits_a_small_screen(
    visit: VisitShop, explored: Path, scheme: str
) -> None:
    with Server(explored) as server:
        small = {"width": 320, "height": 640}
        page = visit("/map", url=server.url, color_scheme=scheme, viewport=small, bypass_csp=True)
        page.get_by_role("list", name="Legend").get_by_role("button").first.click()
        page.get_by_role("article").first.wait_for()
        assert violations(page) == []
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 320


def test_before_it_is_explored_the_map_shows_what_it_can_and_says_how_to_get_more(visit: VisitShop) -> None:
    page = visit("/map")
    page.get_by_role("application").wait_for()
    expect(page.get_by_text("lookalike explore")).to_be_visible()
    page.get_by_role("list", name="Legend").get_by_role("button").first.click()
    page.get_by_role("article").first.wait_for()


def test_a_feed_is_imported_with_its_bad_rows_told(visit: VisitShop, own_catalog: Path) -> None:
    with Server(own_catalog) as server:
        page = visit("/manage", url=server.url)
        page.get_by_label("Choose feed").set_input_files(
            {"name": "feed.csv", "mimeType": "text/csv", "buffer": FEED}
        )
        page.get_by_role("button", name="Import 1 product").click()
        page.get_by_text("1 added", exact=True).wait_for()
        expect(page.get_by_text("Line 3")).to_be_visible()
        with page.expect_download() as saved:
            page.get_by_role("link", name="Download list").click()
        assert "3" in saved.value.path().read_text()
        page.get_by_role("link", name="Search", exact=True).click()
        page.locator("#words").fill("lamp")
        expect(shown(page).first).to_have_text("A new lamp")


def test_a_folder_with_a_feed_and_its_photos_is_imported(
    visit: VisitShop, own_catalog: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "autumn"
    (folder / "photos").mkdir(parents=True)
    (folder / "photos" / "lamp.jpg").write_bytes(jpeg("teal", "Slice"))
    (folder / "feed.csv").write_text("id,title,photo\nlamp,Grün lamp,photos/lamp.jpg\n")
    with Server(own_catalog) as server:
        page = visit("/manage", url=server.url)
        page.get_by_label("Choose folder").set_input_files(folder)
        page.get_by_role("button", name="Import 1 product").click()
        page.get_by_text("1 added", exact=True).wait_for()
        expect(page.get_by_text("1 photo,")).to_be_visible()
        page.goto(f"{server.url}/p/lamp")
        page.get_by_role("heading", name="Grün lamp").wait_for()
        page.locator("article img").first.wait_for()


def test_a_rule_is_tried_added_and_taken_back(visit: VisitShop, own_catalog: Path) -> None:
    with Server(own_catalog) as server:
        page = visit("/manage/rules", url=server.url)
        page.get_by_label("Action").select_option("Hide")
        page.get_by_label("Only for this search").fill("teal")
        page.get_by_label("Products", exact=True).fill("box-teal")
        page.get_by_role("button", name="Teal Box").click()
        expect(page.get_by_role("button", name="Remove box-teal")).to_be_visible()
        page.get_by_role("button", name="Preview on past searches").click()
        page.get_by_text("1 of 1 searches would change").wait_for()
        expect(page.get_by_role("link", name="Teal Box").first.locator("img")).to_be_visible()
        page.get_by_role("button", name="Add rule").click()
        page.get_by_role("heading", name="1 active rule").wait_for()
        hold_clock(page)
        page.get_by_role("button", name="Delete hide-").click()
        page.get_by_role("heading", name="No active rules").wait_for()
        page.get_by_role("button", name="Undo").click()
        page.get_by_role("heading", name="1 active rule").wait_for()


@pytest.mark.parametrize(
    ("panel", "words"),
    [
        ("Findings", "lookalike doctor"),
        ("Benchmarks", "lookalike evaluate"),
        ("Insight", "Searched for, not sold"),
        ("Recipes", "pixels"),
    ],
)
def test_every_panel_shows_what_there_is_or_how_to_get_it(visit: VisitShop, panel: str, words: str) -> None:
    page = visit("/manage")
    page.get_by_role("link", name=panel).click()
    page.get_by_text(words).first.wait_for()


def test_every_section_has_a_url_and_back_returns_to_the_one_before(visit: VisitShop) -> None:
    page = visit("/manage")
    page.get_by_role("link", name="Rules").click()
    page.wait_for_url("**/manage/rules")
    page.get_by_role("link", name="Recipes").click()
    page.wait_for_url("**/manage/recipes")
    page.go_back()
    page.get_by_role("heading", name="No active rules").wait_for()
    page.reload()
    page.get_by_role("heading", name="No active rules").wait_for()
    expect(page.get_by_role("link", name="Rules")).to_have_attribute("aria-current", "page")


def test_what_searches_is_told(visit: VisitShop) -> None:
    page = visit("/manage")
    expect(page.get_by_text("50 products, recipe pixels, index exact")).to_be_visible()


def test_the_management_asks_for_the_admin_key(visit: VisitShop, own_catalog: Path) -> None:
    with Server(own_catalog, LOOKALIKE_ADMIN_KEY="shopkeeper") as server:
        page = visit("/manage", url=server.url)
        expect(page.get_by_role("alert")).to_contain_text("scope 'admin'")
        page.get_by_label("Key").fill("shopkeeper")
        page.get_by_role("button", name="Use this key").click()
        expect(page.get_by_role("link", name="Rules")).to_be_visible()
