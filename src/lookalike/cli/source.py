"""`source`: the shop systems that a catalog follows."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import asdict

import click

from lookalike.cli.options import catalog_option, json_option, must_exist
from lookalike.cli.output import print_json, print_table
from lookalike.database import Database, open_database
from lookalike.sync.followed import followed, unfollow


@click.group()
def source() -> None:
    """List the shop systems that a catalog follows, and follow one no longer."""


@source.command("list")
@catalog_option
@json_option
def list_sources(catalog: str, as_json: bool) -> None:
    """List the shop systems, and what is still to be read of each."""
    with _database(catalog) as database:
        known = followed(database)
    if as_json:
        print_json([asdict(each) for each in known])
        return
    print_table(
        ("NAME", "ADDRESS", "READ UNTIL", "PENDING", "TO RETRY"),
        [
            (each.name, each.address, each.read_until or "", str(each.pending), str(each.retried))
            for each in known
        ],
    )


@source.command()
@click.argument("name")
@catalog_option
def remove(name: str, catalog: str) -> None:
    """Follow NAME no longer: its webhooks are refused, its products stay."""
    with _database(catalog) as database:
        unfollow(database, name)
    click.echo(f"{name} is no longer followed. Its products stay in the catalog.")


@contextmanager
def _database(catalog: str) -> Generator[Database]:
    must_exist(catalog)
    with closing(open_database(catalog)) as database:
        yield database
