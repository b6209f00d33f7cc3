"""A shop system over a real server, from empty to full; then webhooks change what a search finds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from lookalike import Shop
from lookalike.settings import settings
from support.shops.articles import Article, Piece
from support.shops.medusa import MedusaStub
from support.shops.shopify import ShopifyStub
from support.shops.stub import ShopStub
from support.shops.woocommerce import WooCommerceStub

ADMIN = {"X-API-Key": "chief"}
MOST_SECONDS = 60.0


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with Shop.open(str(tmp_path / "shop.db"), "pixels") as shop:
        yield shop


@pytest.fixture(params=[ShopifyStub, WooCommerceStub, MedusaStub], ids=lambda kind: kind.scheme)
def stub(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ShopStub]:
    """A shop whose clock is this machine's and whose secrets are in the environment."""
    monkeypatch.setenv("LOOKALIKE_FETCH_PRIVATE", "1")
    for name, secret in request.param.environment.items():
        monkeypatch.setenv(name, secret)
    settings.cache_clear()
    with request.param() as stub:
        stub.now = datetime.now(UTC)
        if isinstance(stub, ShopifyStub):
            # Done at once, so that nobody waits.
            stub.bulk_states = ["COMPLETED"]
        yield stub
    settings.cache_clear()


class Client:
    """What a shop, its administrator and its shoppers do over HTTP."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._http = httpx2.Client(base_url=f"http://{address[0]}:{address[1]}", timeout=MOST_SECONDS)

    def follow(self, address: str) -> str:
        """Follow a source, wait for its first run, and return its name."""
        followed = self._http.post("/v1/sources", json={"address": address, "every": "1h"}, headers=ADMIN)
        assert followed.status_code == 201, followed.text
        self._wait(lambda source: source["latest"] and not source["running"])
        return followed.json()["name"]

    def deliver(self, name: str, stub: ShopStub, event: str, article: int) -> None:
        """Send a webhook, and wait until the items it names have been read."""
        delivery = stub.delivery(event, article)
        url = f"/v1/sources/{name}/webhooks"
        answer = self._http.post(url, content=delivery.body, headers=dict(delivery.headers))
        assert answer.json() == {"items": 1, "known": False}
        self._wait(lambda source: source["pending"] == 0)

    def run(self, name: str) -> dict[str, Any]:
        """The latest run of a source."""
        return self._http.get(f"/v1/sources/{name}/runs", headers=ADMIN).json()[0]

    def found(self, words: str) -> dict[str, float | None]:
        """The ids and prices of what a search finds by all its words."""
        hits = self._http.get("/v1/search", params={"text": words, "grouped": False}).json()["hits"]
        return {hit["id"]: hit["price"] for hit in hits if hit["named"]}

    def _wait(self, ready: Callable[[dict[str, Any]], object]) -> None:
        until = time.monotonic() + MOST_SECONDS
        while time.monotonic() < until:
            (source,) = self._http.get("/v1/sources", headers=ADMIN).json()
            if ready(source):
                return
        raise AssertionError(f"The source was not read: {source}")


def test_a_shop_is_followed_and_its_webhooks_change_what_a_search_finds(
    listen: Callable[..., tuple[str, int]], stub: ShopStub
) -> None:
    client = Client(listen(admin_key="chief"))
    assert client.found("porcelain plate") == {}
    name = client.follow(stub.address)
    assert (client.run(name)["outcome"], client.run(name)["added"]) == ("done", 4)
    assert client.found("porcelain plate") == {stub.product_id(1, 11): 12.5, stub.product_id(1, 12): 13.5}

    stub.reprice(2, "17.00")
    client.deliver(name, stub, "updated", 2)
    assert client.found("oak box") == {stub.product_id(2, 21): 17.0}

    stub.put(Article(4, "Walnut tray", [Piece(41, "30.00")]))
    client.deliver(name, stub, "created", 4)
    assert client.found("walnut tray") == {stub.product_id(4, 41): 30.0}

    stub.remove(4)
    client.deliver(name, stub, "deleted", 4)
    assert client.found("walnut tray") == {}
