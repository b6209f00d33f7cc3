"""`check`: does the index agree with the catalogue?"""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict

import click

from lookalike.cli.options import catalog_option, index_option, json_option, must_exist
from lookalike.cli.output import print_json
from lookalike.errors import Conflict


@click.command()
@catalog_option
@index_option
@click.option("--rebuild", is_flag=True, help="Build another collection, then put it in this one's place.")
@json_option
def check(catalog: str, index: str, rebuild: bool, as_json: bool) -> None:
    """Compare an index kept elsewhere with its catalogue, row by row.

    With --rebuild, make it anew first; searches go on with the old one until the new one is complete.
    """
    from lookalike.database import open_database
    from lookalike.search.index_check import IndexVerifier

    must_exist(catalog)
    with closing(open_database(catalog)) as database, closing(IndexVerifier(database, index)) as keeper:
        if rebuild:
            keeper.rebuild()
        audit = keeper.check()
    if as_json:
        print_json({**asdict(audit), "agrees": audit.agrees})
    elif audit.agrees:
        click.echo(f"The index agrees with {catalog}: {audit.rows} rows, revision {audit.revision}.")
    if not audit.agrees:
        raise Conflict(
            f"The index lacks {audit.missing} of {audit.rows} rows, has {audit.extra} too many and "
            f"{audit.different} otherwise: run this again with --rebuild."
        )
