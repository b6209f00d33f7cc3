"""The command line. Each command is a module, loaded only when it is called."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from lookalike.cli.failures import say_failure
from lookalike.cli.streams import output_failed, use_utf8
from lookalike.errors import LookalikeError
from lookalike.vectors.blas import limit_blas_threads

INTERRUPTED = 130
COMMANDS = {
    "demo": "lookalike.cli.demo:demo",
    "import": "lookalike.cli.import_feed:import_feeds",
    "undo": "lookalike.cli.undo:undo",
    "follow": "lookalike.cli.follow:follow",
    "source": "lookalike.cli.source:source",
    "search": "lookalike.cli.search:search",
    "similar": "lookalike.cli.search:similar",
    "suggest": "lookalike.cli.words:suggest",
    "words": "lookalike.cli.words:words",
    "recommend": "lookalike.cli.recommend:recommend",
    "event": "lookalike.cli.recommend:event",
    "events": "lookalike.cli.recommend:events",
    "tune": "lookalike.cli.recommend:tune",
    "rules": "lookalike.cli.recommend:show_rules",
    "experiment": "lookalike.cli.experiments:experiment",
    "insight": "lookalike.cli.recommend:insight",
    "shopper": "lookalike.cli.recommend:shopper",
    "serve": "lookalike.cli.serve:serve",
    "key": "lookalike.cli.key:key",
    "export": "lookalike.cli.export:export",
    "switch": "lookalike.cli.switch:switch",
    "backup": "lookalike.cli.backup:backup",
    "restore": "lookalike.cli.backup:restore",
    "copy": "lookalike.cli.copy:copy",
    "index": "lookalike.cli.index:index",
    "check": "lookalike.cli.check:check",
    "update": "lookalike.cli.update:update",
    "remove": "lookalike.cli.import_feed:remove",
    "recipes": "lookalike.cli.models:recipes",
    "models": "lookalike.cli.models:models",
    "adapt": "lookalike.cli.adapt:adapt",
    "evaluate": "lookalike.cli.evaluate:evaluate",
    "compare": "lookalike.cli.evaluate:compare",
    "explore": "lookalike.cli.explore:explore",
    "segments": "lookalike.cli.customers:segments",
    "carts": "lookalike.cli.customers:carts",
    "paper": "lookalike.cli.paper:paper",
    "doctor": "lookalike.cli.doctor:doctor",
}
# These multiply large matrices, one after the other: all cores help.
LARGE_MATRICES = frozenset({"adapt", "evaluate", "compare", "explore", "doctor"})


class Commands(click.Group):
    """Finds a command's module by name. Reports every error as one sentence, with its exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, in the order a new user needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command of that name."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, attribute = place.partition(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> None:
        """Run a command. The one place where errors become messages and exit codes."""
        use_utf8()
        try:
            super().invoke(ctx)
            sys.stdout.flush()
        except LookalikeError as error:
            say_failure(error, ctx)
            raise click.exceptions.Exit(error.exit_code) from error
        except OSError as error:
            failure = output_failed(error)
            if failure is None:
                raise
            say_failure(failure, ctx)
            raise click.exceptions.Exit(failure.exit_code) from error
        except KeyboardInterrupt:
            raise click.exceptions.Exit(INTERRUPTED) from None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="lookalike", message="%(prog)s %(version)s")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Find similar products by photo and text.

    Start with `lookalike demo`, or with `lookalike import your-products.csv`.
    """
    if ctx.invoked_subcommand not in LARGE_MATRICES:
        limit_blas_threads()
