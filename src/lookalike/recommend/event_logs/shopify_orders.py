"""Shopify's order CSV: one row per line item; what concerns the whole order stands in its first row only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lookalike.errors import BadEvent

_ORDER = ("Email", "Created at", "Cancelled at", "Financial Status")
_OFFSET = re.compile(r" ([+-]\d\d:?\d\d)$")


def is_shopify_orders(names: frozenset[str]) -> bool:
    """Whether these are the columns of an order export of Shopify."""
    return names >= {"Name", "Created at"} and bool(names & {"Lineitem sku", "Lineitem name"})


class ShopifyOrders:
    """Purchases, and returns of orders that were refunded; cancelled orders tell nothing."""

    def __init__(self) -> None:
        self._name = ""
        self._order: dict[str, str] = {}

    def translate(self, row: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """The events of one line item."""
        name = str(row.get("Name", ""))
        if not name:
            raise BadEvent("The row has no order in the column 'Name'.")
        if name != self._name:
            self._name, self._order = name, {column: str(row.get(column, "")) for column in _ORDER}
        order = self._order
        product = str(row.get("Lineitem sku") or row.get("Lineitem name") or "")
        if order["Cancelled at"] or not product:
            return
        purchase = {
            "kind": "purchase",
            # Guests are told apart by their orders.
            "shopper": order["Email"].casefold() or f"order {name}",
            "product": product,
            "time": _OFFSET.sub(r"\1", order["Created at"]),
            "id": f"shopify {name} {product}",
        }
        yield purchase
        if order["Financial Status"] == "refunded":
            yield {**purchase, "kind": "return", "id": f"{purchase['id']} refunded"}
