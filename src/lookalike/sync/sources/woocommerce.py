"""WooCommerce as a source: its REST API v3, and its webhooks."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any
from urllib.parse import urlencode

from lookalike.errors import BadDelivery, SourceError
from lookalike.media.fetch import Request
from lookalike.sync.source import Delivery, Notice, Page
from lookalike.sync.sources.address import Address
from lookalike.sync.sources.category_tree import category_paths
from lookalike.sync.sources.client import Reply, ShopClient
from lookalike.sync.sources.cursor import moment_of
from lookalike.sync.sources.rows import PageBuilder, Variant
from lookalike.sync.sources.signatures import body_of, check_signature, delivery_id

PER_PAGE = 100
OVERLAP = timedelta(minutes=5)
# WordPress empties its bin after 30 days. An older deletion can no longer be found.
REMEMBERED = timedelta(days=25)
# WordPress's prefix of internal fields.
_PRIVATE = "_"


@dataclass(frozen=True, slots=True)
class _Shop:
    """The currency of a shop, and the paths of its categories by their ids."""

    currency: str
    categories: Mapping[int, str]
    time: datetime


class WooCommerceSource:
    """The products of one WooCommerce shop."""

    incremental = True

    def __init__(self, address: Address, client: ShopClient) -> None:
        address.check_options(())
        self.name = address.name
        self._address = address
        self._client = client
        login = f"{address.secret('KEY')}:{address.secret('SECRET')}"
        self._secrets = {"Authorization": f"Basic {base64.b64encode(login.encode()).decode()}"}

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """The changes since a cursor, or everything."""
        shop = self._shop()
        since = moment_of(cursor, shop.time - REMEMBERED)
        following = (shop.time - OVERLAP).isoformat()
        changed = {} if since is None else _since(since)
        for products in self._paged(
            "products", {"status": "any", "orderby": "id", "order": "asc", **changed}
        ):
            yield self._page(shop, products)
        # A read of everything does not need the products in the bin.
        gone = PageBuilder(self.name)
        if since is not None:
            for products in self._paged("products", {"status": "trash", "orderby": "id", **changed}):
                for product in products:
                    gone.add(str(product["id"]), ())
        yield gone.page(following, complete=since is None)

    def read(self, ids: Sequence[str]) -> Page:
        """The products of these ids as they are now."""
        shop = self._shop()
        builder = PageBuilder(self.name)
        for start in range(0, len(ids), PER_PAGE):
            some = ids[start : start + PER_PAGE]
            wanted = {"include": ",".join(some), "status": "any", "per_page": str(PER_PAGE)}
            found = {str(each["id"]): each for each in self._list(self._get("products", wanted))}
            for id in some:
                builder.add(id, self._variants(shop, found[id]) if id in found else ())
                # For a deleted variation, a webhook gives only its own id.
                if id not in found:
                    builder.drop(id)
        return builder.page(None)

    def changed_by(self, delivery: Delivery) -> Notice:
        """The product that a webhook names; none for the unsigned ping after its creation."""
        headers = delivery.headers
        if delivery.body.startswith(b"webhook_id=") and "x-wc-webhook-signature" not in headers:
            return Notice("", ())
        secret = self._address.secret("WEBHOOK_SECRET").encode()
        check_signature(headers.get("x-wc-webhook-signature", ""), secret, delivery.body)
        body = body_of(delivery)
        id = body.get("parent_id") or body.get("id")
        about_products = headers.get("x-wc-webhook-resource", "") == "product"
        if about_products and id is None:
            raise BadDelivery("The webhook names no product: choose the API version WP REST API v3 for it.")
        return Notice(
            delivery_id(headers.get("x-wc-webhook-delivery-id", ""), delivery.body),
            (str(id),) if about_products else (),
        )

    def _page(self, shop: _Shop, products: Sequence[Mapping[str, Any]]) -> Page:
        builder = PageBuilder(self.name)
        for product in products:
            builder.add(str(product["id"]), self._variants(shop, product))
        return builder.page(None)

    def _variants(self, shop: _Shop, product: Mapping[str, Any]) -> Iterator[Variant]:
        """The variants of a visible product; none for a draft or a hidden one."""
        if product["status"] != "publish" or product["catalog_visibility"] == "hidden":
            return
        if product["type"] != "variable":
            yield _variant(shop, product, product)
            return
        for variations in self._paged(f"products/{product['id']}/variations", {"status": "publish"}):
            for variation in variations:
                yield _variant(shop, product, variation)

    def _shop(self) -> _Shop:
        """The currency and the categories of the shop."""
        reply = self._get("data/currencies/current", {})
        categories = {each["id"]: each for page in self._paged("products/categories", {}) for each in page}
        return _Shop(str(reply.data["code"]), category_paths(categories, "parent"), reply.time)

    def _paged(self, place: str, parameters: Mapping[str, str]) -> Iterator[list[dict[str, Any]]]:
        page, known = 1, 0
        while True:
            asked = {**parameters, "per_page": str(PER_PAGE), "page": str(page)}
            reply = self._get(place, asked)
            # A product that was deleted meanwhile has no variations.
            if reply.status == 404:
                return
            yield self._list(reply)
            total = int(reply.headers.get("x-wp-total", "0"))
            if total < known:
                # Products deleted meanwhile moved later ones to pages that were already read.
                page = max(page - ceil((known - total) / PER_PAGE), 1)
            elif page >= int(reply.headers.get("x-wp-totalpages", "1")):
                return
            else:
                page += 1
            known = total

    def _get(self, place: str, parameters: Mapping[str, str]) -> Reply:
        url = f"{self._address.base}/wp-json/wc/v3/{place}?{urlencode(parameters)}"
        accepted = (200, 404) if place.endswith("/variations") else (200,)
        return self._client.ask(Request(url, secrets=self._secrets), accepted)

    def _list(self, reply: Reply) -> list[dict[str, Any]]:
        if not isinstance(reply.data, list):
            raise SourceError(f"{self._address.host} answered with something other than a list of products.")
        return reply.data


def _since(moment: datetime) -> dict[str, str]:
    """The parameters that ask for changes after a time."""
    plain = moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    return {"modified_after": plain.isoformat(), "dates_are_gmt": "true"}


def _variant(shop: _Shop, product: Mapping[str, Any], sold: Mapping[str, Any]) -> Variant:
    """A product without variations, or one variation of a product."""
    photos = [image["src"] for image in product["images"]]
    own = sold.get("image")
    if own and own["src"] not in photos[:1]:
        photos.insert(0, own["src"])
    return Variant(
        id=str(sold["id"]),
        group=str(product["id"]),
        title=product["name"],
        description=product["description"] or product["short_description"],
        # A product without a price cannot be bought.
        price=sold["price"] or None,
        former_price=(sold["regular_price"] or None) if sold["on_sale"] else None,
        currency=shop.currency,
        stock=_stock(sold),
        link=sold["permalink"],
        photos=tuple(photos),
        facts=_facts(shop, product, sold),
    )


def _stock(sold: Mapping[str, Any]) -> int | None:
    """The number in stock; None if it is not managed, or on backorder."""
    if sold["stock_status"] == "outofstock":
        return 0
    counted = sold["stock_quantity"] if sold["manage_stock"] else None
    return int(counted) if counted is not None and counted > 0 else None


def _facts(shop: _Shop, product: Mapping[str, Any], sold: Mapping[str, Any]) -> dict[str, object]:
    facts: dict[str, object] = {}
    for entry in product["meta_data"]:
        if not entry["key"].startswith(_PRIVATE) and isinstance(entry["value"], str | int | float | bool):
            facts[entry["key"].replace("_", " ")] = entry["value"]
    for attribute in product["attributes"]:
        options = attribute["options"]
        facts[attribute["name"].casefold()] = options[0] if len(options) == 1 else options
    if sold is not product:
        facts |= {each["name"].casefold(): each["option"] for each in sold["attributes"]}
    paths = [shop.categories[each["id"]] for each in product["categories"] if each["id"] in shop.categories]
    return facts | {
        "category": paths,
        "tags": [each["name"] for each in product["tags"]],
        "brand": [each["name"] for each in product.get("brands", ())],
        "sku": sold["sku"],
        "gtin": sold.get("global_unique_id"),
    }
