"""`recipes` and `models`: what products can be compared with, and how its files get here."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from lookalike.cli.options import json_option
from lookalike.cli.output import print_json, print_table

if TYPE_CHECKING:
    from lookalike.encoders.hub import Progress


@click.command()
@json_option
@click.argument("name", required=False)
def recipes(name: str | None, as_json: bool) -> None:
    """List the recipes, or tell the steps of one."""
    from lookalike.encoders.recipes import describe, described, recipe

    found = [describe(recipe(name))] if name else described()
    if as_json:
        print_json(found)
    elif name:
        _print_facts(found[0])
    else:
        rows = [
            (each["name"], _megabytes(each["size"]), _here(each["here"]), each["summary"]) for each in found
        ]
        print_table(("RECIPE", "SIZE", "HERE", "WHAT"), rows)


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def models(ctx: click.Context, as_json: bool) -> None:
    """List the encoders that have a name; `models pull NAME` brings one to this machine."""
    if ctx.invoked_subcommand is not None:
        return
    from lookalike.encoders.registry import BUILTIN, KINDS, source
    from lookalike.encoders.zoo import MODELS

    sources = [source(BUILTIN, kind) for kind in KINDS]
    sources += [source(record.name, record.kind) for record in MODELS]
    if as_json:
        print_json(
            [{**asdict(each.record), "size": each.record.size, "here": each.complete()} for each in sources]
        )
        return
    rows = [
        (
            each.record.name,
            each.record.kind,
            str(each.record.dim),
            _megabytes(each.record.size),
            _here(each.complete()),
            each.record.licence or "?",
            each.record.summary,
        )
        for each in sources
    ]
    print_table(("MODEL", "READS", "DIM", "SIZE", "HERE", "LICENCE", "WHAT"), rows)


@models.command()
@click.argument("names", nargs=-1, required=True)
@json_option
def pull(names: tuple[str, ...], as_json: bool) -> None:
    """Download the files of models or recipes; a download that was broken off goes on."""
    from lookalike.encoders.hub import pull as pulled
    from lookalike.encoders.recipes import needs

    records = [record for name in names for record in needs(name)]
    with _progress() as progress:
        files = [str(path) for record in records for path in pulled(record, progress)]
    if as_json:
        print_json({"files": files})
    else:
        for file in files:
            click.echo(file)


@models.command()
@click.argument("name")
def show(name: str) -> None:
    """Print the record of a model or of an ONNX file, as JSON that may be put beside the file."""
    from lookalike.encoders.registry import kinds, source

    found = [asdict(source(name, kind).record) for kind in kinds(name)]
    print_json(found[0] if len(found) == 1 else found)


@contextmanager
def _progress() -> Generator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    tasks: dict[str, Any] = {}
    console = Console(stderr=True)
    # In a log, bars would be noise.
    with Bars(*columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal) as bars:

        def show(file: str, done: int, total: int) -> None:
            if file not in tasks:
                tasks[file] = bars.add_task(file, total=total or None)
            bars.update(tasks[file], completed=done)

        yield show


def _print_facts(facts: dict[str, Any]) -> None:
    for key, value in facts.items():
        if key == "steps":
            click.echo("steps:")
            for place, step in enumerate(value, 1):
                click.echo(f"  {place}. {step}")
        else:
            click.echo(f"{key.replace('_', ' ')}: {value}")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.0f} MB" if size else "-"


def _here(complete: bool) -> str:
    return "yes" if complete else "no"
