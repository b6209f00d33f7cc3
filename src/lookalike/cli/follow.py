"""`follow`: a catalog kept in sync with a feed or a shop system."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from lookalike.cli.interrupt import gentle_interrupt
from lookalike.cli.options import catalog_option, index_option, json_option, open_catalog
from lookalike.cli.output import print_json, run_changes, run_time
from lookalike.errors import Conflict, UsageError

if TYPE_CHECKING:
    from lookalike.database.source_runs import StoredRun

PARTLY_DONE = 3


@click.command()
@click.argument("address", metavar="FEED|SOURCE")
@click.option("--every", default="15m", show_default=True, help="How often: 15m, 2h, 1d.")
@click.option("--once", is_flag=True, help="Read it once now, and leave the schedule to `lookalike serve`.")
@click.option("--no-prune", is_flag=True, help="Keep products that the source no longer has.")
@click.option(
    "--most-removed",
    type=click.FloatRange(0, 100),
    default=20,
    show_default=True,
    metavar="PERCENT",
    help="Remove nothing if more of the source's products than this would be removed.",
)
@click.option(
    "--alert",
    default="",
    metavar="URL",
    help="Webhook to post to when runs fail, and when they work again.",
)
@click.option("--recipe", help="Recipe of a new catalog; see `lookalike recipes`.")
@catalog_option
@index_option
@json_option
def follow(
    address: str,
    every: str,
    once: bool,
    no_prune: bool,
    most_removed: float,
    alert: str,
    recipe: str | None,
    catalog: str,
    index: str,
    as_json: bool,
) -> None:
    """Keep the catalog in sync with a feed or a shop system: lookalike follow https://shop.example/feed.xml

    Reads it now and then every 15 minutes, until Ctrl-C. The schedule is stored: a server of the same
    catalog follows it too.
    """
    from lookalike.database.source_runs import Schedule
    from lookalike.media.fetch import is_url
    from lookalike.sync.follow import Follower
    from lookalike.sync.interval import interval_seconds
    from lookalike.sync.sources import open_source

    if alert and not is_url(alert):
        raise UsageError(f"--alert takes a URL, not '{alert}'.")
    source = open_source(address)
    schedule = Schedule(
        source.name,
        interval_seconds(every),
        prune=not no_prune,
        most_removed=most_removed / 100,
        alert=alert,
    )
    failed = False
    with gentle_interrupt() as stop, open_catalog(catalog, index, recipe) as shop:
        follower = Follower(shop)
        follower.follow(source, address, schedule)
        while not stop.is_set():
            for name in follower.due():
                try:
                    run = follower.run(name, stop=stop)
                except Conflict as error:
                    # A server reads it. This process tries again when the next run is due.
                    click.echo(str(error), err=True)
                    continue
                failed = run.outcome == "failed"
                _tell(run, as_json)
            if once:
                break
            stop.wait(min(max(follower.seconds_to_next() or 0.0, 1.0), 30.0))
    if once and failed:
        sys.exit(PARTLY_DONE)


def _tell(run: StoredRun, as_json: bool) -> None:
    if as_json:
        print_json(asdict(run))
    else:
        click.echo(f"{run_time(run)} {run.source}: {run.outcome}, {run_changes(run)}")
        if run.detail:
            click.echo(run.detail, err=True)
