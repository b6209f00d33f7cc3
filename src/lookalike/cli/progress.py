"""Progress of long commands: a bar on a terminal, otherwise a line every few seconds."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable, Sized
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from lookalike.types import ImportReport

if TYPE_CHECKING:
    from lookalike.catalog.importer import Progress

SECONDS_BETWEEN_LINES = 10.0


@contextmanager
def import_progress(feed: Iterable[object] | None) -> Generator[Progress]:
    """A callback for the progress of an import. Without a countable feed, the total is unknown."""
    started = time.monotonic()
    if not sys.stderr.isatty():
        yield _Lines(started).show
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]:.0f}/s"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[failed]} failed"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Importing", total=None, rate=0.0, failed=0)
        # Rows are counted in the background, without delaying the import.
        if feed is not None:
            threading.Thread(target=lambda: bar.update(task, total=_rows(feed)), daemon=True).start()

        def show(report: ImportReport) -> None:
            bar.update(task, description=report.stage.capitalize() or "Importing")
            bar.update(task, completed=report.seen, rate=_rate(report, started), failed=report.failed)

        yield show


class _Lines:
    def __init__(self, started: float) -> None:
        self.started = self.printed = started

    def show(self, report: ImportReport) -> None:
        now = time.monotonic()
        if report.stage:
            click.echo(f"{report.seen} rows read; {report.stage}", err=True)
            return
        if now - self.printed >= SECONDS_BETWEEN_LINES:
            self.printed = now
            rate = _rate(report, self.started)
            click.echo(f"{report.seen} rows, {rate:.0f}/s, {report.failed} failed", err=True)


def _rate(report: ImportReport, started: float) -> float:
    return report.seen / max(time.monotonic() - started, 0.001)


def _rows(feed: Iterable[object]) -> int:
    return len(feed) if isinstance(feed, Sized) else sum(1 for _ in feed)


@contextmanager
def steps_progress() -> Generator[Callable[[str, int, int], None]]:
    """A callback for the current step, and how much of it is done."""
    if not sys.stderr.isatty():
        yield _StepLines().show
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)

        def show(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        yield show


class _StepLines:
    def __init__(self) -> None:
        self._printed = time.monotonic()
        self._what = ""

    def show(self, what: str, done: int, total: int) -> None:
        """Print a line when a step begins, but at most every few seconds."""
        now = time.monotonic()
        if what == self._what or now - self._printed < SECONDS_BETWEEN_LINES:
            return
        self._printed, self._what = now, what
        click.echo(f"{what}: {done} of {total}", err=True)
