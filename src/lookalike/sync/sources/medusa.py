"""Medusa v2 as a source: its Admin API, and the webhooks that a subscriber sends."""

from __future__ import annotations

import base64
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from lookalike.errors import BadDelivery, SourceError
from lookalike.media.fetch import Request
from lookalike.sync.source import Delivery, Notice, Page
from lookalike.sync.sources.address import Address
from lookalike.sync.sources.category_tree import category_paths
from lookalike.sync.sources.client import Reply, ShopClient
from lookalike.sync.sources.cursor import moment_of
from lookalike.sync.sources.rows import PageBuilder, Variant
from lookalike.sync.sources.signatures import body_of, check_age, check_signature, delivery_id

LIMIT = 50
# In many versions of Medusa, longer lists in a URL are not parsed as lists.
MOST_IDS = 20
OVERLAP = timedelta(minutes=5)
# Medusa keeps deleted products until an administrator purges them.
REMEMBERED = timedelta(days=90)
# Recommended by the specification of Standard Webhooks.
MOST_AGE = 300.0
CODES = ("sku", "barcode", "ean", "upc")
# In addition to Medusa's default fields.
FIELDS = (
    "*categories,+variants.inventory_items.required_quantity,"
    "+variants.inventory_items.inventory.location_levels.stocked_quantity,"
    "+variants.inventory_items.inventory.location_levels.reserved_quantity"
)


@dataclass(frozen=True, slots=True)
class _Shop:
    """The currency of a shop, and the paths of its categories by their ids."""

    currency: str
    categories: Mapping[str, str]
    time: datetime


@dataclass(frozen=True, slots=True)
class _Price:
    """The price of a variant in a region, and its price without sales."""

    now: float
    before: float | None
    currency: str


class MedusaSource:
    """The products of one Medusa shop."""

    incremental = True

    def __init__(self, address: Address, client: ShopClient) -> None:
        address.check_options(("currency", "region", "storefront"))
        self.name = address.name
        self._address = address
        self._client = client
        # The key is the user name of HTTP Basic authentication. There is no password.
        login = base64.b64encode(f"{address.secret('KEY')}:".encode()).decode()
        self._secrets = {"Authorization": f"Basic {login}"}

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """The changes since a cursor, or everything."""
        shop = self._shop()
        since = moment_of(cursor, shop.time - REMEMBERED)
        following = (shop.time - OVERLAP).isoformat()
        changed = {} if since is None else {"updated_at[$gte]": since.isoformat()}
        for products in self._paged("admin/products", {"fields": FIELDS, "order": "id", **changed}):
            yield self._page(shop, {each["id"]: each for each in products}).page(None)
        gone = PageBuilder(self.name)
        # A read of everything does not need the deleted products.
        if since is not None:
            for id in self._deleted_since(since):
                gone.add(id, ())
        yield gone.page(following, complete=since is None)

    def read(self, ids: Sequence[str]) -> Page:
        """The products of these ids as they are now."""
        shop = self._shop()
        found: dict[str, Mapping[str, Any] | None] = dict.fromkeys(ids)
        for start in range(0, len(ids), MOST_IDS):
            some = [("id[]", id) for id in ids[start : start + MOST_IDS]]
            reply = self._get("admin/products", [("fields", FIELDS), ("limit", str(LIMIT)), *some])
            found |= {each["id"]: each for each in self._list(reply, "products")}
        return self._page(shop, found).page(None)

    def changed_by(self, delivery: Delivery) -> Notice:
        """The products that a webhook names. It is signed by the rules of Standard Webhooks."""
        headers = delivery.headers
        id, moment = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        message = f"{id}.{moment}.".encode() + delivery.body
        given = " ".join(
            signature
            for version, _, signature in (
                one.partition(",") for one in headers.get("webhook-signature", "").split()
            )
            if version == "v1"
        )
        check_signature(given, self._webhook_key(), message)
        if not moment.isdecimal():
            raise BadDelivery("The webhook has no time in Webhook-Timestamp: send seconds since 1970.")
        check_age(datetime.fromtimestamp(int(moment), UTC), self._client.clock(), MOST_AGE)
        named = body_of(delivery).get("products")
        if not isinstance(named, list):
            raise BadDelivery('The webhook names no products: send {"products": ["prod_..."]}.')
        # A repeated webhook has the same id and another time.
        return Notice(delivery_id(id, b""), tuple(str(one) for one in named))

    def _webhook_key(self) -> bytes:
        secret = self._address.secret("WEBHOOK_SECRET")
        if secret.startswith("whsec_"):
            return base64.b64decode(secret.removeprefix("whsec_"))
        return secret.encode()

    def _page(self, shop: _Shop, products: Mapping[str, Mapping[str, Any] | None]) -> PageBuilder:
        """Products by their ids; None for a deleted one."""
        prices = self._regional_prices([id for id, product in products.items() if product])
        storefront = self._address.options.get("storefront", "").rstrip("/")
        builder = PageBuilder(self.name)
        for id, product in products.items():
            builder.add(id, _variants(shop, product, prices, storefront) if product else ())
        return builder

    def _deleted_since(self, since: datetime) -> Iterator[str]:
        """The products that were deleted after a time; none if Medusa is too old to report them."""
        asked = {"with_deleted": "true", "deleted_at[$gte]": since.isoformat(), "order": "id"}
        for products in self._paged("admin/products", asked, (200, 400)):
            yield from (each["id"] for each in products)

    def _shop(self) -> _Shop:
        reply = self._get("admin/stores", [("fields", "*supported_currencies")])
        currency = self._address.options.get("currency") or self._default_currency(reply)
        asked = {"fields": "id,name,parent_category_id"}
        found = self._paged("admin/product-categories", asked)
        categories = {each["id"]: each for page in found for each in page}
        return _Shop(currency.casefold(), category_paths(categories, "parent_category_id"), reply.time)

    def _default_currency(self, reply: Reply) -> str:
        stores = self._list(reply, "stores")
        currencies = [each for store in stores for each in store.get("supported_currencies") or ()]
        if not currencies:
            raise SourceError(f"{self._address.host} names no currency: add ?currency=EUR to its address.")
        default = next((each for each in currencies if each.get("is_default")), currencies[0])
        return str(default["currency_code"])

    def _regional_prices(self, ids: Sequence[str]) -> dict[str, _Price]:
        """The prices of variants in the region of the address, with current sales; empty without a region."""
        region = self._address.options.get("region")
        if not region:
            return {}
        secrets = {"x-publishable-api-key": self._address.secret("PUBLISHABLE_KEY")}
        prices: dict[str, _Price] = {}
        for start in range(0, len(ids), MOST_IDS):
            asked = [
                ("fields", "id,*variants.calculated_price"),
                ("region_id", region),
                ("limit", str(LIMIT)),
                *(("id[]", id) for id in ids[start : start + MOST_IDS]),
            ]
            url = f"{self._address.base}/store/products?{urlencode(asked)}"
            for product in self._list(self._client.ask(Request(url, secrets=secrets)), "products"):
                for variant in product.get("variants") or ():
                    price = variant.get("calculated_price")
                    if price and price["calculated_amount"] is not None:
                        prices[variant["id"]] = _Price(
                            price["calculated_amount"], price["original_amount"], price["currency_code"]
                        )
        return prices

    def _paged(
        self, place: str, parameters: Mapping[str, str], accepted: Container[int] = (200,)
    ) -> Iterator[list[dict[str, Any]]]:
        offset, known = 0, 0
        while True:
            asked = [*parameters.items(), ("limit", str(LIMIT)), ("offset", str(offset))]
            reply = self._get(place, asked, accepted)
            if reply.status != 200:
                return
            found = self._list(reply, place.partition("/")[2].replace("-", "_"))
            yield found
            count = int(reply.data["count"])
            # Products deleted meanwhile moved later ones to pages that were already read.
            offset = max(offset - (known - count), 0) if count < known else offset + len(found)
            known = count
            if not found or offset >= count:
                return

    def _get(
        self, place: str, parameters: Sequence[tuple[str, str]], accepted: Container[int] = (200,)
    ) -> Reply:
        url = f"{self._address.base}/{place}?{urlencode(parameters)}"
        return self._client.ask(Request(url, secrets=self._secrets), accepted)

    def _list(self, reply: Reply, field: str) -> list[dict[str, Any]]:
        found = reply.data.get(field) if isinstance(reply.data, dict) else None
        if not isinstance(found, list):
            raise SourceError(f"{self._address.host} answered without '{field}': check that it is Medusa v2.")
        return found


