"""`source`: the feeds and shop systems that a catalog follows."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import asdict

import click

from lookalike.cli.options import catalog_option, json_option, must_exist
from lookalike.cli.output import print_json, print_table, run_changes, run_time
from lookalike.database import Database, open_database
from lookalike.errors import NotFound
from lookalike.sync.followed import followed, unfollow

RUNS_SHOWN = 5


@click.group()
def source() -> None:
    """List the feeds and shop systems that a catalog follows, or stop following one."""


@source.command("list")
@catalog_option
@json_option
def list_sources(catalog: str, as_json: bool) -> None:
    """List the sources, and what is still to be read of each."""
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


@source.command("runs")
@click.argument("name", required=False)
@catalog_option
@json_option
def list_runs(name: str | None, catalog: str, as_json: bool) -> None:
    """List the latest runs of all sources, or those of NAME and its rejected rows."""
    with _database(catalog) as database:
        known = [each.name for each in followed(database)]
        if name is not None and name not in known:
            raise NotFound(f"{catalog} follows no source '{name}': run `lookalike source list`.")
        runs = [
            run for each in ([name] if name else known) for run in database.source_runs.runs(each, RUNS_SHOWN)
        ]
    if as_json:
        print_json([asdict(run) for run in runs])
        return
    rows = [(run.source, run_time(run), run.outcome, run_changes(run), run.detail) for run in runs]
    print_table(("SOURCE", "RUN", "OUTCOME", "CHANGES", "DETAIL"), rows)
    for problem in runs[0].problems if name and runs else ():
        click.echo(f"{problem.id or '?'}: {problem.reason}", err=True)


@source.command()
@click.argument("name")
@catalog_option
def remove(name: str, catalog: str) -> None:
    """Stop following NAME: its webhooks are refused, its products stay."""
    with _database(catalog) as database:
        unfollow(database, name)
    click.echo(f"{name} is no longer followed. Its products stay in the catalog.")


@contextmanager
def _database(catalog: str) -> Generator[Database]:
    must_exist(catalog)
    with closing(open_database(catalog)) as database:
        yield database
