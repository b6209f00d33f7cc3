"""Google Analytics 4: one JSON object per event, as exported to BigQuery, with the products as `items`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, cast

from lookalike.errors import BadEvent
from lookalike.types import EventKind

KINDS: Mapping[str, EventKind] = MappingProxyType(
    {
        "view_item": "view",
        "view_item_list": "impression",
        "select_item": "click",
        "add_to_cart": "cart",
        "remove_from_cart": "remove-from-cart",
        "add_to_wishlist": "like",
        "purchase": "purchase",
        "refund": "return",
        "search": "search",
        "view_search_results": "search",
    }
)
MICROSECONDS = 1e6


def is_ga4(names: frozenset[str]) -> bool:
    """Whether the column names are those of a GA4 export."""
    return names >= {"event_name", "event_timestamp"}


def translate_ga4(row: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Return one event per product; events without a product or search are ignored."""
    kind = KINDS.get(str(row.get("event_name")))
    if kind is None:
        return
    base = {
        "kind": kind,
        "shopper": row.get("user_id") or row.get("user_pseudo_id"),
        "time": _seconds(row.get("event_timestamp")),
    }
    if kind == "search":
        query = _parameter(row, "search_term")
        if query:
            yield {**base, "query": query}
        return
    items: Any = row.get("items") or ()
    if not isinstance(items, list) or not items:
        raise BadEvent(f"A {row['event_name']} event needs its products as 'items'.")
    for item in cast("list[Any]", items):
        if not isinstance(item, Mapping):
            raise BadEvent("Each of the 'items' must be a JSON object with an 'item_id'.")
        named = cast("Mapping[str, Any]", item)
        yield {**base, "product": named.get("item_id"), **_position(named)}


def _seconds(micros: Any) -> float:
    try:
        return float(micros) / MICROSECONDS
    except (TypeError, ValueError) as error:
        raise BadEvent("'event_timestamp' must be a number of microseconds since 1970.") from error


def _position(item: Mapping[str, Any]) -> dict[str, int]:
    """The position in a list, counted from 1; in GA4 lists may start anywhere."""
    index: Any = item.get("item_list_index")
    known = str(index).isdecimal() and int(index) > 0
    return {"position": int(index)} if known else {}


def _parameter(row: Mapping[str, Any], name: str) -> str:
    """Return an event parameter: a list of keys and typed values in BigQuery, an object elsewhere."""
    parameters: Any = row.get("event_params") or {}
    if isinstance(parameters, Mapping):
        return str(cast("Mapping[str, Any]", parameters).get(name) or "")
    for each in cast("list[Any]", parameters) if isinstance(parameters, list) else ():
        if isinstance(each, Mapping) and cast("Mapping[str, Any]", each).get("key") == name:
            value: Any = cast("Mapping[str, Any]", each).get("value")
            typed = (
                cast("Mapping[str, Any]", value).get("string_value") if isinstance(value, Mapping) else value
            )
            return str(typed or "")
    return ""
