"""Webhooks of shop systems over HTTP: admitted by their signatures, read soon after."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from lookalike import Shop
from lookalike.catalog.workers import embed
from lookalike.media.fetch import Fetcher
from lookalike.settings import Settings
from lookalike.sync.sources import client as shop_client
from support.shops.articles import Article, Piece
from support.shops.medusa import MedusaStub
from support.shops.shopify import ShopifyStub
from support.shops.stub import ShopStub
from support.shops.woocommerce import WooCommerceStub


@pytest.fixture(params=[ShopifyStub, WooCommerceStub, MedusaStub], ids=lambda kind: kind.scheme)
def stub(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ShopStub]:
    """A shop whose clock is this machine's and whose secrets are in the environment."""
    monkeypatch.setattr(shop_client, "settings", lambda: Settings(fetch_private=True))
    monkeypatch.setattr(embed, "fetch", Fetcher(private=True).fetch)
    with request.param() as stub:
        for name, secret in stub.environment.items():
            monkeypatch.setenv(name, secret)
        stub.now = datetime.now(UTC)
        yield stub


@pytest.fixture
def followed(shop: Shop, stub: ShopStub) -> str:
    """The name of the shop as a source of the catalog."""
    source = stub.source()
    shop.catalog.database.sources.put(source.name, stub.address)
    return source.name


def post(client: TestClient, name: str, stub: ShopStub, event: str, article: int, secret: str = ""):
    delivery = stub.delivery(event, article, secret=secret)
    client.cookies.clear()
    return client.post(f"/v1/sources/{name}/webhooks", content=delivery.body, headers=dict(delivery.headers))


def settled(client: TestClient) -> None:
    app = client.app
    assert isinstance(app, FastAPI)
    app.state.parts.webhooks.wait()


def test_a_webhook_needs_no_key_and_its_product_is_found_after_it(
    serve: Callable[..., TestClient], stub: ShopStub, followed: str
) -> None:
    client = serve(admin_key="chief", search_key="all")
    stub.put(Article(4, "Walnut tray", [Piece(41, "30.00")]))
    answer = post(client, followed, stub, "created", 4)
    assert (answer.status_code, answer.json()) == (200, {"items": 1, "known": False})
    settled(client)
    found = client.get("/v1/search?text=walnut+tray", headers={"X-API-Key": "all"}).json()
    id = stub.product_id(4, 41)
    assert found["hits"][0]["id"] == id
    stub.remove(4)
    assert post(client, followed, stub, "deleted", 4).status_code == 200
    settled(client)
    assert client.get(f"/v1/products/{id}", headers={"X-API-Key": "all"}).status_code == 404


def test_a_webhook_with_a_wrong_signature_is_refused(
    client: TestClient, stub: ShopStub, followed: str
) -> None:
    answer = post(client, followed, stub, "updated", 2, secret="guessed")
    assert answer.status_code == 401
    assert "signature" in answer.json()["detail"]


def test_a_webhook_that_comes_again_is_answered_and_not_read(
    shop: Shop, client: TestClient, stub: ShopStub, followed: str
) -> None:
    delivery = stub.delivery("updated", 2)
    send = {"content": delivery.body, "headers": dict(delivery.headers)}
    assert client.post(f"/v1/sources/{followed}/webhooks", **send).json()["known"] is False
    settled(client)
    asked = len(stub.asked)
    answer = client.post(f"/v1/sources/{followed}/webhooks", **send)
    assert (answer.status_code, answer.json()["known"]) == (200, True)
    settled(client)
    assert len(stub.asked) == asked


def test_a_webhook_of_a_source_that_is_not_followed_is_not_found(client: TestClient, stub: ShopStub) -> None:
    answer = post(client, "other.example", stub, "updated", 2)
    assert answer.status_code == 404
    assert "follows no source 'other.example'" in answer.json()["detail"]


def test_a_source_is_listed_with_what_is_to_be_read_and_removed(
    shop: Shop, client: TestClient, stub: ShopStub, followed: str
) -> None:
    shop.catalog.database.sources.note(followed, "before", ["1", "2"])
    (source,) = client.get("/v1/sources").json()
    assert (source["name"], source["address"], source["pending"]) == (followed, stub.address, 2)
    assert not any(secret in str(source) for secret in stub.environment.values())
    assert client.delete(f"/v1/sources/{followed}").status_code == 204
    assert client.get("/v1/sources").json() == []
    assert client.delete(f"/v1/sources/{followed}").status_code == 404
    assert post(client, followed, stub, "updated", 2).status_code == 404


def test_what_was_noted_before_a_server_begins_is_read_by_it(
    shop: Shop, serve: Callable[..., TestClient], stub: ShopStub, followed: str
) -> None:
    shop.catalog.database.sources.note(followed, "before", [stub.item_id(2)])
    with serve() as client:
        settled(client)
        assert shop.product(stub.product_id(2, 21)).title == "Oak box"
