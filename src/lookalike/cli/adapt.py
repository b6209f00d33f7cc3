"""`adapt`: train the encoder further on a catalogue's own products."""

from __future__ import annotations

import logging
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lookalike.cli.interrupt import INTERRUPTED, gentle_interrupt, say_how_to_resume
from lookalike.cli.options import catalog_option, json_option, open_existing
from lookalike.cli.output import print_json
from lookalike.errors import ExtraMissing, UsageError

if TYPE_CHECKING:
    from lookalike.training.finetune import Adapted, Judgement


@click.command()
@catalog_option
@click.option("--folder", type=click.Path(path_type=Path), help="Where encoders and checkpoints are kept.")
@click.option("--minutes", default=12.0, show_default=True, help="Train no longer than this.")
@click.option("--seed", default=0, show_default=True)
@json_option
def adapt(
    catalog: str,
    folder: Path | None,
    minutes: float,
    seed: int,
    as_json: bool,
) -> None:
    """Train the encoder on the catalogue's own products, and keep it only if it is better.

    Some products are kept aside, by group, to judge the encoder before and after. Searches go on with the
    old one until the new is complete; `lookalike switch --back` undoes it. Ctrl-C is safe: the same command
    goes on where it stopped.
    """
    _need_extra()
    _show_progress()
    if minutes <= 0:
        raise UsageError("--minutes must be above 0.")
    _adapt_catalog(catalog, folder, minutes, seed, as_json)


def _adapt_catalog(catalog: str, folder: Path | None, minutes: float, seed: int, as_json: bool) -> None:
    from lookalike.training.finetune import adapt as adapt_catalog

    if folder is None:
        if "://" in catalog:
            raise UsageError("A catalogue behind a URL has no folder beside it: name one with --folder.")
        folder = Path(f"{catalog}.adapted")
    with open_existing(catalog, index="") as shop, gentle_interrupt() as stop:
        made = adapt_catalog(shop, folder, current=shop.recipe, minutes=minutes, seed=seed, stop=stop)
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


def _say(made: Adapted) -> None:
    judgement = made.judgement
    for line in _table(judgement):
        click.echo(line)
    if judgement.better:
        click.echo(
            "Better: the catalogue is searched by the new encoder; `lookalike switch --back` undoes it."
        )
    else:
        click.echo("Not surely better: the catalogue keeps the encoder it had.")


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
        raise ExtraMissing("Training needs torch and onnx: pip install 'lookalike[adapt]'.") from error
    del onnx, torch


def _show_progress() -> None:
    progress = logging.getLogger("lookalike.training")
    if not progress.handlers:
        progress.addHandler(logging.StreamHandler())
    progress.setLevel(logging.INFO)
