"""The command line: thin commands over the catalogue, each loaded only when it is called."""

from __future__ import annotations

from importlib import import_module

import click

from lookalike.cli.failures import say_failure
from lookalike.errors import LookalikeError

INTERRUPTED = 130
COMMANDS = {
    "demo": "lookalike.cli.serving:demo",
    "import": "lookalike.cli.importing:import_feeds",
    "search": "lookalike.cli.searching:search",
    "similar": "lookalike.cli.searching:similar",
    "recommend": "lookalike.cli.recommending:recommend",
    "event": "lookalike.cli.recommending:event",
    "events": "lookalike.cli.recommending:events",
    "rules": "lookalike.cli.recommending:show_rules",
    "insight": "lookalike.cli.recommending:insight",
    "shopper": "lookalike.cli.recommending:shopper",
    "serve": "lookalike.cli.serving:serve",
    "export": "lookalike.cli.exporting:export",
    "switch": "lookalike.cli.switching:switch",
    "copy": "lookalike.cli.copying:copy",
    "index": "lookalike.cli.indexing:index",
    "check": "lookalike.cli.checking:check",
    "remove": "lookalike.cli.importing:remove",
    "recipes": "lookalike.cli.models:recipes",
    "models": "lookalike.cli.models:models",
    "adapt": "lookalike.cli.adapting:adapt",
    "evaluate": "lookalike.cli.evaluating:evaluate",
    "compare": "lookalike.cli.evaluating:compare",
    "explore": "lookalike.cli.exploring:explore",
    "doctor": "lookalike.cli.doctor:doctor",
}


class Commands(click.Group):
    """Finds a command's module by name, and says every failure in one sentence with its exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, attribute = place.partition(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> None:
        """Run a command; the one place where errors become words and exit codes."""
        try:
            super().invoke(ctx)
        except LookalikeError as error:
            say_failure(error, ctx)
            raise click.exceptions.Exit(error.exit_code) from error
        except KeyboardInterrupt:
            raise click.exceptions.Exit(INTERRUPTED) from None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="lookalike", message="%(prog)s %(version)s")
def main() -> None:
    """Find the products that look and read alike.

    Start with `lookalike demo`, or with `lookalike import your-products.csv`.
    """
