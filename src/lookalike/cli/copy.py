"""`copy`: copies a catalog from a file to a server, or back."""

from __future__ import annotations

from dataclasses import asdict

import click

from lookalike.cli.options import json_option, must_exist
from lookalike.cli.output import print_json


@click.command()
@click.argument("source")
@click.argument("target")
@json_option
def copy(source: str, target: str, as_json: bool) -> None:
    """Copy the catalog SOURCE to the empty TARGET. Each is a file or a postgresql:// URL.

    Copies products, photos, vectors, learned models, events, keys, sources, rules and settings, then compares
    the checksums of both sides. The copy follows the same sources as soon as it is served.
    """
    from lookalike.catalog.copy import copy as copied
    from lookalike.database import open_database

    must_exist(source)
    database = open_database(source)
    try:
        other = open_database(target)
        try:
            report = copied(database, other)
        finally:
            other.close()
    finally:
        database.close()
    if as_json:
        print_json(asdict(report))
    else:
        click.echo(
            f"{report.products} products, {report.photos} photos, {report.events} events and "
            f"{report.sources} sources copied; "
            f"both sides have the checksum {report.checksum}."
        )
