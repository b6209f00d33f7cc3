"""Shopify's product CSV: a product has several rows, for its variants and its other photos."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from lookalike.feeds.base import Cell, Record
from lookalike.feeds.delimited import Table
from lookalike.feeds.photo_folder import PhotoFolder
from lookalike.feeds.records_to_products import RecordFeed
from lookalike.feeds.values import facet_of_text

_COLUMNS = frozenset({"Handle", "Title", "Image Src"})
_OPTIONS = ("Option1", "Option2", "Option3")
# For the shop's internal use or given in another column, not for filters.
_PLUMBING = re.compile(
    r"Handle|Title|Body.*|Option\d .*|Variant .*|Image .*|SEO .*|Gift Card|Published.*|Cost per item|"
    r"Included / .*|Price / .*|Compare At Price / .*|Status|"
)
_PREFIX = re.compile(r"Google Shopping / | \(product\.metafields\..*\)")

Row = Mapping[str, str]


def is_shopify(table: Table) -> bool:
    """Whether a table is a product export of Shopify."""
    return set(table.names) >= _COLUMNS


def shopify_feed(table: Table, images: Path) -> RecordFeed:
    """One product for each variant. Variants of one handle share a group."""
    return RecordFeed(table.file.name, lambda: _records(table), {}, PhotoFolder(images), facet_of_text)


def _records(table: Table) -> Iterator[Record]:
    handle_at = table.names.index("Handle")
    facets = [name for name in table.names if not _PLUMBING.fullmatch(name)]

    def handle_of(record: Record) -> str:
        return "" if record.problem else str(record.cells[handle_at])

    for handle, records in groupby(table.records(), handle_of):
        if not handle:
            yield from (_without_handle(record) for record in records)
            continue
        lines: list[int] = []
        rows: list[Row] = []
        for record in records:
            lines.append(record.line)
            rows.append(dict(zip(table.names, map(str, record.cells), strict=True)))
        yield from _products(handle, lines, rows, facets)


def _products(
    handle: str, lines: Sequence[int], rows: Sequence[Row], facets: Sequence[str]
) -> Iterator[Record]:
    """The variants of one product."""
    first = rows[0]
    # Drafts and archived products are not for sale.
    if first.get("Status", "").strip().casefold() in ("draft", "archived"):
        return
    photos = [row["Image Src"] for row in rows if row["Image Src"]]
    own = {row["Variant Image"] for row in rows if row.get("Variant Image")}
    shared = [photo for photo in photos if photo not in own]
    facet_cells: dict[str, Cell] = {_PREFIX.sub("", name).casefold(): first[name] for name in facets}
    facet_cells["tags"] = [tag for part in first.get("Tags", "").split(",") if (tag := part.strip())]
    variants = [(line, row) for line, row in zip(lines, rows, strict=True) if _is_variant(row)]
    for line, row in variants or [(lines[0], first)]:
        options = _options(first, row)
        values = "-".join(options.values()) if len(variants) > 1 else ""
        photo = row.get("Variant Image", "")
        cells: dict[str, Cell] = {
            "id": row.get("Variant SKU", "").lstrip("'") or (f"{handle}-{values}" if values else handle),
            "title": first["Title"],
            "description": first.get("Body (HTML)", ""),
            "price": row.get("Variant Price", ""),
            "former_price": row.get("Variant Compare At Price", ""),
            "stock": row.get("Variant Inventory Qty", ""),
            "group": handle,
            "photos": [photo, *shared] if photo else photos,
        }
        fields = {**facet_cells, **options, **cells}
        yield Record(line, tuple(fields), tuple(fields.values()))


def _without_handle(record: Record) -> Record:
    problem = record.problem or "The row has no Handle."
    return Record(record.line, problem=problem, last=record.last)


def _is_variant(row: Row) -> bool:
    """Whether a row is a variant. Other rows only add photos."""
    return bool(row.get("Variant SKU") or row.get("Variant Price") or row.get("Option1 Value"))


def _options(first: Row, row: Row) -> dict[str, str]:
    """The options of a variant. Only the first row has their names."""
    options: dict[str, str] = {}
    for option in _OPTIONS:
        name, value = first.get(f"{option} Name", ""), row.get(f"{option} Value", "")
        # Shopify writes Title: Default Title if a product has no options.
        if name and value and name != "Title":
            options[name.casefold()] = value
    return options
