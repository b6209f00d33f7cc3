"""`switch`: another recipe for a whole catalogue, while it is searched by its own."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from lookalike.cli.interrupt import INTERRUPTED, gentle_interrupt, say_how_to_resume
from lookalike.cli.options import catalog_option, json_option, open_existing
from lookalike.cli.output import print_json
from lookalike.errors import UsageError

if TYPE_CHECKING:
    from lookalike.catalog.reembed import RebuildReport

SECONDS_BETWEEN_LINES = 5.0


@click.command()
@click.argument("recipe", required=False)
@click.option("--back", is_flag=True, help="Go back to the recipe before the last switch.")
@click.option(
    "--workers",
    default="",
    metavar="N|ray://HOST:PORT",
    help="Processes that embed instead of threads, or a Ray cluster.",
)
@catalog_option
@json_option
def switch(recipe: str | None, back: bool, workers: str, catalog: str, as_json: bool) -> None:
    """Make the catalogue comparable by another RECIPE.

    Searches go on with the old one until the new one is complete. Ctrl-C is safe: the same command goes
    on where it stopped.
    """
    if (recipe is None) is not back:
        raise UsageError("Name a recipe, or go back with --back: `lookalike recipes` lists them.")
    with open_existing(catalog, index="") as shop, gentle_interrupt() as stop:
        if recipe is None:
            report = shop.switch_back(progress=_teller(), stop=stop, workers=workers)
        else:
            report = shop.switch(recipe, progress=_teller(), stop=stop, workers=workers)
        name = shop.recipe.name
    if as_json:
        print_json({**asdict(report), "recipe": name})
    elif report.complete:
        click.echo(f"The catalogue is searched by {name} now; `lookalike switch --back` undoes it.")
    if not report.complete:
        say_how_to_resume()
        sys.exit(INTERRUPTED)


def _teller() -> Callable[[RebuildReport], None]:
    told = time.monotonic()

    def tell(report: RebuildReport) -> None:
        nonlocal told
        if time.monotonic() - told >= SECONDS_BETWEEN_LINES:
            told = time.monotonic()
            click.echo(f"{report.photos} photos and {report.texts} texts embedded", err=True)

    return tell
