"""The shop systems, each behind the same stub."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lookalike.settings import settings
from support.shops.medusa import MedusaStub
from support.shops.shopify import ShopifyStub
from support.shops.stub import ShopStub
from support.shops.woocommerce import WooCommerceStub


@pytest.fixture(params=[ShopifyStub, WooCommerceStub, MedusaStub], ids=lambda kind: kind.scheme)
def stub(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ShopStub]:
    """Each of the shop systems, with three articles; their photos may be fetched from this machine."""
    monkeypatch.setenv("LOOKALIKE_FETCH_PRIVATE", "1")
    settings.cache_clear()
    with request.param() as stub:
        yield stub
    settings.cache_clear()
