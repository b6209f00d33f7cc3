"""`adapt`: fine-tunes the encoder on the products of a catalog."""

from __future__ import annotations

import logging
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lookalike.cli.interrupt import INTERRUPTED, gentle_interrupt, say_how_to_resume
from lookalike.cli.options import catalog_option, json_option, open_existing
from lookalike.cli.output import print_json
from lookalike.errors import ExtraMissing, UsageError, install_command

if TYPE_CHECKING:
    from lookalike.training.finetune import Adapted, Judgement
    from lookalike.types import Recipe

# The name of the recipe that `lookalike adapt` creates.
ADAPTED = "adapted"


@click.command()
@catalog_option
@click.option("--folder", type=click.Path(path_type=Path), help="Folder for encoders and checkpoints.")
@click.option("--minutes", default=12.0, show_default=True, help="Longest training time.")
@click.option("--seed", default=0, show_default=True)
@click.option(
    "--head", is_flag=True, help="Keep the catalog's network and learn a linear layer on its features."
)
@click.option("--facet", help="With --head, the facet to learn. Default: the category.")
@json_option
def adapt(
    catalog: str,
    folder: Path | None,
    minutes: float,
    seed: int,
    head: bool,
    facet: str | None,
    as_json: bool,
) -> None:
    """Train the built-in encoder on the catalog's own products, and keep it only if it is better.

    With --head, the catalog keeps its own network, such as a paper's ResNet-50: a linear layer is learned on
    its frozen features, within seconds and without embedding again.

    Some products, by group, are held out to evaluate the encoder before and after. Searches use the old
    encoder until the new one is complete; `lookalike switch --back` undoes the change. Ctrl-C is safe: run
    the same command again to continue.
    """
    if head:
        _adapt_head(catalog, facet, as_json)
        return
    if facet is not None:
        raise UsageError("--facet belongs to --head.")
    _need_extra()
    _show_progress()
    if minutes <= 0:
        raise UsageError("--minutes must be above 0.")
    _adapt_catalog(catalog, folder, minutes, seed, as_json)


def _adapt_catalog(catalog: str, folder: Path | None, minutes: float, seed: int, as_json: bool) -> None:
    from lookalike.training.finetune import adapt as adapt_catalog

    if folder is None:
        if "://" in catalog:
            raise UsageError("A catalog at a URL has no folder. Name one with --folder.")
        folder = Path(f"{catalog}.adapted")
    with open_existing(catalog, index="") as shop, gentle_interrupt() as stop:
        _refuse_other_network(shop.recipe)
        made = adapt_catalog(shop.catalog, folder, current=shop.recipe, minutes=minutes, seed=seed, stop=stop)
        complete = made is not None
        if made is not None and made.judgement.better:
            complete = shop.switch(made.recipe, stop=stop).complete
    if made is None or not complete:
        say_how_to_resume()
        sys.exit(INTERRUPTED)
    if as_json:
        print_json({**asdict(made.judgement), "kept": made.judgement.better, "seconds": made.seconds})
        return
    _say(made)


def _refuse_other_network(recipe: Recipe) -> None:
    from lookalike.encoders.registry import BUILTIN

    if recipe.image not in ("", BUILTIN) and recipe.name != ADAPTED:
        raise UsageError(
            f"This catalog uses {recipe.image}, and `adapt` trains the built-in encoder. "
            "Run `lookalike adapt --head` to learn a layer on its features, "
            "or `lookalike switch builtin` first."
        )


def _adapt_head(catalog: str, facet: str | None, as_json: bool) -> None:
    from lookalike.analysis.evaluate.head_study import study_head
    from lookalike.analysis.snapshot import Snapshot

    with open_existing(catalog, index="") as shop:
        recipe = shop.recipe
        if not recipe.image:
            raise UsageError(
                f"The recipe {recipe.name} does not use photos, so there are no features for a head."
            )
        if recipe.metric == "dot":
            raise UsageError("A head needs a recipe that compares by cosine or Euclidean distance.")
        snapshot = Snapshot.of(shop)
        wanted = facet or snapshot.category()
        if not wanted or wanted not in snapshot.facets():
            known = ", ".join(snapshot.facets()) or "none"
            raise UsageError(f"There is no facet {wanted or 'category'!r}. Facets: {known}.")
        study = study_head(snapshot, wanted)
        if study.better:
            name = recipe.name.partition("+")[0]
            # Rows of a head are compared by their direction, as the papers' dense layers are.
            made = replace(recipe, name=f"{name}+head", head=wanted, components=0.0, metric="cosine")
            shop.switch(made)
    if as_json:
        print_json({**asdict(study), "kept": study.better})
        return
    click.echo(
        f"P@5 of {wanted} on {study.queries} held-out products: {study.before} before, {study.after} after."
    )
    click.echo(f"Gain {study.gain.value:+.3f}, 95% interval {study.gain.low:+.3f} to {study.gain.high:+.3f}.")
    if study.better:
        click.echo("Better: the catalog uses the head. Run `lookalike switch --back` to undo.")
    else:
        click.echo("Not significantly better: the catalog is unchanged.")


def _say(made: Adapted) -> None:
    judgement = made.judgement
    for line in _table(judgement):
        click.echo(line)
    if judgement.better:
        click.echo("Better: the catalog uses the new encoder. Run `lookalike switch --back` to undo.")
    else:
        click.echo("Not significantly better: the catalog keeps its encoder.")


def _table(judgement: Judgement) -> list[str]:
    lines = [f"{'':28}{'before':>8}{'after':>8}"]
    for name, after in judgement.after.items():
        before = judgement.before.get(name)
        lines.append(f"{name:28}{before.value if before else float('nan'):8.3f}{after.value:8.3f}")
    gain = judgement.gain
    lines.append(f"mean gain {gain.value:+.3f}, 95% interval {gain.low:+.3f} to {gain.high:+.3f}")
    return lines


def _need_extra() -> None:
    try:
        import onnx
        import torch
    except ImportError as error:
        raise ExtraMissing(f"Training needs torch and onnx: {install_command('adapt')}.") from error
    del onnx, torch


def _show_progress() -> None:
    progress = logging.getLogger("lookalike.training")
    if not progress.handlers:
        progress.addHandler(logging.StreamHandler())
    progress.setLevel(logging.INFO)
