"""`undo`: what the last import changed is put back."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from lookalike.cli.options import catalog_option, json_option, open_existing
from lookalike.cli.output import print_json
from lookalike.errors import NotFound


@click.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@catalog_option
@json_option
def undo(yes: bool, catalog: str, as_json: bool) -> None:
    """Undo the last import.

    Products that it added are removed; products that it updated or removed are put back. Products that were
    changed after the import stay as they are.
    """
    with open_existing(catalog, index="") as shop:
        last = shop.last_import()
        if last is None:
            raise NotFound(f"There is no import to undo in {catalog}.")
        if not yes and sys.stdin.isatty():
            changed = f"{last.added} added, {last.updated} updated, {last.removed} removed"
            click.confirm(f"Undo the import of {last.feed} ({changed})?", abort=True, err=True)
        report = shop.undo_import()
    if as_json:
        print_json(asdict(report))
        return
    click.echo(
        f"The import of {report.feed} is undone: {report.removed} removed, {report.restored} restored."
    )
    if report.kept:
        click.echo(f"{report.kept} changed after the import and stay as they are.")
