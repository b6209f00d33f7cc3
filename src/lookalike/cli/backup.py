"""`backup` and `restore`: verified copies of a catalog in a file."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lookalike.cli.interrupt import gentle_interrupt
from lookalike.cli.options import json_option
from lookalike.cli.output import print_json
from lookalike.errors import LookalikeError, UsageError

if TYPE_CHECKING:
    from lookalike.database.backup import BackupReport
    from lookalike.database.backup_series import BackupSeries

KEPT = 7
# After a failure. A full disk or a busy catalog may pass before the next backup is due.
RETRY_SECONDS = 600.0


@click.command()
@click.argument("source", metavar="CATALOG")
@click.argument("target", type=click.Path(path_type=Path))
@click.option(
    "--keep",
    type=click.IntRange(1),
    help=f"TARGET is a folder: write a dated file and keep the N latest. With --every: {KEPT} by default.",
    metavar="N",
)
@click.option("--every", help="TARGET is a folder: make a backup this often, until Ctrl-C: 6h, 1d.")
@json_option
def backup(source: str, target: Path, keep: int | None, every: str | None, as_json: bool) -> None:
    """Copy the file CATALOG to the new file TARGET while servers use it, and verify the copy."""
    from lookalike.database.backup import back_up
    from lookalike.database.backup_series import BackupSeries

    if every is not None:
        _repeat(BackupSeries(source, target, keep or KEPT), every, as_json)
    elif keep is not None:
        _show(BackupSeries(source, target, keep).make(), as_json)
    elif target.is_dir():
        raise UsageError(f"{target} is a folder: add --keep N, or name a file in it.")
    else:
        _show(back_up(source, target), as_json)


@click.command()
@click.argument("source", metavar="BACKUP")
@click.argument("target", metavar="CATALOG", type=click.Path(dir_okay=False, path_type=Path))
@json_option
def restore(source: str, target: Path, as_json: bool) -> None:
    """Copy BACKUP to the new file CATALOG, and verify it.

    An existing catalog is not replaced: stop its servers and move it away first.
    """
    from lookalike.database.backup import back_up

    _show(back_up(source, target), as_json)


def _repeat(series: BackupSeries, every: str, as_json: bool) -> None:
    """Make a backup whenever one is due, until Ctrl-C."""
    from lookalike.sync.interval import interval_seconds

    seconds = interval_seconds(every)
    with gentle_interrupt() as stop:
        while not stop.wait(series.seconds_to_next(seconds)):
            try:
                _show(series.make(), as_json)
            except UsageError:
                raise
            except LookalikeError as error:
                click.echo(f"No backup was made, and no older one deleted. {error}", err=True)
                stop.wait(min(seconds, RETRY_SECONDS))


def _show(report: BackupReport, as_json: bool) -> None:
    if as_json:
        print_json(asdict(report))
    else:
        click.echo(
            f"{report.path}: {report.products} products, {report.bytes / 1e6:.1f} MB; "
            f"all {report.rows} rows are intact."
        )
