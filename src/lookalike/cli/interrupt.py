"""Ctrl-C once: finish what is in flight. Twice: stop now."""

from __future__ import annotations

import os
import shlex
import signal
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

import click

INTERRUPTED = 130
FINISHING = b"\nFinishing what is in flight; Ctrl-C again stops at once.\n"


@contextmanager
def gentle_interrupt() -> Generator[threading.Event]:
    """An event that the first Ctrl-C sets."""
    stop = threading.Event()

    def on_interrupt(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        # A handler may interrupt a write to the same stream, so it bypasses the buffer.
        os.write(sys.stderr.fileno(), FINISHING)

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def say_how_to_resume() -> None:
    """Print the command to continue with, which is the same one."""
    click.echo(
        f"Stopped. Finished work is saved. To continue, run:\n  {shlex.join(['lookalike', *sys.argv[1:]])}",
        err=True,
    )
