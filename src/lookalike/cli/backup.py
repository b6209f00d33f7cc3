"""`backup` and `restore`: verified copies of a catalogue in a file."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from lookalike.cli.options import json_option
from lookalike.cli.output import print_json


@click.command()
@click.argument("source", metavar="CATALOG")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@json_option
def backup(source: str, target: Path, as_json: bool) -> None:
    """Copy the file CATALOG to the new file TARGET while servers use it, and verify the copy."""
    _copy(source, target, as_json)


@click.command()
@click.argument("source", metavar="BACKUP")
@click.argument("target", metavar="CATALOG", type=click.Path(dir_okay=False, path_type=Path))
@json_option
def restore(source: str, target: Path, as_json: bool) -> None:
    """Copy BACKUP to the new file CATALOG, and verify it.

    A catalogue that is there already is not replaced: stop its servers and move it away first.
    """
    _copy(source, target, as_json)


def _copy(source: str, target: Path, as_json: bool) -> None:
    from lookalike.database.backup import back_up

    report = back_up(source, target)
    if as_json:
        print_json(asdict(report))
    else:
        click.echo(
            f"{report.path}: {report.products} products, {report.bytes / 1e6:.1f} MB; "
            f"all {report.rows} rows are intact."
        )
