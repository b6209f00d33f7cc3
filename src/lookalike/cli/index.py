"""`index`: shows the index of a catalog, and its recall."""

from __future__ import annotations

from dataclasses import asdict

import click

from lookalike.cli.options import catalog_option, index_option, json_option, open_existing
from lookalike.cli.output import print_json


@click.command()
@catalog_option
@index_option
@json_option
def index(catalog: str, index: str, as_json: bool) -> None:
    """Show the index and its recall. Builds the approximate index if it is due."""
    with open_existing(catalog, index) as shop:
        shop.settle()
        kind, facts, revision = shop.engine.index.kind, shop.engine.index.facts(), shop.revision
    if as_json:
        print_json({"index": kind, **asdict(facts), "revision": revision})
        return
    kept = f", {facts.kept} of them in files" if facts.kept else ""
    recall = (
        "" if facts.recall is None else f"; recall of the nearest 10: {facts.recall:.1%} when it was built"
    )
    click.echo(f"{kind}: {facts.rows} rows{kept}, revision {revision}{recall}")
    if facts.note:
        click.echo(facts.note, err=True)
