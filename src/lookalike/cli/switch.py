"""`switch`: switches a catalog to another recipe, while searches continue."""

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
@click.option("--back", is_flag=True, help="Return to the previous recipe.")
@click.option(
    "--workers",
    default="",
    metavar="ray://HOST:PORT",
    help="Embed on a Ray cluster instead of this machine.",
)
@catalog_option
@json_option
def switch(recipe: str | None, back: bool, workers: str, catalog: str, as_json: bool) -> None:
    """Switch the catalog to another RECIPE.

    Searches use the old recipe until the new one is complete. Ctrl-C is safe: run the same command again to
    continue.
    """
    if (recipe is None) is not back:
        raise UsageError(
            "Name a recipe, or return to the previous one with --back. `lookalike recipes` lists them."
        )
    with open_existing(catalog, index="") as shop, gentle_interrupt() as stop:
        if recipe is None:
            report = shop.switch_back(progress=_print_progress(), stop=stop, workers=workers)
        else:
            report = shop.switch(recipe, progress=_print_progress(), stop=stop, workers=workers)
        name = shop.recipe.name
    if as_json:
        print_json({**asdict(report), "recipe": name})
    elif report.complete:
        click.echo(f"The catalog now uses {name}. Run `lookalike switch --back` to undo.")
    if not report.complete:
        say_how_to_resume()
        sys.exit(INTERRUPTED)


def _print_progress() -> Callable[[RebuildReport], None]:
    printed = time.monotonic()

    def show(report: RebuildReport) -> None:
        nonlocal printed
        if time.monotonic() - printed >= SECONDS_BETWEEN_LINES:
            printed = time.monotonic()
            click.echo(f"{report.photos} photos and {report.texts} texts embedded", err=True)

    return show
