"""`recipes` and `models`: list, download and compare models."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from lookalike.cli.options import catalog_option, json_option, open_existing
from lookalike.cli.output import print_json, print_table
from lookalike.cli.progress import steps_progress

if TYPE_CHECKING:
    from lookalike.encoders.describe import FileFacts
    from lookalike.encoders.files import Source
    from lookalike.encoders.hub import Progress
    from lookalike.types import Recipe


@click.command()
@json_option
@click.argument("name", required=False)
def recipes(name: str | None, as_json: bool) -> None:
    """List the recipes, or show one with its steps, files and commands."""
    from lookalike.encoders.describe import all_recipe_facts, recipe_facts
    from lookalike.encoders.recipes import recipe

    if as_json:
        print_json([recipe_facts(recipe(name))] if name else all_recipe_facts())
    elif name:
        _show_recipe(recipe(name))
    else:
        rows = [
            (
                each["name"],
                megabytes(each["size"]),
                _here(each["here"]),
                "; ".join(each["licences"]),
                each["summary"],
            )
            for each in all_recipe_facts()
        ]
        print_table(("RECIPE", "SIZE", "HERE", "LICENCE", "WHAT"), rows)


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def models(ctx: click.Context, as_json: bool) -> None:
    """List the models of the zoo; `models pull NAME` downloads one."""
    if ctx.invoked_subcommand is not None:
        return
    from lookalike.encoders.describe import licence
    from lookalike.encoders.onnx.providers import available_providers
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
            megabytes(each.record.size),
            _here(each.complete()),
            licence(each),
            each.record.summary,
        )
        for each in sources
    ]
    print_table(("MODEL", "READS", "DIM", "SIZE", "HERE", "LICENCE", "WHAT"), rows)
    click.echo(f"Runs on {', '.join(available_providers())}; LOOKALIKE_PROVIDERS chooses.", err=True)


@models.command()
@click.argument("names", nargs=-1, required=True)
@json_option
def pull(names: tuple[str, ...], as_json: bool) -> None:
    """Download the files of models or recipes; an interrupted download resumes."""
    from lookalike.encoders.hub import pull as pulled
    from lookalike.encoders.recipes import needs

    records = [record for name in names for record in needs(name)]
    with download_progress() as progress:
        files = [str(path) for record in records for path in pulled(record, progress)]
    if as_json:
        print_json({"files": files})
    else:
        for file in files:
            click.echo(file)


@models.command()
@click.argument("name")
@json_option
def show(name: str, as_json: bool) -> None:
    """Show a model or an ONNX file; --json prints the record, which may be put beside the file."""
    from lookalike.encoders.registry import kinds, source

    found = [source(name, kind) for kind in kinds(name)]
    if not as_json:
        _show_model(name, found)
        return
    records = [asdict(each.record) for each in found]
    print_json(records[0] if len(records) == 1 else records)


@models.command()
@click.option("--queries", type=click.IntRange(1), default=100, show_default=True, help="Queries per task.")
@catalog_option
@json_option
def recommend(queries: int, catalog: str, as_json: bool) -> None:
    """Measure the models on this machine on the catalog's own products, best first."""
    from lookalike.analysis.evaluate.recommend_models import measured_models

    with open_existing(catalog, "") as shop, steps_progress() as progress:
        found = measured_models(shop, queries=queries, progress=progress)
    if as_json:
        print_json([asdict(each) for each in found])
        return
    rows = [
        (each.recipe, f"{each.quality:.3f}", f"{each.photos_a_second:.0f}", each.licence or "not stated")
        for each in found
    ]
    print_table(("RECIPE", "QUALITY", "PHOTOS/S", "LICENCE"), rows)
    best, now = found[0], next(each for each in found if each.current)
    if best.current:
        click.echo(f"{best.recipe} is the best of them, and the catalog uses it.", err=True)
    else:
        click.echo(
            f"{best.recipe} scores {best.quality - now.quality:+.3f} over {now.recipe}: "
            f"lookalike switch {best.recipe} --catalog {catalog}",
            err=True,
        )


@contextmanager
def download_progress() -> Generator[Progress]:
    """A callback for a file, its bytes so far, and its size."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    tasks: dict[str, Any] = {}
    console = Console(stderr=True)
    # No bars in a log.
    with Bars(*columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal) as bars:

        def show(file: str, done: int, total: int) -> None:
            if file not in tasks:
                tasks[file] = bars.add_task(file, total=total or None)
            bars.update(tasks[file], completed=done)

        yield show


def print_files(files: Sequence[FileFacts]) -> None:
    """A table of files: name, source, size and license."""
    rows = [
        (
            each.model,
            megabytes(each.size),
            each.licence,
            _here(each.here),
            # Last, as only the last column is never shortened.
            f"{each.file.rsplit('/', 1)[-1]} from {each.source}",
        )
        for each in files
    ]
    print_table(("MODEL", "SIZE", "LICENCE", "HERE", "FILE"), rows)


def megabytes(size: int) -> str:
    """A size in MB."""
    return f"{size / 1e6:.1f} MB" if size else "-"


def _show_recipe(recipe: Recipe) -> None:
    from lookalike.encoders.describe import recipe_facts, recipe_files

    click.echo(f"{recipe.name}: {recipe.summary}")
    if recipe.paper:
        click.echo(f"Paper: {recipe.paper}")
    click.echo("Steps:")
    for place, step in enumerate(recipe.steps, 1):
        click.echo(f"  {place}. {step}")
    click.echo(f"Score: {_score(recipe)}; {recipe.k} hits")
    click.echo(f"Licence: {'; '.join(recipe_facts(recipe)['licences'])}")
    files = recipe_files(recipe)
    if files:
        click.echo("Files:")
        print_files(files)
    if not all(each.here for each in files):
        click.echo(f"Install: lookalike models pull {recipe.name}")
    click.echo(f"Use: lookalike import FEED --recipe {recipe.name}")


def _score(recipe: Recipe) -> str:
    measure = {"cosine": "cosine", "euclidean": "Euclidean distance", "dot": "inner product"}[recipe.metric]
    if recipe.image and recipe.text:
        said = f"{recipe.image_weight:g} x {measure} of photos + {1 - recipe.image_weight:g} x that of words"
    else:
        said = measure
    if recipe.keyword_bonus and recipe.text:
        said += ", and more for products that contain the words of the query"
    return said if recipe.min_score is None else f"{said}, at least {recipe.min_score:g}"


def _show_model(name: str, found: Sequence[Source]) -> None:
    from lookalike.encoders.describe import model_files

    for each in found:
        record = each.record
        click.echo(f"{record.name}, {record.kind}: {record.summary}")
        click.echo(f"Vector: {record.dim or 'known once it runs'} values, {_read(record.output)}")
        if record.unverified:
            click.echo(f"Not confirmed: {', '.join(record.unverified)}")
    files = [facts for each in found for facts in model_files(each)]
    print_files(files)
    if not all(facts.here for facts in files):
        export = found[0].record.export
        pulled = bool(found[0].record.repository)
        command = f"models pull {name}" if pulled else f"export --from {export} -o MODELS/{name}"
        click.echo(f"Install: lookalike {command}")
    click.echo(f"Use: lookalike import FEED --recipe {name}")


def _read(output: str) -> str:
    return f"read from {output}" if output else "the network's output"


def _here(complete: bool) -> str:
    return "yes" if complete else "no"
