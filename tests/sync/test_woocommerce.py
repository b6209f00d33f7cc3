"""What is WooCommerce's own: numbered pages, the bin, the ping that follows a new webhook."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from lookalike.sync.source import Delivery, Notice
from lookalike.sync.sources.signatures import signature_of
from support.shops.articles import Article, Piece
from support.shops.woocommerce import WEBHOOK_SECRET, WooCommerceStub


@pytest.fixture
def stub() -> Iterator[WooCommerceStub]:
    with WooCommerceStub() as stub:
        yield stub


def test_products_deleted_between_two_pages_hide_no_other(stub: WooCommerceStub) -> None:
    for id in range(100, 350):
        stub.put(Article(id, f"Cup {id}", [Piece(id, "4.00")]))
    pages = stub.source().pages(None)
    seen = {product.id for product in next(pages).products}
    for id in range(100, 150):
        stub.remove(id)
    seen |= {product.id for page in pages for product in page.products}
    assert {str(id) for id in range(150, 350)} <= seen


def test_a_product_deleted_while_its_variations_are_read_is_gone(stub: WooCommerceStub) -> None:
    serve = stub.serve

    def deleting(asked):  # type: ignore[no-untyped-def]
        if asked.path.endswith("/1/variations") and 1 in stub.articles:
            stub.remove(1)
        return serve(asked)

    stub.serve = deleting  # type: ignore[method-assign]
    pages = list(stub.source().pages(None))
    assert {product.group for page in pages for product in page.products} == {"2", "3"}
    assert pages[-1].complete


def test_of_a_variation_the_product_is_read(stub: WooCommerceStub) -> None:
    delivery = stub.delivery("updated", 1)
    variation = json.dumps({"id": 12, "parent_id": 1}).encode()
    signed = {**delivery.headers, "x-wc-webhook-signature": signature_of(WEBHOOK_SECRET.encode(), variation)}
    assert stub.source().changed_by(Delivery(signed, variation)).items == ("1",)


def test_a_variation_of_which_nothing_but_its_id_is_left_is_gone(stub: WooCommerceStub) -> None:
    page = stub.source().read(["12"])
    assert (page.products, page.removed) == ([], ["12"])


def test_the_ping_of_a_new_webhook_is_answered(stub: WooCommerceStub) -> None:
    assert stub.source().changed_by(Delivery({}, b"webhook_id=7")) == Notice("", ())


def test_a_category_with_an_ampersand_is_written_as_shoppers_read_it(stub: WooCommerceStub) -> None:
    stub.articles[2].category = ("Home", "Bed &amp; bath")
    products = [product for page in stub.source().pages(None) for product in page.products]
    (box,) = [product for product in products if product.id == "2"]
    assert box.facets["category"] == ("Home", "Home > Bed & bath")


def test_fields_that_begin_with_an_underscore_stay_the_shop_s_own(stub: WooCommerceStub) -> None:
    products = [product for page in stub.source().pages(None) for product in page.products]
    assert not any(name.startswith("_") for product in products for name in product.facets)
