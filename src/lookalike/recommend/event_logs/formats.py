"""Which format a log is in, by the names of its columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from lookalike.recommend.event_logs.columns import Columns, columns_of
from lookalike.recommend.event_logs.ga4 import is_ga4, translate_ga4
from lookalike.recommend.event_logs.shopify_orders import ShopifyOrders, is_shopify_orders
from lookalike.types import Event, EventKind

# The events that a row tells, as values by the names of an event's fields; rows of no interest tell none.
Translate: TypeAlias = Callable[[Mapping[str, Any]], Iterable[Mapping[str, Any]]]


def format_of(names: frozenset[str], mapping: Mapping[str, str], kind: EventKind | None) -> Translate:
    """How the rows of a log with these columns are translated.

    Args:
        names: the columns, or the keys of the first JSON object.
        mapping: the fields that columns hold, as somebody says.
        kind: what rows tell that do not say what the shopper did.
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
