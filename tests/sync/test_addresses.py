"""Addresses of shops: what they say, and that secrets stay out of them."""

from __future__ import annotations

import pytest

from lookalike.errors import UsageError
from lookalike.sync.sources import is_shop, open_shop
from lookalike.sync.sources.address import Address

WOO = {"LOOKALIKE_WOOCOMMERCE_KEY": "ck", "LOOKALIKE_WOOCOMMERCE_SECRET": "cs"}


@pytest.mark.parametrize(
    ("text", "base", "name"),
    [
        ("shopify://my-shop.myshopify.com", "https://my-shop.myshopify.com", "my-shop.myshopify.com"),
        ("woocommerce://Shop.Example/store/", "https://shop.example/store", "shop.example"),
        ("medusa+http://localhost:9000", "http://localhost:9000", "localhost-9000"),
    ],
)
def test_an_address_says_where_the_shop_is(text: str, base: str, name: str) -> None:
    address = Address.parse(text, {})
    assert (address.base, address.name) == (base, name)


def test_only_known_systems_are_shops() -> None:
    assert is_shop("shopify://a.myshopify.com")
    assert is_shop("WooCommerce+http://localhost")
    assert not is_shop("https://shop.example/feed.xml")
    assert not is_shop("products.csv")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("saleor://shop.example", "is not the address of a feed or shop"),
        ("woocommerce://", "names no shop"),
        ("woocommerce://ck:cs@shop.example", "set them in the environment"),
        ("woocommerce+ftp://shop.example", r"write woocommerce or woocommerce\+http"),
        ("woocommerce://shop.example:port", "is not an address"),
        ("woocommerce://shop.example?token=secret", "has no option 'token'"),
    ],
)
def test_an_address_that_cannot_be_is_told(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        open_shop(text, WOO)


def test_two_shops_have_secrets_of_their_own() -> None:
    with pytest.raises(UsageError, match="Set OUTLET_KEY in the environment"):
        open_shop("woocommerce://outlet.example?env=OUTLET", WOO)
    assert open_shop("woocommerce://outlet.example?env=OUTLET", {"OUTLET_KEY": "a", "OUTLET_SECRET": "b"})


def test_an_address_shows_no_secret() -> None:
    assert "ck" not in repr(Address.parse("woocommerce://shop.example", WOO))
