"""`export`: the catalog as a feed, its events as a log, or a network of another library as an encoder."""

from __future__ import annotations

import json
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TextIO

import click

from lookalike import serialize
from lookalike.cli.options import catalog_option, index_option, json_option, open_existing
from lookalike.cli.output import print_json
from lookalike.errors import UsageError

if TYPE_CHECKING:
    from lookalike.shop import Shop
    from lookalike.types import Product


@click.command()
@click.option("-o", "--output", metavar="FILE", help="File to write, or folder with --from. Default: stdout.")
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), default="csv", show_default=True)
@click.option(
    "--events",
    is_flag=True,
    help="Write events and exposures instead, as JSONL, or Parquet by -o FILE.parquet.",
)
@click.option(
    "--from",
    "source",
    metavar="LIBRARY:NAME",
    help="Write the network of timm, torchvision, open_clip or sentence-transformers as an encoder instead.",
)
@click.option(
    "--weights",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --from, a checkpoint of your own.",
)
@catalog_option
@index_option
@json_option
def export(
    output: str | None,
    form: Literal["csv", "jsonl"],
    events: bool,
    source: str | None,
    weights: Path | None,
    catalog: str,
    index: str,
    as_json: bool,
) -> None:
    """Write the products as CSV or JSONL that `import` can read."""
    if events:
        with open_existing(catalog, index) as shop:
            _export_events(shop, output)
        return
    if source is not None:
        _export_encoder(source, Path(output or "."), weights, as_json)
        return
    with open_existing(catalog, index) as shop, _opened(output) as file:
        _export_products(shop, file, "jsonl" if as_json else form)


def _opened(output: str | None) -> AbstractContextManager[TextIO]:
    if output is None:
        return nullcontext(sys.stdout)
    try:
        return Path(output).open("w", encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"{output} cannot be written ({error.strerror}). Name another file with -o."
        ) from error


def _export_products(shop: Shop, file: TextIO, form: Literal["csv", "jsonl"]) -> None:
    from lookalike.feeds import export_csv

    if form == "csv":
        export_csv(shop.catalog.database.all_products(), file, shop.facet_names())
    else:
        file.writelines(_line(product) for product in shop.catalog.database.all_products())


def _export_events(shop: Shop, output: str | None) -> None:
    from lookalike.recommend.event_logs.export import write_jsonl, write_parquet

    events = shop.catalog.database.events.every()
    suffix = Path(output or "events.jsonl").suffix.lower()
    if suffix not in (".jsonl", ".ndjson", ".parquet"):
        raise UsageError(
            f"Events are written as .jsonl or .parquet, not '{suffix}': name such a file with -o."
        )
    if output is not None and suffix == ".parquet":
        # Fail before anything is read if the output cannot be written.
        with _opened(output):
            pass
        count = write_parquet(events, Path(output))
    else:
        with _opened(output) as file:
            count = write_jsonl(events, file)
    click.echo(f"{count} events", err=True)


def _export_encoder(source: str, folder: Path, weights: Path | None, as_json: bool) -> None:
    from lookalike.encoders.export import export as export_encoder

    written = [str(path) for path in export_encoder(source, folder, weights)]
    if as_json:
        print_json(written)
    else:
        click.echo("\n".join(written))


def _line(product: Product) -> str:
    facts = {
        "id": product.id,
        "title": product.title,
        "description": product.description,
        "price": product.price,
        "former_price": product.former_price,
        "currency": product.currency,
        "stock": product.stock,
        "group": product.group,
        "link": product.link,
        "photos": [photo.source for photo in product.photos if photo.source],
    }
    return json.dumps(serialize.facets_json(product.facets) | facts, ensure_ascii=False) + "\n"
