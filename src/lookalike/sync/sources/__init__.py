"""The kinds of sources: one module for each shop system, and feeds by URL."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from lookalike.errors import UsageError
from lookalike.sync.source import Source
from lookalike.sync.sources.address import Address
from lookalike.sync.sources.client import ShopClient
from lookalike.sync.sources.feed import FeedSource
from lookalike.sync.sources.medusa import MedusaSource
from lookalike.sync.sources.shopify.source import ShopifySource
from lookalike.sync.sources.woocommerce import WooCommerceSource

# To add a system, add a line: its scheme and its class.
SYSTEMS: Mapping[str, Callable[[Address, ShopClient], Source]] = {
    "shopify": ShopifySource,
    "woocommerce": WooCommerceSource,
    "medusa": MedusaSource,
}


def is_shop(address: str) -> bool:
    """Whether an address is that of a shop system, such as shopify://my-shop.myshopify.com."""
    return _system(address) in SYSTEMS


def open_source(address: str) -> Source:
    """The feed or shop system at an address.

    Raises UsageError for any other address, and if a secret is missing.
    """
    scheme = address.partition("://")[0].casefold()
    return FeedSource(address) if scheme in ("http", "https") else open_shop(address)


def open_shop(
    address: str, environment: Mapping[str, str] = os.environ, client: ShopClient | None = None
) -> Source:
    """The shop at an address; its secrets are read from the environment.

    Raises UsageError for an address of no known system, and if a secret is missing.
    """
    system = _system(address)
    if system not in SYSTEMS:
        raise UsageError(
            f"'{address}' is not the address of a feed or shop. Write a feed's URL, such as "
            "https://shop.example/feed.xml, or a shop's address, such as shopify://my-shop.myshopify.com "
            f"(also {' and '.join(f'{system}://' for system in sorted(SYSTEMS) if system != 'shopify')})."
        )
    parsed = Address.parse(address, environment)
    return SYSTEMS[system](parsed, client or ShopClient(parsed.host))


def _system(address: str) -> str:
    return address.partition("://")[0].casefold().partition("+")[0]
