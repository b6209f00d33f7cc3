"""The shop systems, each behind the same stub."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.shops.medusa import MedusaStub
from support.shops.shopify import ShopifyStub
from support.shops.stub import ShopStub
from support.shops.woocommerce import WooCommerceStub


@pytest.fixture(params=[ShopifyStub, WooCommerceStub, MedusaStub], ids=lambda kind: kind.scheme)
def stub(request: pytest.FixtureRequest) -> Iterator[ShopStub]:
    """Each of the shop systems, with three articles."""
    with request.param() as stub:
        yield stub
