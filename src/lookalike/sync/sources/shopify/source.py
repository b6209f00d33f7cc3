"""Shopify as a source: everything by a bulk operation, changes page by page, single products by id."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from lookalike.errors import BadDelivery
from lookalike.sync.source import Delivery, Notice, Page
from lookalike.sync.sources.address import Address
from lookalike.sync.sources.client import ShopClient
from lookalike.sync.sources.cursor import moment_of
from lookalike.sync.sources.rows import PageBuilder
from lookalike.sync.sources.shopify.admin import AdminApi
from lookalike.sync.sources.shopify.bulk import all_products
from lookalike.sync.sources.shopify.products import (
    CONNECTIONS,
    FIELDS,
    PRODUCT_PREFIX,
    number_of,
    variants_of,
)
from lookalike.sync.sources.signatures import body_of, check_age, check_signature, delivery_id

PAGE_ITEMS = 200
# A page of products with their connections must cost less than the 1,000 points of one query.
AT_ONCE = 5
FIRST = {"collections": 20, "metafields": 30, "media": 15, "variants": 30}
MORE = 100
OVERLAP = timedelta(minutes=5)
# Older deletions may no longer be reported.
REMEMBERED = timedelta(days=30)
# Shopify repeats a delivery for four hours.
MOST_AGE = 5 * 3600.0

_NODE = f"{FIELDS} " + " ".join(
    f"{name}(first: {FIRST[name]}) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ {fields} }} }}"
    for name, fields in CONNECTIONS.items()
)
_CHANGED = f"""query ($query: String!, $after: String) {{
    products(first: {AT_ONCE}, after: $after, query: $query, sortKey: UPDATED_AT) {{
        pageInfo {{ hasNextPage endCursor }} nodes {{ {_NODE} }}
    }}
}}"""
_BY_ID = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Product {{ {_NODE} }} }} }}"
_DELETED = """query ($query: String!, $after: String) {
    deletionEvents(first: 250, after: $after, subjectTypes: [PRODUCT], query: $query) {
        pageInfo { hasNextPage endCursor } nodes { subjectId }
    }
}"""
_MORE = {
    name: f"""query ($id: ID!, $after: String) {{
        product(id: $id) {{
            {name}(first: {MORE}, after: $after) {{
                pageInfo {{ hasNextPage endCursor }} nodes {{ {fields} }}
            }}
        }}
    }}"""
    for name, fields in CONNECTIONS.items()
}
_CURRENCY = "{ shop { currencyCode } }"


class ShopifySource:
    """The products of one Shopify shop."""

    incremental = True

    def __init__(self, address: Address, client: ShopClient) -> None:
        address.check_options(())
        self.name = address.name
        self._address = address
        self._client = client
        self._api = AdminApi(address, client)

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """The changes since a cursor, or everything."""
        currency = self._currency()
        now = self._api.time or datetime.now(UTC)
        following = (now - OVERLAP).isoformat()
        since = moment_of(cursor, now - REMEMBERED)
        if since is None:
            yield from self._everything(currency, following)
        else:
            yield from self._changes(currency, since, following)

    def read(self, ids: Sequence[str]) -> Page:
        """The products of these numbers as they are now."""
        currency = self._currency()
        builder = PageBuilder(self.name)
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start : start + AT_ONCE]
            found = self._api.query(_BY_ID, {"ids": [PRODUCT_PREFIX + id for id in some]})["nodes"]
            for id, node in zip(some, found, strict=True):
                builder.add(id, variants_of(self._whole(node), currency) if node else ())
        return builder.page(None)

    def changed_by(self, delivery: Delivery) -> Notice:
        """The product that a webhook is about."""
        # A webhook that was created in Shopify's admin is signed with the key shown there.
        secret = self._address.optional_secret("WEBHOOK_SECRET") or self._address.secret("CLIENT_SECRET")
        headers = delivery.headers
        check_signature(headers.get("x-shopify-hmac-sha256", ""), secret.encode(), delivery.body)
        try:
            sent = datetime.fromisoformat(headers.get("x-shopify-triggered-at", ""))
        except ValueError as error:
            raise BadDelivery(
                "The webhook has no date in X-Shopify-Triggered-At: let proxies pass it on."
            ) from error
        check_age(sent if sent.tzinfo else sent.replace(tzinfo=UTC), self._client.clock(), MOST_AGE)
        id = body_of(delivery).get("id")
        about_products = headers.get("x-shopify-topic", "").startswith("products/") and id is not None
        return Notice(
            delivery_id(headers.get("x-shopify-webhook-id", ""), delivery.body),
            (str(id),) if about_products else (),
        )

    def _currency(self) -> str:
        return str(self._api.query(_CURRENCY)["shop"]["currencyCode"])

    def _everything(self, currency: str, following: str) -> Iterator[Page]:
        builder = PageBuilder(self.name)
        for product in all_products(self._api, self._client):
            builder.add(number_of(product["id"]), variants_of(product, currency))
            if len(builder) == PAGE_ITEMS:
                yield builder.page(None)
                builder = PageBuilder(self.name)
        yield builder.page(following, complete=True)

    def _changes(self, currency: str, since: datetime, following: str) -> Iterator[Page]:
        moment = since.isoformat()
        for nodes in self._paged(_CHANGED, "products", {"query": f"updated_at:>='{moment}'"}):
            builder = PageBuilder(self.name)
            for node in nodes:
                builder.add(number_of(node["id"]), variants_of(self._whole(node), currency))
            yield builder.page(None)
        builder = PageBuilder(self.name)
        for nodes in self._paged(_DELETED, "deletionEvents", {"query": f"occurred_at:>='{moment}'"}):
            for node in nodes:
                builder.add(number_of(node["subjectId"]), ())
        yield builder.page(following)

    def _paged(self, query: str, field: str, variables: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
        after: str | None = None
        while True:
            connection = self._api.query(query, {**variables, "after": after})[field]
            yield connection["nodes"]
            if not connection["pageInfo"]["hasNextPage"]:
                return
            after = connection["pageInfo"]["endCursor"]

    def _whole(self, node: dict[str, Any]) -> dict[str, Any]:
        """A product with all pages of its connections."""
        whole = dict(node)
        for name in CONNECTIONS:
            nodes = list(node[name]["nodes"])
            page = node[name]["pageInfo"]
            while page["hasNextPage"]:
                variables = {"id": node["id"], "after": page["endCursor"]}
                found = self._api.query(_MORE[name], variables)["product"]
                # Deleted meanwhile: the next run sees that.
                if found is None:
                    break
                nodes += found[name]["nodes"]
                page = found[name]["pageInfo"]
            whole[name] = nodes
        return whole
