"""A shop with prices in several currencies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lookalike import Product, Shop
from web.serving import Server
from web.steps import expect, settled, shown

if TYPE_CHECKING:
    from web.conftest import VisitShop

PRICES = {"EUR": (30, 10), "USD": (20,), "GBP": (15,)}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Server]:
    """A server of four cups in three currencies."""
    file = tmp_path / "world.db"
    with Shop.open(str(file), "pixels") as shop:
        shop.add(
            Product(
                f"{currency}-{price}", f"Cup {currency} {price}", "for tea", price=price, currency=currency
            )
            for currency, prices in PRICES.items()
            for price in prices
        )
    with Server(file) as server:
        yield server


def test_prices_are_filtered_and_sorted_in_one_currency_at_a_time(visit: VisitShop, world: Server) -> None:
    page = visit("/?q=cup&sort=cheap", url=world.url)
    settled(page)
    expect(shown(page)).to_have_text(["Cup EUR 10", "Cup EUR 30", "Cup GBP 15", "Cup USD 20"])
    expect(page.get_by_text("To filter by price, choose one currency.")).to_be_visible()
    expect(page.get_by_label("Lowest price")).to_have_count(0)
    page.get_by_role("checkbox", name="EUR").check()
    settled(page)
    expect(page.get_by_label("Lowest price")).to_have_attribute("placeholder", "10")
    expect(page.get_by_label("Highest price")).to_have_attribute("placeholder", "30")
    expect(shown(page)).to_have_text(["Cup EUR 10", "Cup EUR 30"])


@pytest.mark.parametrize(("id", "price"), [("EUR-10", "€10"), ("USD-20", "$20"), ("GBP-15", "£15")])
def test_a_product_page_shows_the_currency_of_its_price(
    visit: VisitShop, world: Server, id: str, price: str
) -> None:
    page = visit(f"/p/{id}", url=world.url)
    expect(page.locator("main").get_by_text(price, exact=True).first).to_be_visible()
