"""Typed settings, read from LOOKALIKE_* in the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, Self

from lookalike.errors import UsageError

PREFIX = "LOOKALIKE_"
TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off", ""})


def _knob(default: Any, description: str, least: float | None = None, most: float | None = None) -> Any:
    return field(default=default, metadata={"description": description, "least": least, "most": most})


@dataclass(slots=True)
class Settings:
    """Every setting, with a default for a laptop."""

    catalog: str = _knob("shop.db", "catalogue that commands and the server open")
    catalogs: str = _knob("", "folder or postgresql:// URL of the catalogs that are served by name")
    max_open_catalogs: int = _knob(64, "catalogs by name that a process keeps open", 1)
    catalog_idle: float = _knob(900.0, "seconds after which an unused catalog is closed", 0)
    index: str = _knob("", "URL of the vector index; empty is in process")
    models: Path | None = _knob(None, "folder of model files, tried before the cache")  # noqa: RUF009
    connections: int = _knob(16, "most connections of one process to PostgreSQL", 2)
    threads: int = _knob(0, "threads for embedding; 0 is one for each core", 0)
    providers: str = _knob(
        "", "devices for networks, best first: cuda, tensorrt, openvino, ...; empty is cpu"
    )

    max_image_bytes: int = _knob(20_000_000, "maximum size of a photo, in bytes", 1)
    max_image_pixels: int = _knob(50_000_000, "maximum size of a photo, in pixels", 1)
    max_request_bytes: int = _knob(32_000_000, "maximum size of a request body", 1)
    max_import_bytes: int = _knob(
        2_000_000_000, "maximum size of an import by request, packed and unpacked", 1
    )
    fetch_timeout: float = _knob(10.0, "timeout for the URL of a photo, in seconds", 0.001)
    fetch_private: bool = _knob(False, "allow photo and feed URLs on private addresses and other ports")
    fetch_proxy: str = _knob("", "proxy for photo and feed URLs; the environment's is ignored")
    feed_timeout: float = _knob(600.0, "timeout for the download of a feed, in seconds", 0.001)
    feed_user: str = _knob("", "user name for feed URLs (HTTP Basic)")
    feed_password: str = _knob("", "password for feed URLs (HTTP Basic)")
    feed_header: str = _knob("", "alternative header for feed URLs, such as 'X-Api-Key: SECRET'")
    feed_host: str = _knob("", "hosts that get these credentials, separated by spaces; empty is all")

    host: str = _knob("127.0.0.1", "address the server listens on")
    port: int = _knob(8080, "port the server listens on", 0, 65535)
    admin_key: str = _knob("", "key for writing; without one, only this machine may write")
    search_key: str = _knob("", "key for searching; without one, anyone may search")
    local_token: str = _knob(
        "", "token for writing from this machine without an admin key; `serve` makes one at each start"
    )
    public_search: bool = _knob(True, "let anyone search; a search key turns this off")
    identity_header: str = _knob("", "header in which a proxy names the manager; empty is none")
    identity_users: str = _knob("", "users of that header who may manage, separated by spaces; * is any")
    trusted_proxies: str = _knob("", "addresses or networks of the proxy that sets that header")
    hosts: str = _knob("", "host names of a proxy on this machine that searches without a key; * is any")
    drain: float = _knob(0.0, "seconds between SIGTERM and the end of listening, in which /readyz fails", 0)
    upload_timeout: float = _knob(20.0, "seconds a request may take to send its body", 0.001)
    demo_visitors: float = _knob(0.0, "simulated visitors per second of `lookalike demo`; 0 is none", 0, 100)
    origins: str = _knob("", "origins whose pages may use the API, separated by spaces; * is any")
    max_concurrent_uploads: int = _knob(
        0, "photos decoded for requests at the same time; 0 is one for each core", 0
    )

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Read settings from an environment. Raises for an invalid value, with its name."""
        values: dict[str, Any] = {}
        for knob in fields(cls):
            name = PREFIX + knob.name.upper()
            if name in environment:
                values[knob.name] = _read(name, environment[name], str(knob.type))
                _check(name, values[knob.name], knob.metadata["least"], knob.metadata["most"])
        return cls(**values)


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings.read(os.environ)


def _read(name: str, text: str, kind: str) -> str | int | float | bool | Path | None:
    try:
        match kind:
            case "int":
                return int(text)
            case "float":
                return float(text)
            case "bool":
                if text.lower() not in TRUE | FALSE:
                    raise ValueError
                return text.lower() in TRUE
            case "Path | None":
                return Path(text) if text else None
            case _:
                return text
    except ValueError:
        what = {"int": "a whole number", "float": "a number", "bool": "true or false"}[kind]
        raise UsageError(f"{name} must be {what}, got '{text}'.") from None


def _check(name: str, value: Any, least: float | None, most: float | None) -> None:
    if (least is not None and not value >= least) or (most is not None and not value <= most):
        most_said = "" if most is None else f" and at most {most:g}"
        raise UsageError(f"{name} must be at least {least:g}{most_said}, got {value}.")
