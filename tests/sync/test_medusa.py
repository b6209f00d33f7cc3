"""What is Medusa's own: prices of a region, sets of things, webhooks by a subscriber."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from lookalike.errors import BadDelivery, UsageError
from lookalike.sync.sources import open_shop
from support.shops.articles import Article, Piece
from support.shops.medusa import MedusaStub


@pytest.fixture
def stub() -> Iterator[MedusaStub]:
    with MedusaStub() as stub:
        yield stub


def test_without_a_region_prices_are_those_that_hold_for_everybody(stub: MedusaStub) -> None:
    stub.options = ""
    products = {product.id: product for page in stub.source().pages(None) for product in page.products}
    box = products["variant_21"]
    assert (box.price, box.former_price, box.currency) == (25.0, None, "EUR")


def test_the_currency_can_be_chosen(stub: MedusaStub) -> None:
    stub.options = "?currency=USD"
    products = {product.id: product for page in stub.source().pages(None) for product in page.products}
    assert (products["variant_21"].price, products["variant_21"].currency) == (3.0, "USD")


def test_a_medusa_too_old_to_tell_what_is_deleted_tells_what_changed(stub: MedusaStub) -> None:
    stub.tells_deleted = False
    cursor = list(stub.source().pages(None))[-1].cursor
    stub.now += timedelta(hours=1)
    stub.reprice(1, "9.00")
    stub.remove(3)
    pages = list(stub.source().pages(cursor))
    assert {group for page in pages for group in page.groups} == {"prod_1"}


def test_products_deleted_between_two_pages_hide_no_other(stub: MedusaStub) -> None:
    for id in range(100, 250):
        stub.put(Article(id, f"Cup {id}", [Piece(id, "4.00")]))
    pages = stub.source().pages(None)
    seen = {product.group for product in next(pages).products}
    for id in range(100, 130):
        stub.remove(id)
    seen |= {product.group for page in pages for product in page.products}
    assert {f"prod_{id}" for id in range(130, 250)} <= seen


@pytest.mark.parametrize("minutes", [6, -6])
def test_a_webhook_too_old_or_of_the_future_is_refused(stub: MedusaStub, minutes: int) -> None:
    delivery = stub.delivery("updated", 2)
    stub.now += timedelta(minutes=minutes)
    with pytest.raises(BadDelivery, match="dated"):
        stub.source().changed_by(delivery)


def test_a_webhook_with_another_time_than_the_one_signed_is_refused(stub: MedusaStub) -> None:
    delivery = stub.delivery("updated", 2)
    stub.now += timedelta(minutes=6)
    fresh = {**delivery.headers, "webhook-timestamp": str(int(stub.now.timestamp()))}
    with pytest.raises(BadDelivery, match="signature"):
        stub.source().changed_by(type(delivery)(fresh, delivery.body))


def test_an_unknown_option_of_an_address_is_told() -> None:
    environment = MedusaStub.environment
    with pytest.raises(UsageError, match=r"no option 'regoin'\. It has: currency, env, region, storefront"):
        open_shop("medusa://shop.example?regoin=reg_1", environment)
