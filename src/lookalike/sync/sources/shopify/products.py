"""The fields of Shopify's products, and the variants that a product becomes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from lookalike.sync.sources.rows import Variant

PRODUCT_PREFIX = "gid://shopify/Product/"

FIELDS = """
    id status title descriptionHtml handle vendor productType tags onlineStoreUrl
    category { fullName }
"""
CONNECTIONS = {
    "collections": "id title",
    "metafields": "id namespace key type value",
    "media": "id ... on MediaImage { image { url } }",
    "variants": """
        id title sku barcode price compareAtPrice inventoryQuantity availableForSale
        selectedOptions { name value }
        image { url }
    """,
}
CONNECTION_OF = {
    "Collection": "collections",
    "Metafield": "metafields",
    "MediaImage": "media",
    "ProductVariant": "variants",
}
# Namespaces for internal use by apps and by Shopify.
_PLUMBING = ("shopify--", "app--", "global", "seo", "mm-google-shopping", "reviews")
_UNTOLD = frozenset({"json", "rich_text_field", "money", "rating", "color_reference"})


def number_of(gid: str) -> str:
    """The number in an id such as gid://shopify/Product/1."""
    return gid.rpartition("/")[2].partition("?")[0]


def kind_of(gid: str) -> str:
    """The type in an id such as gid://shopify/Product/1."""
    return gid.rpartition("/")[0].rpartition("/")[2]


def variants_of(product: Mapping[str, Any], currency: str) -> Iterator[Variant]:
    """The variants of a product that is for sale; none of a draft or an archived one.

    Each connection is the list of its nodes.
    """
    if product["status"] != "ACTIVE":
        return
    photos = tuple(node["image"]["url"] for node in product["media"] if node.get("image"))
    own = {url for variant in product["variants"] if (url := _url(variant))}
    shared = tuple(photo for photo in photos if photo not in own)
    facts = _facts(product)
    for variant in product["variants"]:
        photo = _url(variant)
        # A product without options has one, called Title, with the value Default Title.
        options = {each["name"].casefold(): each["value"] for each in variant["selectedOptions"]}
        if options.get("title") == "Default Title":
            del options["title"]
        yield Variant(
            id=number_of(variant["id"]),
            group=number_of(product["id"]),
            title=product["title"],
            description=product["descriptionHtml"] or "",
            price=variant["price"],
            former_price=variant["compareAtPrice"],
            currency=currency,
            stock=_stock(variant),
            link=_link(product, variant),
            photos=(photo, *shared) if photo else photos,
            facts={
                **facts,
                **options,
                "sku": variant["sku"],
                "barcode": variant["barcode"],
            },
        )


def _facts(product: Mapping[str, Any]) -> dict[str, object]:
    collections = [node["title"] for node in product["collections"]]
    path = (product["category"] or {}).get("fullName", "")
    facts: dict[str, object] = {}
    for field in product["metafields"]:
        if not field["namespace"].startswith(_PLUMBING):
            facts[field["key"].replace("_", " ")] = _metafield(field)
    return facts | {
        "category": collections or path,
        "product category": path if collections else None,
        "product type": product["productType"],
        "brand": product["vendor"],
        "tags": product["tags"],
    }


def _metafield(field: Mapping[str, Any]) -> object:
    """The value of a facet; None for references and structures."""
    kind, value = field["type"], field["value"]
    if kind.startswith("list."):
        if "reference" in kind or kind.removeprefix("list.") in _UNTOLD:
            return None
        return json.loads(value)
    if "reference" in kind or kind in _UNTOLD:
        return None
    if kind.startswith("number_"):
        return float(value) if "." in value else int(value)
    if kind == "boolean":
        return value == "true"
    if kind in ("dimension", "volume", "weight"):
        measured = json.loads(value)
        return f"{measured['value']:g} {measured['unit'].casefold()}"
    return value


def _stock(variant: Mapping[str, Any]) -> int | None:
    """The number in stock; None if it is not counted, or if the variant sells without stock."""
    counted = variant["inventoryQuantity"]
    if counted is not None and counted > 0:
        return int(counted)
    return None if variant["availableForSale"] else 0


def _link(product: Mapping[str, Any], variant: Mapping[str, Any]) -> str:
    url = product["onlineStoreUrl"]
    return f"{url}?variant={number_of(variant['id'])}" if url else ""


def _url(variant: Mapping[str, Any]) -> str:
    image = variant["image"]
    return image["url"] if image else ""
