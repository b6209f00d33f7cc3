"""Parses ray://host:10001 and ray://local."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from lookalike.errors import UsageError

RAY = "ray"
PORT = 10001
LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Address:
    """The head of a Ray cluster, the number of workers, and for how many seconds the head may be down."""

    host: str
    port: int = PORT
    workers: int = 0
    patience: float = 60.0

    @classmethod
    def parse(cls, url: str) -> Address:
        """Parse ray://host:port?workers=N&patience=SECONDS; ray://local starts a cluster on this machine."""
        try:
            parts = urlsplit(url)
            asked = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
            workers, patience = int(asked.pop("workers", "0")), float(asked.pop("patience", "60"))
            address = cls(parts.hostname or "", parts.port or PORT, workers, patience)
            if asked or parts.path or parts.scheme != RAY or not address.host or workers < 0 or patience <= 0:
                raise ValueError(url)
        except ValueError as error:
            raise UsageError(
                f"'{url}' is not a Ray cluster. Use ray://host:{PORT} or ray://local, "
                "with ?workers=N to set the number of workers."
            ) from error
        return address

    def __str__(self) -> str:
        if self.host == LOCAL:
            return f"ray://{LOCAL}"
        return f"ray://[{self.host}]:{self.port}" if ":" in self.host else f"ray://{self.host}:{self.port}"
