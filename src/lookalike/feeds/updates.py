"""Changes to some fields of products, read like a feed: only the columns of the file change.

In CSV an empty cell leaves a field as it is and the word `null` removes it; in JSON, null removes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lookalike.feeds import read_feed
from lookalike.feeds.base import Cell, Record
from lookalike.feeds.columns import Columns
from lookalike.feeds.photo_folder import PhotoFolder
from lookalike.feeds.records_to_products import RecordFeed
from lookalike.feeds.values import facet_of_text
from lookalike.types import Product

# These columns give a price together.
_PRICES = ("price", "sale_price", "former_price")
_TEXTS = ("title", "description", "currency", "group", "link")


@dataclass(frozen=True, slots=True)
class UpdateRow:
    """The fields of one product that change, or why the row is invalid. None removes a field."""

    line: int
    id: str
    fields: Mapping[str, Any] = field(default_factory=dict[str, Any])
    problem: str = ""


def read_updates(source: str | Path, mapping: Mapping[str, str] | None = None) -> Iterator[UpdateRow]:
    """The changes in a file or at a URL, in any format of a feed with ids and the columns that change."""
    return _updates(read_feed(source, mapping))


def update_of(id: str, assignments: Mapping[str, str]) -> UpdateRow:
    """The change given by names and values such as price=9.99. An empty value removes the field."""
    names = ("id", *assignments)
    cells: tuple[Cell, ...] = (id, *(value if value.strip() else None for value in assignments.values()))
    feed = RecordFeed(
        "update", lambda: iter([Record(1, names, cells)]), {}, PhotoFolder(Path()), facet_of_text
    )
    return next(_updates(feed))


def _updates(feed: RecordFeed) -> Iterator[UpdateRow]:
    for row, record, columns in feed.rows():
        if row.product is None or row.problem:
            yield UpdateRow(row.line, row.raw_id, problem=row.problem)
        else:
            yield UpdateRow(row.line, row.raw_id, _fields(row.product, record, columns))


def _fields(product: Product, record: Record, columns: Columns) -> dict[str, Any]:
    """The fields that have a cell, with their values in the product of the row."""

    def said(at: int) -> Any:
        return record.cells[at] if at >= 0 else ""

    fields: dict[str, Any] = {}
    given = {name: said(getattr(columns, name)) for name in (*_PRICES, *_TEXTS, "stock", "availability")}
    given = {name: None if _is_null(cell) else cell for name, cell in given.items()}
    if any(given[name] != "" for name in _PRICES):
        fields["price"] = product.price
        if product.former_price is not None or given["sale_price"] != "" or given["former_price"] != "":
            fields["former_price"] = product.former_price
        if product.currency:
            fields["currency"] = product.currency
    for name in _TEXTS:
        if given[name] != "":
            fields[name] = None if given[name] is None else getattr(product, name)
    if given["stock"] != "" or given["availability"] not in ("", None):
        fields["stock"] = None if given["stock"] is None else product.stock
    for at, name in columns.facets:
        cell = record.cells[at]
        if at != columns.availability and cell != "":
            fields[f"facets.{name}"] = None if _is_null(cell) else product.facets.get(name)
    if columns.photos and any(record.cells[at] not in ("", None) for at in columns.photos):
        fields["photos"] = product.photos
    return fields


def _is_null(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and cell.strip().casefold() == "null")
