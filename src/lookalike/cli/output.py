"""Output of commands: tables and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from lookalike.database.source_runs import StoredRun

WIDEST_CELL = 48


def print_json(value: Any) -> None:
    """Print a JSON document to stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, allow_nan=False))


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print aligned columns to stdout. Only the last one is never shortened."""
    cells = [tuple(header)]
    for *cut, whole in rows:
        cells.append((*map(_shortened, cut), _one_line(whole)))
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    for row in cells:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _one_line(cell: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in cell).split())


def _shortened(cell: str) -> str:
    line = _one_line(cell)
    return line if len(line) <= WIDEST_CELL else f"{line[: WIDEST_CELL - 1]}…"


def run_time(run: StoredRun) -> str:
    """When a run of a source began, by the clock of this machine."""
    return datetime.fromtimestamp(run.began).strftime("%Y-%m-%d %H:%M:%S")


def run_changes(run: StoredRun) -> str:
    """What a run of a source changed."""
    return f"{run.added} added, {run.updated} updated, {run.removed} removed, {run.failed} failed"
