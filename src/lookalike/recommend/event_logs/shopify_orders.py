"""Shopify's order CSV: one row per line item; only an order's first row has the order's own data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lookalike.errors import BadEvent

_ORDER = ("Email", "Created at", "Cancelled at", "Financial Status")
_OFFSET = re.compile(r" ([+-]\d\d:?\d\d)$")


def is_shopify_orders(names: frozenset[str]) -> bool:
    """Whether the columns are those of Shopify's order export."""
    return names >= {"Name", "Created at"} and bool(names & {"Lineitem sku", "Lineitem name"})


class ShopifyOrders:
    """Return purchases, and returns for refunded orders; cancelled orders are ignored."""

    def __init__(self) -> None:
        self._name = ""
        self._order: dict[str, str] = {}

    def translate(self, row: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """Return the events of one line item."""
        name = str(row.get("Name", ""))
        if not name:
            raise BadEvent("The column 'Name' has no order number.")
        if name != self._name:
            self._name, self._order = name, {column: str(row.get(column, "")) for column in _ORDER}
        order = self._order
        product = str(row.get("Lineitem sku") or row.get("Lineitem name") or "")
        if order["Cancelled at"] or not product:
            return
        purchase = {
            "kind": "purchase",
            # Without an account, the order identifies the shopper.
            "shopper": order["Email"].casefold() or f"order {name}",
            "product": product,
            "time": _OFFSET.sub(r"\1", order["Created at"]),
            "id": f"shopify {name} {product}",
        }
        yield purchase
        if order["Financial Status"] == "refunded":
            yield {**purchase, "kind": "return", "id": f"{purchase['id']} refunded"}
