"""Recognizes the format of a log by its column names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from lookalike.recommend.event_logs.columns import Columns, columns_of
from lookalike.recommend.event_logs.ga4 import is_ga4, translate_ga4
from lookalike.recommend.event_logs.shopify_orders import ShopifyOrders, is_shopify_orders
from lookalike.types import Event, EventKind

# Converts a row into events, as values by field name; irrelevant rows give none.
Translate: TypeAlias = Callable[[Mapping[str, Any]], Iterable[Mapping[str, Any]]]


def format_of(names: frozenset[str], mapping: Mapping[str, str], kind: EventKind | None) -> Translate:
    """Return the converter for a log with these columns.

    Args:
        names: the columns, or the keys of the first JSON object.
        mapping: fields by column, given by the user.
        kind: the kind of event for rows without one.
    """
    if not mapping:
        if is_ga4(names):
            return translate_ga4
        if is_shopify_orders(names):
            return ShopifyOrders().translate
    columns = columns_of(names, mapping)
    if (
        kind is None
        and set(columns.values()) <= set(Event.__slots__)
        and all(column == field for field, column in columns.items())
    ):
        return lambda row: (row,)
    return Columns(columns, kind).translate
