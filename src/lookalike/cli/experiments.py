"""`experiment`: A/B experiments on the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TextIO, cast

import click

from lookalike.cli.options import catalog_option, index_option, json_option, open_existing
from lookalike.cli.output import print_json, print_table
from lookalike.errors import BadExperiment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lookalike.recommend.experiments.serialize import ArmJson, ExperimentReportJson


@click.group()
def experiment() -> None:
    """Compare two variants of the shop: start, watch and stop A/B experiments."""


@experiment.command()
@click.argument("file", type=click.File("r", encoding="utf-8"))
@catalog_option
@index_option
@json_option
def start(file: TextIO, catalog: str, index: str, as_json: bool) -> None:
    """Start the experiment that a JSON FILE describes.

    For example: {"id": "models", "goal": "purchase", "b": {"blend": "models-first"}}. A variant may set
    rules, blend, weights, image_weight, word_weight and placements; the rest is as the shop has it.
    """
    from lookalike.recommend.experiments.serialize import experiment_json

    try:
        values: Any = json.load(file)
    except ValueError as error:
        raise BadExperiment(f"{file.name} is not JSON: {error}.") from error
    if not isinstance(values, dict):
        raise BadExperiment(f"{file.name} must hold one JSON object with an 'id', 'a' and 'b'.")
    with open_existing(catalog, index) as shop:
        begun = experiment_json(shop.experiments.start(cast("dict[str, Any]", values)))
    if as_json:
        print_json(begun)
    else:
        click.echo(
            f"'{begun['id']}' runs in {', '.join(begun['surfaces'])}. "
            f"Watch it with `lookalike experiment report {begun['id']}`.",
            err=True,
        )


@experiment.command("list")
@catalog_option
@index_option
@json_option
def list_experiments(catalog: str, index: str, as_json: bool) -> None:
    """List all experiments, the last one started first."""
    from lookalike.recommend.experiments.serialize import experiment_json

    with open_existing(catalog, index) as shop:
        found = [experiment_json(each) for each in shop.experiments.experiments]
    if as_json:
        print_json(found)
        return
    rows = [
        (each["id"], "running" if each["stopped"] is None else "stopped", each["goal"], each["started"][:10])
        for each in found
    ]
    print_table(("experiment", "state", "goal", "started"), rows)


@experiment.command()
@click.argument("id")
@catalog_option
@index_option
@json_option
def report(id: str, catalog: str, index: str, as_json: bool) -> None:
    """Show what an experiment has shown so far, and whether to stop it.

    The interval stays valid however often you look, and whenever you stop.
    """
    from lookalike.recommend.experiments.serialize import report_json

    with open_existing(catalog, index) as shop:
        found = report_json(shop.experiments.report(id))
    _show(found, as_json)


@experiment.command()
@click.argument("id")
@catalog_option
@index_option
@json_option
def stop(id: str, catalog: str, index: str, as_json: bool) -> None:
    """Stop an experiment; all shoppers get the shop as it is again."""
    from lookalike.recommend.experiments.serialize import report_json

    with open_existing(catalog, index) as shop:
        shop.experiments.stop(id)
        found = report_json(shop.experiments.report(id))
    _show(found, as_json)


@experiment.command()
@click.argument("id")
@catalog_option
@index_option
@json_option
def apply(id: str, catalog: str, index: str, as_json: bool) -> None:
    """Make the winner the shop's setting, for every shopper, and stop the experiment."""
    from lookalike.recommend.experiments.serialize import experiment_json

    with open_existing(catalog, index) as shop:
        applied = experiment_json(shop.experiments.apply(id))
    if as_json:
        print_json(applied)
        return
    done = applied["applied"]
    assert done is not None
    changed = _names(done["changed"]) or "nothing: it is the shop as it was"
    click.echo(f"Variant {done['variant']} is the shop's setting. Changed: {changed}.", err=True)
    click.echo(f"`lookalike experiment undo {id}` goes back.", err=True)


@experiment.command()
@click.argument("id")
@catalog_option
@index_option
@json_option
def undo(id: str, catalog: str, index: str, as_json: bool) -> None:
    """Put back what applying the winner changed. What was changed again since stays."""
    from lookalike.recommend.experiments.serialize import undone_json

    with open_existing(catalog, index) as shop:
        kept = shop.experiments.undo(id)
        undone = undone_json(shop.experiments.experiment(id), kept)
    if as_json:
        print_json(undone)
        return
    click.echo("The shop has its former settings again.", err=True)
    if kept:
        click.echo(f"Changed since, and left as it is: {_names(kept)}.", err=True)


@experiment.command()
@click.argument("id")
@catalog_option
@index_option
def delete(id: str, catalog: str, index: str) -> None:
    """Delete a stopped experiment."""
    with open_existing(catalog, index) as shop:
        shop.experiments.remove(id)


def _show(report: ExperimentReportJson, as_json: bool) -> None:
    if as_json:
        print_json(report)
        return
    goal = report["experiment"]["goal"]
    rows = [_row("A", report["a"]), _row("B", report["b"])]
    print_table(("variant", "shoppers", f"with a {goal}", "rate"), rows)
    high = "any" if report["high"] is None else f"{report['high']:+.1%}"
    lift = "unknown" if report["lift"] is None else f"{report['lift']:+.1%}"
    click.echo(f"lift {lift}, {report['confidence']:.0%} interval {report['low'] or 0:+.1%} to {high}")
    click.echo(report["advice"], err=True)


def _names(changes: Iterable[str]) -> str:
    return ", ".join(each.replace("_", " ") for each in changes)


def _row(name: str, arm: ArmJson) -> tuple[str, ...]:
    rate = "" if arm["rate"] is None else f"{arm['rate']:.2%}"
    return (name, str(arm["shoppers"]), str(arm["reached"]), rate)
