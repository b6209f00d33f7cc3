"""What is Shopify's own: bulk operations, query costs, tokens that last a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from lookalike.errors import BadDelivery, SourceDenied, SourceError, SourceUnavailable, UsageError
from lookalike.sync.source import Delivery
from lookalike.sync.sources import open_shop
from support.shops.articles import Article, Piece
from support.shops.shopify import ShopifyStub


@pytest.fixture
def stub() -> Iterator[ShopifyStub]:
    with ShopifyStub() as stub:
        yield stub


def many(count: int) -> list[Article]:
    return [Article(id, f"Cup {id}", [Piece(id * 1000, "4.00")]) for id in range(100, 100 + count)]


def test_everything_comes_from_one_bulk_operation(stub: ShopifyStub) -> None:
    for article in many(450):
        stub.put(article)
    pages = list(stub.source().pages(None))
    assert [len(page.products) for page in pages] == [201, 200, 53]
    assert len(stub.bulks) == 1
    # A token, the currency, the start, two looks and the file.
    assert len(stub.asked) == 6


def test_a_bulk_operation_of_another_run_is_waited_for(stub: ShopifyStub) -> None:
    stub.busy = 3
    assert list(stub.source().pages(None))[-1].complete
    assert stub.waited[:3] == [1.0, 2.0, 4.0]


def test_a_bulk_operation_that_never_gets_its_turn_is_given_up(stub: ShopifyStub) -> None:
    stub.busy = 1_000_000
    with pytest.raises(SourceUnavailable, match="busy"):
        list(stub.source().pages(None))


@pytest.mark.parametrize("state", ["FAILED", "CANCELED", "EXPIRED"])
def test_a_bulk_operation_that_fails_yields_no_page(stub: ShopifyStub, state: str) -> None:
    stub.bulk_states, stub.bulk_error = ["RUNNING", state], "INTERNAL_SERVER_ERROR"
    with pytest.raises(SourceUnavailable, match=rf"{state} \(INTERNAL_SERVER_ERROR\)"):
        list(stub.source().pages(None))


def test_a_bulk_operation_without_the_scope_names_it(stub: ShopifyStub) -> None:
    stub.bulk_states, stub.bulk_error = ["FAILED"], "ACCESS_DENIED"
    with pytest.raises(SourceDenied, match="read_products"):
        list(stub.source().pages(None))


def test_a_bulk_operation_that_hangs_is_given_up(stub: ShopifyStub) -> None:
    stub.bulk_states = ["RUNNING"]
    with pytest.raises(SourceUnavailable, match="has not finished"):
        list(stub.source().pages(None))


def test_a_file_that_lacks_its_end_is_not_complete(stub: ShopifyStub) -> None:
    stub.lost_lines = 2
    pages = stub.source().pages(None)
    with pytest.raises(SourceError, match="announced 18 objects and sent 16"):
        list(pages)


def test_changes_wait_until_the_shop_has_restored_its_points(stub: ShopifyStub) -> None:
    source = stub.source()
    cursor = list(source.pages(None))[-1].cursor
    stub.now += timedelta(hours=1)
    for article in many(40):
        stub.put(article)
    stub.points, stub.rate, stub.maximum = 900.0, 50.0, 1000.0
    products = {product.id for page in source.pages(cursor) for product in page.products}
    assert len(products) == 40
    assert stub.throttled == 0
    assert sum(stub.waited) > 60


def test_a_throttled_query_is_asked_again_when_there_are_points(stub: ShopifyStub) -> None:
    stub.points = 0.0
    assert list(stub.source().pages(None))[-1].complete
    assert stub.throttled == 1


def test_points_that_others_use_up_are_given_up_on(stub: ShopifyStub) -> None:
    stub.maximum = 0.0
    stub.points = 0.0
    with pytest.raises(SourceUnavailable, match="throttled 10 tries"):
        list(stub.source().pages(None))


def test_an_item_with_more_variants_than_a_page_is_read_to_its_end(stub: ShopifyStub) -> None:
    pieces = [Piece(5000 + n, "4.00", options={"Size": str(n)}) for n in range(250)]
    stub.put(Article(5, "Ring", pieces, fields={f"field_{n}": str(n) for n in range(70)}))
    source = stub.source()
    alone = source.read(["5"]).products
    assert len(alone) == 250
    assert alone[0].facets["field 69"] == "69"
    whole = [product for page in source.pages(None) for product in page.products if product.group == "5"]
    assert alone == whole


def test_a_granted_token_is_renewed_after_its_day(stub: ShopifyStub) -> None:
    source = stub.source()
    list(source.pages(None))
    stub.expire_tokens()
    assert source.read(["1"]).products


def test_a_wrong_client_secret_is_told(stub: ShopifyStub) -> None:
    stub.environment = {**stub.environment, "LOOKALIKE_SHOPIFY_CLIENT_SECRET": "wrong"}  # type: ignore[misc]
    with pytest.raises(SourceDenied, match="LOOKALIKE_SHOPIFY_CLIENT_SECRET"):
        list(stub.source().pages(None))


def test_the_token_of_an_app_made_in_the_admin_is_used_as_it_is(stub: ShopifyStub) -> None:
    stub.environment = {"LOOKALIKE_SHOPIFY_TOKEN": "shpat_0"}  # type: ignore[misc]
    assert list(stub.source().pages(None))[-1].complete
    assert not any(asked.path.startswith("/admin/oauth") for asked in stub.asked)


def test_a_shop_without_secrets_names_the_variables(stub: ShopifyStub) -> None:
    with pytest.raises(UsageError, match="LOOKALIKE_SHOPIFY_CLIENT_ID and LOOKALIKE_SHOPIFY_CLIENT_SECRET"):
        open_shop("shopify://my-shop.myshopify.com", {})


def test_the_file_is_fetched_without_the_token(stub: ShopifyStub) -> None:
    list(stub.source().pages(None))
    (download,) = [asked for asked in stub.asked if asked.path.startswith("/bulk/")]
    assert "x-shopify-access-token" not in download.headers


@pytest.mark.parametrize("hours", [6, -1])
def test_a_webhook_too_old_or_of_the_future_is_refused(stub: ShopifyStub, hours: int) -> None:
    delivery = stub.delivery("updated", 2)
    stub.now += timedelta(hours=hours)
    with pytest.raises(BadDelivery, match="dated"):
        stub.source().changed_by(delivery)


def test_a_webhook_that_shopify_repeats_for_four_hours_is_taken(stub: ShopifyStub) -> None:
    delivery = stub.delivery("updated", 2)
    stub.now += timedelta(hours=4)
    assert stub.source().changed_by(delivery).items == ("2",)


def test_a_webhook_made_in_the_admin_is_signed_with_the_key_shown_there(stub: ShopifyStub) -> None:
    stub.environment = {**stub.environment, "LOOKALIKE_SHOPIFY_WEBHOOK_SECRET": "shown"}  # type: ignore[misc]
    assert stub.source().changed_by(stub.delivery("updated", 2, secret="shown")).items == ("2",)
    with pytest.raises(BadDelivery):
        stub.source().changed_by(stub.delivery("updated", 2))


def test_a_webhook_about_something_else_names_no_item(stub: ShopifyStub) -> None:
    delivery = stub.delivery("updated", 2)
    other = Delivery({**delivery.headers, "x-shopify-topic": "orders/create"}, delivery.body)
    assert stub.source().changed_by(other).items == ()
