"""`copy`: a catalogue from a file to a server, or back."""

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
    """Copy the catalogue SOURCE into the empty TARGET: a file or a postgresql:// URL each.

    Products, photos, vectors, what was learned, events, rules and settings go over; both sides are then
    compared by their checksums.
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
            f"{report.products} products, {report.photos} photos and {report.events} events copied; "
            f"both sides have the checksum {report.checksum}."
        )
