"""How a long measurement tells how far it is: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

import click

SECONDS_BETWEEN_LINES = 10.0


@contextmanager
def steps_progress() -> Generator[Callable[[str, int, int], None]]:
    """Something to call with what is done, how much of it, and of how much."""
    if not sys.stderr.isatty():
        yield _Lines().show
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)

        def show(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        yield show


class _Lines:
    def __init__(self) -> None:
        self._told = time.monotonic()
        self._what = ""

    def show(self, what: str, done: int, total: int) -> None:
        """Say a line when something new begins, but not more often than every few seconds."""
        now = time.monotonic()
        if what == self._what or now - self._told < SECONDS_BETWEEN_LINES:
            return
        self._told, self._what = now, what
        click.echo(f"{what}: {done} of {total}", err=True)
