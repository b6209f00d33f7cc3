"""A feed at a URL: downloaded only if it has changed, with credentials from the environment."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from lookalike.errors import BadFeed, UsageError
from lookalike.media.fetch import Fetcher, Request
from lookalike.settings import Settings, settings

ACCEPT = "application/xml, text/csv, application/json, application/x-ndjson, */*;q=0.5"
OK, NOT_MODIFIED = 200, 304


@dataclass(frozen=True, slots=True)
class Validators:
    """The ETag and the date of the last change, by which a server recognizes a download."""

    etag: str = ""
    last_modified: str = ""

    @classmethod
    def loads(cls, text: str | None) -> Self:
        """The inverse of `dumps`; empty for None."""
        return cls(**json.loads(text)) if text else cls()

    def dumps(self) -> str | None:
        """As text to store; None if the server sent neither."""
        return json.dumps(asdict(self)) if self.etag or self.last_modified else None

    def headers(self) -> dict[str, str]:
        """As headers of a request."""
        named = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in named.items() if value}


def download(url: str, target: Path, known: Validators) -> Validators | None:
    """Write the feed at a URL to a file. Returns None if it has not changed since `known`."""
    knobs = settings()
    fetcher = Fetcher(timeout=knobs.feed_timeout, private=knobs.fetch_private, proxy=knobs.fetch_proxy)
    headers = {"Accept": ACCEPT, "Accept-Encoding": "gzip, identity", **known.headers()}
    request = Request(url, headers=headers, secrets=_credentials(url, knobs))
    with target.open("wb") as file:
        answer = fetcher.exchange(request, file, knobs.max_import_bytes, accepted=(OK, NOT_MODIFIED))
    if answer.status == NOT_MODIFIED:
        return None
    if not target.stat().st_size:
        raise BadFeed(f"{shown_url(url)} is empty: check how the shop writes the feed.")
    return Validators(answer.headers.get("etag", ""), answer.headers.get("last-modified", ""))


def shown_url(url: str) -> str:
    """A URL without its query, which may contain a token."""
    return url.partition("?")[0]


def _credentials(url: str, knobs: Settings) -> dict[str, str]:
    """The headers that the environment sets for feeds of this host."""
    if knobs.feed_host and (urlsplit(url).hostname or "") not in knobs.feed_host.split():
        return {}
    if knobs.feed_header:
        name, colon, value = knobs.feed_header.partition(":")
        if not (colon and name.strip() and value.strip()):
            raise UsageError("LOOKALIKE_FEED_HEADER must look like 'X-Api-Key: SECRET'.")
        return {name.strip(): value.strip()}
    if knobs.feed_user or knobs.feed_password:
        login = f"{knobs.feed_user}:{knobs.feed_password}".encode()
        return {"Authorization": f"Basic {base64.b64encode(login).decode()}"}
    return {}
