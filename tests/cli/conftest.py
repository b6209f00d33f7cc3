"""The command line over the small shop: in process for most tests, as a real process where that matters."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import lookalike
from lookalike import Shop
from lookalike.cli import main

Run = Callable[..., Result]
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def run() -> Run:
    """Run a command in this process."""

    def run(*words: object) -> Result:
        return CliRunner().invoke(main, [str(word) for word in words], prog_name="lookalike")

    return run


@pytest.fixture
def ask(run: Run, shop: Shop) -> Run:
    """Run a command on the small shop."""

    def ask(command: str, *words: object) -> Result:
        return run(command, *words, "--catalog", shop.url)

    return ask


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a command as a process of its own; what still runs at the end is ended."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: object, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "lookalike", *map(str, words)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            env=os.environ
            | {"PYTHONPATH": str(Path(lookalike.__file__).parents[1]), "HOME": str(tmp_path)}
            | environment,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
