"""The contract of shop systems, the same for each of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lookalike.errors import BadDelivery, SourceDenied, SourceError, SourceUnavailable
from lookalike.sync.source import Delivery, Page, Source
from lookalike.types import Product
from support.shops.articles import Article, Piece
from support.shops.stub import ShopStub


def read_all(source: Source, cursor: str | None = None) -> list[Page]:
    return list(source.pages(cursor))


def products_in(pages: list[Page]) -> dict[str, Product]:
    return {product.id: product for page in pages for product in page.products}


def groups_in(pages: list[Page]) -> set[str]:
    return {group for page in pages for group in page.groups}


def test_everything_is_read_page_by_page_and_the_last_page_is_complete(stub: ShopStub) -> None:
    pages = read_all(stub.source())
    wanted = {stub.product_id(article, piece) for article, piece in ((1, 11), (1, 12), (2, 21), (3, 31))}
    assert set(products_in(pages)) == wanted
    assert groups_in(pages) == {stub.item_id(id) for id in (1, 2, 3)}
    assert [page.complete for page in pages] == [False] * (len(pages) - 1) + [True]
    assert pages[-1].cursor is not None


def test_a_variant_is_a_product_of_its_item_s_group(stub: ShopStub) -> None:
    products = products_in(read_all(stub.source()))
    red, green = (products[stub.product_id(1, piece)] for piece in (11, 12))
    assert red.group == green.group == stub.item_id(1)
    assert (red.title, red.price, red.currency, red.stock) == ("Porcelain plate", 12.5, "EUR", 5)
    assert (green.price, green.stock) == (13.5, 3)
    assert (red.facets["colour"], green.facets["colour"]) == ("Red", "Green")
    assert red.description == "Fired twice.\n\nDishwasher safe & light."
    assert red.facets["sku"] == "SKU-11"
    assert red.facets["brand"] == "Acme"
    assert red.facets["material"] == "porcelain"
    assert red.link.startswith("https://shop.example/product")


def test_a_product_carries_its_photos(stub: ShopStub) -> None:
    products = products_in(read_all(stub.source()))
    box = products[stub.product_id(2, 21)]
    assert [photo.source for photo in box.photos] == [stub.photo("red")]
    assert products[stub.product_id(1, 12)].photos[0].source in (stub.photo("green"), stub.photo("red"))


def test_the_price_before_a_sale_is_the_former_price(stub: ShopStub) -> None:
    products = products_in(read_all(stub.source()))
    box = products[stub.product_id(2, 21)]
    assert (box.price, box.former_price) == (20.0, 25.0)
    assert products[stub.product_id(1, 11)].former_price is None


def test_stock_that_is_not_counted_is_unknown_and_none_left_is_zero(stub: ShopStub) -> None:
    stub.articles[2].pieces[0].tracked = False
    products = products_in(read_all(stub.source()))
    assert products[stub.product_id(3, 31)].stock == 0
    assert products[stub.product_id(2, 21)].stock is None


def test_categories_are_paths(stub: ShopStub) -> None:
    products = products_in(read_all(stub.source()))
    facets = products[stub.product_id(2, 21)].facets
    assert "Home > Storage" in str(facets)


def test_a_draft_is_an_item_without_products(stub: ShopStub) -> None:
    stub.articles[2].published = False
    pages = read_all(stub.source())
    assert stub.product_id(2, 21) not in products_in(pages)
    assert stub.item_id(2) in groups_in(pages)


def test_a_shop_without_products_is_complete(stub: ShopStub) -> None:
    stub.articles.clear()
    pages = read_all(stub.source())
    assert products_in(pages) == {}
    assert pages[-1].complete


def test_a_later_read_tells_only_what_changed(stub: ShopStub) -> None:
    cursor = read_all(stub.source())[-1].cursor
    stub.now += timedelta(hours=1)
    stub.reprice(2, "19.00")
    stub.put(Article(4, "Pine box", [Piece(41, "9.00")]))
    stub.remove(3)
    stub.now += timedelta(minutes=10)
    pages = read_all(stub.source(), cursor)
    products = products_in(pages)
    assert {id: product.price for id, product in products.items()} == {
        stub.product_id(2, 21): 19.0,
        stub.product_id(4, 41): 9.0,
    }
    assert groups_in(pages) == {stub.item_id(id) for id in (2, 3, 4)}
    assert not any(page.complete for page in pages)
    stub.now += timedelta(hours=1)
    assert groups_in(read_all(stub.source(), pages[-1].cursor)) == set()


def test_what_changes_while_a_read_runs_is_told_by_the_next(stub: ShopStub) -> None:
    pages = stub.source().pages(None)
    first = next(pages)
    stub.now += timedelta(seconds=2)
    stub.reprice(1, "11.00")
    cursor = [first, *pages][-1].cursor
    stub.now += timedelta(hours=1)
    assert products_in(read_all(stub.source(), cursor))[stub.product_id(1, 11)].price == 11.0


@pytest.mark.parametrize("cursor", ["2025-01-01T00:00:00+00:00", "no moment at all", ""])
def test_a_cursor_that_the_shop_no_longer_knows_reads_everything(stub: ShopStub, cursor: str) -> None:
    pages = read_all(stub.source(), cursor)
    assert pages[-1].complete
    assert len(products_in(pages)) == 4


def test_items_are_read_by_their_ids(stub: ShopStub) -> None:
    page = stub.source().read([stub.item_id(1), stub.item_id(99), stub.item_id(2)])
    assert [product.id for product in page.products] == [
        stub.product_id(1, 11), stub.product_id(1, 12), stub.product_id(2, 21)
    ]  # fmt: skip
    assert page.groups == {stub.item_id(id) for id in (1, 2, 99)}


def test_an_item_read_alone_is_the_one_read_with_all(stub: ShopStub) -> None:
    whole = products_in(read_all(stub.source()))
    page = stub.source().read([stub.item_id(id) for id in (1, 2, 3)])
    assert {product.id: product for product in page.products} == whole


def test_a_price_of_words_leaves_the_product_without_one_and_is_reported(stub: ShopStub) -> None:
    stub.reprice(3, "call us")
    pages = read_all(stub.source())
    assert products_in(pages)[stub.product_id(3, 31)].price is None
    (problem,) = [problem for page in pages for problem in page.problems]
    assert problem.id == stub.product_id(3, 31)
    assert "'call us' is not a price" in problem.reason


# Trouble


def test_a_shop_that_stumbles_is_asked_again_and_the_wait_is_shown(
    stub: ShopStub, caplog: pytest.LogCaptureFixture
) -> None:
    stub.fault(503, times=2)
    assert len(products_in(read_all(stub.source()))) == 4
    assert stub.waited[:2] == [1.0, 2.0]
    assert "the shop answered 503. Trying again in 2 s." in caplog.text


def test_a_shop_that_wants_to_be_left_alone_is(stub: ShopStub) -> None:
    stub.fault(429, Retry_After="17")
    assert len(products_in(read_all(stub.source()))) == 4
    assert stub.waited[0] == 17.0


def test_a_shop_that_wants_an_hour_of_rest_is_not_waited_for(stub: ShopStub) -> None:
    stub.fault(429, Retry_After="3600")
    with pytest.raises(SourceUnavailable, match="takes no requests for 3600 s"):
        read_all(stub.source())
    assert sum(stub.waited) < 60


def test_a_shop_that_is_down_for_an_hour_is_told_after_some_tries(stub: ShopStub) -> None:
    stub.down = True
    with pytest.raises(
        SourceUnavailable, match=r"did not answer in 8 tries .*answered 500.* Nothing was removed"
    ):
        read_all(stub.source())
    assert sum(stub.waited) < 300


def test_a_revoked_token_is_told_at_once(stub: ShopStub) -> None:
    stub.source().read([stub.item_id(1)])
    stub.revoked = True
    with pytest.raises(SourceDenied, match="token"):
        read_all(stub.source())
    assert stub.waited == []


def test_a_page_of_html_in_place_of_an_answer_is_told(stub: ShopStub) -> None:
    stub.fault(200, raw=b"<html><title>Under maintenance</title></html>")
    with pytest.raises(SourceError, match="something other than JSON"):
        read_all(stub.source())


def test_no_secret_is_in_an_error(stub: ShopStub) -> None:
    stub.revoked = True
    with pytest.raises(SourceError) as failure:
        read_all(stub.source())
    assert not any(secret in str(failure.value) for secret in stub.environment.values())


# Webhooks


@pytest.mark.parametrize("event", ["created", "updated", "deleted"])
def test_a_webhook_names_the_item(stub: ShopStub, event: str) -> None:
    assert stub.source().changed_by(stub.delivery(event, 2)).items == (stub.item_id(2),)


def test_a_webhook_signed_with_another_secret_is_refused(stub: ShopStub) -> None:
    with pytest.raises(BadDelivery, match="signature"):
        stub.source().changed_by(stub.delivery("updated", 2, secret="guessed"))


def test_a_webhook_without_a_signature_is_refused(stub: ShopStub) -> None:
    with pytest.raises(BadDelivery, match="signature"):
        stub.source().changed_by(Delivery({}, stub.delivery("updated", 2).body))


def test_a_webhook_whose_body_was_changed_is_refused(stub: ShopStub) -> None:
    genuine = stub.delivery("updated", 2)
    with pytest.raises(BadDelivery, match="signature"):
        stub.source().changed_by(Delivery(genuine.headers, genuine.body.replace(b"2", b"3")))


def test_a_webhook_sent_again_is_the_same_notice_and_another_is_not(stub: ShopStub) -> None:
    source, first = stub.source(), stub.delivery("updated", 2)
    assert source.changed_by(first).id == source.changed_by(first).id
    # In the same second.
    assert source.changed_by(stub.delivery("updated", 1)).id != source.changed_by(first).id
