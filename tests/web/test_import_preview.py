"""Manage, Import: nothing is written before the merchant has seen how the feed is understood."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from web.serving import Server
from web.steps import DROP, TRANSFER, expect, violations

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from web.conftest import VisitShop

FEED = """Artikelnr;Bezeichnung;Preis;UVP;Waschart
A-1;Kleid aus Leinen;1.299;"€ 1.499,00";30 °C
A-2;Hemd;49,90;;40 °C
;ohne Nummer;1;;
"""


def choose(page: Page, feed: str) -> None:
    """Choose a feed on the import page."""
    page.get_by_label("Choose feed").set_input_files(
        {"name": "feed.csv", "mimeType": "text/csv", "buffer": feed.encode()}
    )
    page.get_by_text("Nothing is written yet").wait_for()


def test_a_feed_is_shown_as_it_is_understood_and_imported_on_request(
    visit: VisitShop, own_catalog: Path
) -> None:
    with Server(own_catalog) as server:
        page = visit("/manage/import", url=server.url, bypass_csp=True)
        choose(page, FEED)
        expect(page.get_by_label("Field for column Bezeichnung")).to_have_value("title")
        expect(page.get_by_label("Field for column UVP")).to_have_value("former_price")
        expect(page.get_by_text("€1,299")).to_be_visible()
        expect(page.locator("del")).to_have_text("€1,499")
        expect(page.get_by_role("heading", name="1 row cannot be imported")).to_be_visible()
        assert violations(page) == []
        expect(page.get_by_text("50 products, recipe")).to_be_visible()
        page.get_by_role("button", name="Import 2 products").click()
        page.get_by_text("2 added", exact=True).wait_for()
        page.get_by_role("link", name="Search the catalog").click()
        page.goto(f"{server.url}/p/A-1")
        expect(page.get_by_role("heading", name="Kleid aus Leinen", level=1)).to_be_visible()
        expect(page.locator("article del").first).to_have_text("€1,499")


def test_a_column_is_mapped_to_another_field(visit: VisitShop, own_catalog: Path) -> None:
    with Server(own_catalog) as server:
        page = visit("/manage/import", url=server.url)
        choose(page, FEED)
        page.get_by_label("Field for column Waschart").select_option("ignore")
        expect(page.get_by_label("Field for column Waschart")).to_have_value("ignore")
        page.get_by_label("Field for column Bezeichnung").select_option("description")
        expect(page.get_by_text("chosen by you")).to_have_count(2)
        page.get_by_role("button", name="Import 2 products").click()
        page.get_by_text("2 added", exact=True).wait_for()
        page.goto(f"{server.url}/p/A-1")
        expect(page.get_by_text("Kleid aus Leinen")).to_be_visible()
        expect(page.get_by_text("30 °C")).to_have_count(0)


def test_a_feed_can_be_dropped_on_the_page(visit: VisitShop, own_catalog: Path) -> None:
    with Server(own_catalog) as server:
        page = visit("/manage/import", url=server.url)
        page.get_by_label("Choose feed").wait_for(state="attached")
        transfer = page.evaluate_handle(TRANSFER, ["feed.csv", "text/csv", "aWQsdGl0bGUKYSxMYW1wCg=="])
        page.locator(".import").evaluate(
            DROP.replace("(dataTransfer)", "(target, dataTransfer)").replace("document.body", "target"),
            transfer,
        )
        page.get_by_role("button", name="Import 1 product").wait_for()
        page.get_by_role("button", name="Cancel").click()
        page.get_by_text("Nothing is written yet").wait_for(state="hidden")
        expect(page.get_by_text("50 products, recipe")).to_be_visible()


def test_a_whole_import_is_undone_and_the_page_says_what_was_restored(
    visit: VisitShop, own_catalog: Path
) -> None:
    with Server(own_catalog) as server:
        page = visit("/manage/import", url=server.url)
        choose(page, "id,title\nplate-red,Overwritten\nA-1,New\n")
        page.get_by_role("button", name="Import 2 products").click()
        page.get_by_text("1 added", exact=True).wait_for()
        expect(page.get_by_text("Last import: feed.csv (1 added, 1 updated, 0 deleted)")).to_be_visible()
        page.get_by_role("button", name="Undo the last import").click()
        expect(page.get_by_text("The import of feed.csv is undone: 1 deleted, 1 restored.")).to_be_visible()
        expect(page.get_by_text("50 products, recipe")).to_be_visible()
        expect(page.get_by_role("button", name="Undo the last import")).to_have_count(0)
        page.goto(f"{server.url}/p/plate-red")
        expect(page.get_by_role("heading", name="Red Plate", level=1)).to_be_visible()


def test_the_next_feed_with_the_same_columns_is_mapped_as_before(visit: VisitShop, own_catalog: Path) -> None:
    with Server(own_catalog) as server:
        page = visit("/manage/import", url=server.url)
        choose(page, FEED)
        page.get_by_label("Field for column Waschart").select_option("ignore")
        expect(page.get_by_text("chosen by you")).to_have_count(1)
        page.get_by_role("button", name="Import 2 products").click()
        page.get_by_text("2 added", exact=True).wait_for()
        choose(page, FEED)
        expect(page.get_by_label("Field for column Waschart")).to_have_value("ignore")
        expect(page.get_by_text("as in an earlier import")).to_have_count(1)
