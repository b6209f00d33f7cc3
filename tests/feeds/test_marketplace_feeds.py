"""Feeds by the field names of OpenAI (ACP), Facebook and Shopify, with every field asserted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lookalike.feeds import read_feed
from lookalike.types import Product

SHOPIFY = {
    "products": [
        {
            "id": 11,
            "title": "Shirt",
            "handle": "shirt",
            "body_html": "<p>Soft &amp; warm</p>",
            "vendor": "Acme",
            "product_type": "Shirts",
            "tags": "cotton, summer",
            "status": "active",
            "created_at": "2026-01-01",
            "options": [{"name": "Size", "values": ["S", "M"]}],
            "images": [{"id": 1, "src": "https://cdn.x/s.jpg"}, {"id": 2, "src": "https://cdn.x/m.jpg"}],
            "variants": [
                {
                    "id": 111,
                    "title": "S",
                    "option1": "S",
                    "sku": "SH-S",
                    "price": "20.00",
                    "compare_at_price": "25.00",
                    "available": True,
                    "grams": 200,
                },
                {
                    "id": 112,
                    "title": "M",
                    "option1": "M",
                    "sku": "SH-M",
                    "price": "20.00",
                    "compare_at_price": None,
                    "available": False,
                    "featured_image": {"src": "https://cdn.x/m.jpg"},
                },
            ],
        },
        {"id": 12, "title": "Draft", "status": "draft", "variants": [{"id": 121, "price": "1"}]},
    ]
}
ACP = {
    "id": "P1",
    "title": "Trail shoe",
    "description": {"plain": "Waterproof."},
    "url": "https://shop.x/p1",
    "media": [
        {"type": "image", "url": "https://shop.x/p1.jpg"},
        {"type": "video", "url": "https://shop.x/v"},
    ],
    "variants": [
        {
            "id": "P1-42",
            "title": "Trail shoe 42",
            "price": {"amount": 7999, "currency": "USD"},
            "list_price": {"amount": 9999, "currency": "USD"},
            "availability": {"available": False, "status": "out_of_stock"},
            "variant_options": [{"name": "Size", "value": "42"}],
        },
        {"id": "P1-43", "title": "Trail shoe 43", "price": {"amount": 8000, "currency": "JPY"}},
    ],
}
OPENAI = {
    "item_id": "SKU1",
    "title": "Air Max",
    "description": "Classic",
    "url": "https://shop.x/sku1",
    "image_url": "https://shop.x/1.jpg",
    "additional_image_urls": "https://shop.x/2.jpg,https://shop.x/3.jpg",
    "price": "129.99 USD",
    "sale_price": "99.99 USD",
    "availability": "in_stock",
    "inventory_quantity": 7,
    "group_id": "AM",
    "brand": "Nike",
    "product_category": "Apparel > Shoes",
    "is_eligible_search": True,
}
FACEBOOK = """id,title,description,availability,price,link,image_link,brand,quantity_to_sell_on_facebook,\
sale_price,item_group_id,image[0].url,image[1].url
F1,Bag,Large,in stock,50.00 EUR,https://shop.x/f1,https://shop.x/f1.jpg,Acme,4,40.00 EUR,BAG,\
https://shop.x/f2.jpg,https://shop.x/f3.jpg
"""


def products(tmp_path: Path, text: str) -> list[Product]:
    (tmp_path / "feed").write_text(text)
    found = list(read_feed(tmp_path / "feed"))
    assert [row.problem for row in found if row.problem] == []
    return [row.product for row in found if row.product]


def photos(product: Product) -> list[str]:
    return [photo.source for photo in product.photos]


def test_the_products_of_a_shopify_shop(tmp_path: Path) -> None:
    small, medium = products(tmp_path, json.dumps(SHOPIFY))
    assert (small.id, small.title, small.description, small.group) == ("111", "Shirt", "Soft & warm", "11")
    assert (small.price, small.former_price, small.stock) == (20.0, 25.0, None)
    assert (medium.id, medium.price, medium.former_price, medium.stock) == ("112", 20.0, None, 0)
    assert photos(small) == ["https://cdn.x/s.jpg", "https://cdn.x/m.jpg"]
    assert photos(medium) == ["https://cdn.x/m.jpg", "https://cdn.x/s.jpg"]
    assert small.facets == {
        "handle": "shirt",
        "vendor": "Acme",
        "product_type": "Shirts",
        "tags": ("cotton", "summer"),
        "sku": "SH-S",
        "size": "S",
    }


@pytest.mark.parametrize("text", [json.dumps(ACP), json.dumps({"products": [ACP]}, indent=1)])
def test_the_products_of_the_agentic_commerce_protocol(tmp_path: Path, text: str) -> None:
    small, large = products(tmp_path, text)
    assert (small.id, small.title, small.group) == ("P1-42", "Trail shoe", "P1")
    assert (small.description, small.link) == ("Waterproof.", "https://shop.x/p1")
    assert (small.price, small.former_price, small.currency, small.stock) == (79.99, 99.99, "USD", 0)
    assert (large.price, large.currency, large.stock) == (8000.0, "JPY", None)
    assert photos(small) == ["https://shop.x/p1.jpg"]
    assert small.facets["size"] == "42"


def test_a_file_for_openai(tmp_path: Path) -> None:
    (shoe,) = products(tmp_path, json.dumps(OPENAI) + "\n")
    assert (shoe.id, shoe.title, shoe.group, shoe.link) == ("SKU1", "Air Max", "AM", "https://shop.x/sku1")
    assert (shoe.price, shoe.former_price, shoe.currency, shoe.stock) == (99.99, 129.99, "USD", 7)
    assert photos(shoe) == ["https://shop.x/1.jpg", "https://shop.x/2.jpg", "https://shop.x/3.jpg"]
    assert shoe.facets["product_category"] == ("Apparel", "Apparel > Shoes")


def test_a_catalog_for_facebook(tmp_path: Path) -> None:
    (bag,) = products(tmp_path, FACEBOOK)
    assert (bag.id, bag.group, bag.stock) == ("F1", "BAG", 4)
    assert (bag.price, bag.former_price, bag.currency) == (40.0, 50.0, "EUR")
    assert photos(bag) == ["https://shop.x/f1.jpg", "https://shop.x/f2.jpg", "https://shop.x/f3.jpg"]


def test_a_price_that_is_none_costs_the_price_and_not_the_product(tmp_path: Path) -> None:
    (tmp_path / "feed.csv").write_text("id,price\n1,call us\n2,12 QQQ\n3,12 EUR\n")
    called, unknown, priced = read_feed(tmp_path / "feed.csv")
    assert called.product is not None
    assert called.problem == "'call us' is not a price: the product goes in without it."
    assert unknown.product is not None
    assert unknown.product.price is None
    assert unknown.problem == "'QQQ' is not a currency of ISO 4217: the product goes in without it."
    assert priced.problem == ""


def test_a_currency_column_with_an_unknown_code_is_reported(tmp_path: Path) -> None:
    (tmp_path / "feed.csv").write_text("id,price,currency\n1,12,QQQ\n2,12,€\n")
    unknown, known = read_feed(tmp_path / "feed.csv")
    assert unknown.product is not None
    assert (unknown.product.price, unknown.product.currency) == (12.0, "")
    assert "'QQQ' is not a currency of ISO 4217" in unknown.problem
    assert known.product is not None
    assert known.product.currency == "EUR"


@pytest.mark.parametrize(
    "price",
    [
        {"amount": "12.50", "currencyCode": "EUR"},
        {"value": 12.5, "currency": "EUR"},
        {"amount": 12.5, "currency_code": "eur"},
    ],
)
def test_an_amount_beside_its_currency_is_a_price(tmp_path: Path, price: dict[str, object]) -> None:
    (product,) = products(tmp_path, json.dumps({"id": "1", "price": price}))
    assert (product.price, product.currency) == (12.5, "EUR")
