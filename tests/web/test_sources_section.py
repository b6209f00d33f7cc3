"""Manage > Sources: follow a feed, see its runs and rejected rows, and stop."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lookalike import Shop
from support.shop_host import shop_host
from web.serving import Server
from web.steps import expect, violations

if TYPE_CHECKING:
    from web.conftest import VisitShop

FEED = "id,title,price\nlamp-1,Brass lamp,10 EUR\nchair-1,Oak chair,call us\n"


def test_a_feed_is_followed_read_and_forgotten(visit: VisitShop, tmp_path: Path) -> None:
    Shop.open(tmp_path / "shop.db", "pixels").close()
    with shop_host() as host, Server(tmp_path / "shop.db", LOOKALIKE_FETCH_PRIVATE="1") as server:
        address = host.put("/feed.csv", FEED)
        page = visit("/manage/sources", url=server.url)
        expect(page.get_by_text("This catalog follows no source yet.")).to_be_visible()
        page.get_by_label("Address").fill(address)
        page.get_by_label("Read it").select_option("Every hour")
        page.get_by_label("Products that one run may remove").select_option("At most 50%")
        page.get_by_role("button", name="Follow", exact=True).click()
        expect(page.get_by_role("heading", name=address)).to_be_visible()
        expect(page.get_by_text("2 added", exact=False).first).to_be_visible()
        page.get_by_text("Runs and rejected rows").click()
        expect(page.get_by_text("'call us' is not a price", exact=False).first).to_be_visible()
        page.get_by_role("button", name=f"Stop following {address}").click()
        page.get_by_role("button", name="Stop following. The products stay").click()
        expect(page.get_by_text("This catalog follows no source yet.")).to_be_visible()
        page.goto(f"{server.url}/p/lamp-1")
        expect(page.get_by_role("heading", name="Brass lamp")).to_be_visible()


def test_a_feed_that_lost_most_of_its_products_removes_none_until_the_limit_is_raised(
    visit: VisitShop, own_catalog: Path
) -> None:
    rows = [f"lamp-{number},Lamp,10 EUR" for number in range(30)]
    with shop_host() as host, Server(own_catalog, LOOKALIKE_FETCH_PRIVATE="1") as server:
        page = visit("/manage/sources", url=server.url)
        address = host.put("/feed.csv", "\n".join(["id,title,price", *rows]))
        page.get_by_label("Address").fill(address)
        page.get_by_role("button", name="Follow", exact=True).click()
        expect(page.get_by_text("30 added", exact=False).first).to_be_visible()
        host.put("/feed.csv", "\n".join(["id,title,price", *rows[:5]]))
        page.get_by_role("button", name=f"Read now {address}").click()
        expect(page.get_by_text("lacks 25 of its 30 products", exact=False).first).to_be_visible()
        page.get_by_label("Address").fill(address)
        page.get_by_label("Products that one run may remove").select_option("Any number")
        page.get_by_role("button", name="Follow", exact=True).click()
        expect(page.get_by_text("25 deleted", exact=False).first).to_be_visible()


def test_an_address_that_is_none_says_what_to_write(visit: VisitShop, own_catalog: Path) -> None:
    with Server(own_catalog) as server:
        page = visit("/manage/sources", url=server.url)
        page.get_by_label("Address").fill("my shop")
        page.get_by_role("button", name="Follow", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("https://")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_the_sources_fit_a_small_screen(visit: VisitShop, scheme: str) -> None:
    small = {"width": 320, "height": 640}
    page = visit("/manage/sources", color_scheme=scheme, viewport=small, bypass_csp=True)
    page.get_by_role("button", name="Follow", exact=True).wait_for()
    assert violations(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 320
