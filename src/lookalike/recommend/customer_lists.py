"""Lists of customers as CSV, for a spreadsheet or a campaign tool."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, fields
from typing import IO

from lookalike.recommend.abandoned_carts import AbandonedCart
from lookalike.recommend.segments import CustomerSegment
from lookalike.spreadsheet import write_csv

CART_COLUMNS = ("shopper", "hours", "product", "title", "price", "in_stock")


def write_segments(file: IO[str], customers: Iterable[CustomerSegment]) -> None:
    """One row for each customer."""
    write_csv(file, [each.name for each in fields(CustomerSegment)], map(astuple, customers))


def write_carts(file: IO[str], carts: Iterable[AbandonedCart]) -> None:
    """One row for each product in a cart."""
    rows = (
        (cart.shopper, cart.hours, item.product, item.title, item.price, item.in_stock)
        for cart in carts
        for item in cart.items
    )
    write_csv(file, CART_COLUMNS, rows)
