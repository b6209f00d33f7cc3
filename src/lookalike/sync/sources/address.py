"""The address of a shop system, such as shopify://my-shop.myshopify.com, and its secrets."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from lookalike.errors import UsageError

# The options of every system. Each may have more.
ENVIRONMENT = "env"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a shop is. Secrets stay in the environment, so that an address can be stored and shown."""

    system: str
    host: str
    base: str
    options: Mapping[str, str]
    environment: Mapping[str, str] = field(repr=False)

    @classmethod
    def parse(cls, text: str, environment: Mapping[str, str]) -> Self:
        """The parts of SYSTEM://HOST[/PATH][?OPTION=VALUE]; SYSTEM+http asks without TLS.

        Raises UsageError for an address that names no host, or that contains a password.
        """
        try:
            parts = urlsplit(text)
            host = parts.netloc.casefold()
            _ = parts.port
        except ValueError as error:
            raise UsageError(f"'{text}' is not an address: {error}.") from error
        if "@" in host:
            raise UsageError(
                "Leave the user name and password out of the address: set them in the environment."
            )
        if not parts.hostname:
            raise UsageError(f"'{text}' names no shop: write {parts.scheme}://HOST.")
        system, plus, transport = parts.scheme.partition("+")
        if plus and transport != "http":
            raise UsageError(f"'{parts.scheme}' is not a scheme: write {system} or {system}+http.")
        base = f"{transport or 'https'}://{host}{parts.path.rstrip('/')}"
        return cls(system, host, base, dict(parse_qsl(parts.query)), environment)

    @property
    def name(self) -> str:
        """The name of the source in runs, alerts and webhook URLs."""
        return self.host.replace(":", "-")

    def check_options(self, known: Collection[str]) -> None:
        """Raise UsageError for an unknown option."""
        for option in self.options:
            if option not in {*known, ENVIRONMENT}:
                names = ", ".join(sorted({*known, ENVIRONMENT}))
                raise UsageError(f"{self.system}:// has no option '{option}'. It has: {names}.")

    def variable(self, name: str) -> str:
        """The environment variable of a secret; the option `env` chooses another prefix for each shop."""
        return f"{self.options.get(ENVIRONMENT) or f'LOOKALIKE_{self.system.upper()}'}_{name}"

    def secret(self, name: str) -> str:
        """A secret; raises UsageError if its variable is not set."""
        found = self.optional_secret(name)
        if not found:
            raise UsageError(f"Set {self.variable(name)} in the environment: {self.host} needs it.")
        return found

    def optional_secret(self, name: str) -> str:
        """A secret; empty if its variable is not set."""
        return self.environment.get(self.variable(name), "")
