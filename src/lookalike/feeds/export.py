"""Products as CSV, for a spreadsheet or another shop."""

from __future__ import annotations

import csv
import json
from collections.abc import Collection, Iterable
from typing import TextIO

from lookalike.spreadsheet import safe_cell
from lookalike.types import FacetValue, Product

FIELDS = (
    "id", "title", "description", "price", "former_price", "currency", "stock", "group", "link", "photos",
)  # fmt: skip


def export_csv(products: Iterable[Product], stream: TextIO, facets: Collection[str] | None = None) -> None:
    """Write products as CSV that `read_feed` can read. Without `facets`, all products are read first.

    A text that a spreadsheet would run as a formula gets an apostrophe in front.
    """
    if facets is None:
        products = list(products)
        facets = dict.fromkeys(name for product in products for name in product.facets)
    names = list(facets)
    rows = csv.writer(stream)
    # A facet may have the name of a field: a number distinguishes the two columns.
    rows.writerow([*FIELDS, *(safe_cell(f"{name} 2" if name in FIELDS else name) for name in names)])
    for product in products:
        fixed = (
            safe_cell(product.id),
            safe_cell(product.title),
            safe_cell(product.description),
            "" if product.price is None else product.price,
            "" if product.former_price is None else product.former_price,
            safe_cell(product.currency),
            "" if product.stock is None else product.stock,
            safe_cell(product.group),
            safe_cell(product.link),
            safe_cell("|".join(photo.source for photo in product.photos if photo.source)),
        )
        rows.writerow([*fixed, *(_cell(product.facets.get(name)) for name in names)])


def _cell(value: FacetValue | None) -> str | float:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return json.dumps(value, ensure_ascii=False)
    return safe_cell(value) if isinstance(value, str) else "" if value is None else value
