"""Maps tables with other column names to the fields of an event."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from lookalike.errors import BadEvent, UsageError
from lookalike.types import Event, EventKind

QUANTITY = "quantity"
FIELDS = (*Event.__slots__, QUANTITY)
# Column names in public logs and exports, without spaces and punctuation; the first match counts.
NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "kind": ("kind", "event", "eventtype", "eventname", "action", "actiontype", "behavior", "behaviour",
                 "behaviortype", "type", "interaction"),
        "shopper": ("shopper", "shopperid", "user", "userid", "customer", "customerid", "visitor",
                    "visitorid", "userpseudoid", "clientid", "accountid", "memberid", "email",
                    "session", "sessionid"),
        "product": ("product", "productid", "item", "itemid", "sku", "stockcode", "articleid", "asin",
                    "variantid", "productcode"),
        "time": ("time", "timestamp", "eventtime", "datetime", "date", "createdat", "invoicedate",
                 "orderdate", "eventdate", "ts", "tdat", "unixtime"),
        "rating": ("rating", "score", "stars"),
        "query": ("query", "searchterm", "searchquery", "keyword", "searchtext"),
        "comment": ("comment", "review", "reviewtext"),
        "position": ("position", "rank"),
        "id": ("id", "eventid"),
        QUANTITY: (QUANTITY, "qty", "units"),
    }
)  # fmt: skip
KINDS: Mapping[str, EventKind] = MappingProxyType(
    {
        "pv": "view", "pageview": "view", "viewitem": "view", "detail": "view", "detailview": "view",
        "productview": "view", "selectitem": "click",
        "addtocart": "cart", "addtobasket": "cart", "basket": "cart", "incart": "cart", "removefromcart":
        "remove-from-cart", "buy": "purchase", "bought": "purchase", "order": "purchase", "sale": "purchase",
        "transaction": "purchase", "fav": "like", "favorite": "like", "favourite": "like", "wishlist": "like",
        "addtowishlist": "like", "refund": "return", "returned": "return", "rate": "rating",
        "review": "rating",
    }
)  # fmt: skip
# Larger numbers are milliseconds or microseconds since 1970.
MILLISECONDS, MICROSECONDS = 1e11, 1e14
_WHOLE = re.compile(r"(\d+)\.0+")


def columns_of(names: frozenset[str], mapping: Mapping[str, str]) -> dict[str, str]:
    """Return the column of each field. Raises UsageError if a mapping does not fit."""
    for column, field in mapping.items():
        if column not in names:
            raise UsageError(f"No column '{column}'. Use one of {', '.join(sorted(names))}.")
        if field not in FIELDS:
            raise UsageError(f"'{field}' is not a field of an event. Use one of {', '.join(FIELDS)}.")
    found = {field: column for column, field in mapping.items()}
    free = {_plain(name): name for name in sorted(names) if name not in mapping}
    for field, aliases in NAMES.items():
        column = field if field in names else next((free[each] for each in aliases if each in free), None)
        if column is not None:
            found.setdefault(field, column)
    return found


class Columns:
    """Yield rows as events; columns without a field are ignored."""

    def __init__(self, columns: Mapping[str, str], kind: EventKind | None) -> None:
        self._columns = columns
        self._kind = kind

    def translate(self, row: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """Return the event of a row."""
        values = {
            field: row[column] for field, column in self._columns.items() if row.get(column) is not None
        }
        quantity = str(values.pop(QUANTITY, "1"))
        kind = self._kind_of(values)
        if kind == "purchase" and quantity.startswith("-"):
            kind = "return"
        if "shopper" in values:
            # Spreadsheets turn integer columns with gaps into decimals.
            values["shopper"] = _WHOLE.sub(r"\1", str(values["shopper"]))
        if "time" in values:
            values["time"] = _time(values["time"])
        yield {**values, "kind": kind}

    def _kind_of(self, values: Mapping[str, Any]) -> str:
        if "kind" in values:
            return KINDS.get(_plain(str(values["kind"])), str(values["kind"]).casefold())
        if self._kind is not None:
            return self._kind
        if "rating" in values:
            return "rating"
        raise BadEvent("No column contains the kind of event. Name it with --map COLUMN=kind, or use --kind.")


def _time(value: Any) -> Any:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return value
    scale = 1e6 if number > MICROSECONDS else 1e3 if number > MILLISECONDS else 1.0
    return number / scale


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())