def _variants(
    shop: _Shop, product: Mapping[str, Any], prices: Mapping[str, _Price], storefront: str
) -> Iterator[Variant]:
    """The variants of a published product; none for a draft."""
    if product["status"] != "published":
        return
    photos = tuple(image["url"] for image in product.get("images") or ()) or (product.get("thumbnail") or "",)
    facts = _facts(shop, product)
    titles = {option["id"]: option["title"].casefold() for option in product.get("options") or ()}
    for variant in product.get("variants") or ():
        price = prices.get(variant["id"])
        options = {
            titles[each["option_id"]]: each["value"]
            for each in variant.get("options") or ()
            if each["option_id"] in titles
        }
        yield Variant(
            id=variant["id"],
            group=product["id"],
            title=product["title"],
            description=product.get("description") or product.get("subtitle") or "",
            price=price.now if price else _base_price(variant, shop.currency),
            former_price=price.before if price else None,
            currency=price.currency if price else shop.currency,
            stock=_stock(variant),
            link=f"{storefront}/{quote(product['handle'])}" if storefront else "",
            photos=photos,
            facts={**facts, **options, **{name: variant.get(name) for name in CODES}},
        )


def _facts(shop: _Shop, product: Mapping[str, Any]) -> dict[str, object]:
    paths = [shop.categories.get(each["id"], each["name"]) for each in product.get("categories") or ()]
    collection = (product.get("collection") or {}).get("title")
    metadata = product.get("metadata") or {}
    facts: dict[str, object] = {
        name.replace("_", " "): value
        for name, value in metadata.items()
        if isinstance(value, str | int | float | bool)
    }
    return facts | {
        "category": paths or collection,
        "collection": collection,
        "product type": (product.get("type") or {}).get("value"),
        "tags": [each["value"] for each in product.get("tags") or ()],
    }


def _base_price(variant: Mapping[str, Any], currency: str) -> object:
    """The price of one piece without conditions."""
    found = [
        price["amount"]
        for price in variant.get("prices") or ()
        if price["currency_code"] == currency
        and not price.get("rules")
        and (price.get("min_quantity") or 1) <= 1
    ]
    return min(found, default=None)


def _stock(variant: Mapping[str, Any]) -> int | None:
    """The number in stock; None if it is not managed, or if the variant can be backordered."""
    if not variant.get("manage_inventory"):
        return None
    # A kit is in stock as often as its scarcest part.
    counted = min((_pieces(item) for item in variant.get("inventory_items") or ()), default=0)
    return None if counted <= 0 and variant.get("allow_backorder") else max(counted, 0)


def _pieces(item: Mapping[str, Any]) -> int:
    levels = (item.get("inventory") or {}).get("location_levels") or ()
    there = sum(level["stocked_quantity"] - level["reserved_quantity"] for level in levels)
    return int(there // (item.get("required_quantity") or 1))
