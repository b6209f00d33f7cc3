"""`export`: the catalogue as a feed, for a spreadsheet, another shop or another catalogue."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, TextIO

import click

from lookalike import wire
from lookalike.cli.options import catalog_option, json_option, open_existing

if TYPE_CHECKING:
    from lookalike.catalog import Catalog
    from lookalike.records import Product

PAGE = 500


@click.command()
@click.option("-o", "--output", type=click.File("w"), default="-", help="File to write; stdout by default.")
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), default="csv", show_default=True)
@catalog_option
@json_option
def export(output: TextIO, form: Literal["csv", "jsonl"], catalog: str, as_json: bool) -> None:
    """Write the products of the catalogue as CSV or JSONL that `import` takes back."""
    from lookalike.feeds import export_csv

    with open_existing(catalog, index="") as shop:
        if form == "csv" and not as_json:
            export_csv(_products(shop), output, shop.facet_names())
        else:
            output.writelines(_line(product) for product in _products(shop))


def _products(shop: Catalog) -> Iterator[Product]:
    after = ""
    while page := shop.products(after=after, limit=PAGE):
        yield from page
        after = page[-1].id


def _line(product: Product) -> str:
    facts = {
        "id": product.id,
        "title": product.title,
        "description": product.description,
        "price": product.price,
        "currency": product.currency,
        "stock": product.stock,
        "group": product.group,
        "link": product.link,
        "photos": [photo.source for photo in product.photos if photo.source],
    }
    return json.dumps(wire.facets_json(product.facets) | facts, ensure_ascii=False) + "\n"
