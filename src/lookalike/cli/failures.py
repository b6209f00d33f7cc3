"""Reports a failed command: one sentence on stderr, or problem JSON with --json."""

from __future__ import annotations

import json

import click

from lookalike import serialize
from lookalike.cli.options import AS_JSON
from lookalike.errors import LookalikeError


def say_failure(error: LookalikeError, ctx: click.Context) -> None:
    """Print the error to stderr, so that stdout has only data."""
    line = f"Error: {error}"
    if ctx.meta.get(AS_JSON):
        line = json.dumps(serialize.problem_json(error), ensure_ascii=False)
    click.echo(line, err=True)
