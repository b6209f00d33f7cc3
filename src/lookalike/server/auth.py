"""Who may search and who may write: two keys, and this machine itself where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from hmac import compare_digest

from fastapi import Depends, Request
from starlette.datastructures import Headers

from lookalike.errors import AccessDenied, KeyMissing
from lookalike.server.dependencies import ServerSettings

# A page elsewhere can point its own name at 127.0.0.1, but it cannot call it by one of these.
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


async def may_search(request: Request, settings: ServerSettings) -> None:
    """Let a request search."""
    keys = [key for key in (settings.search_key, settings.admin_key) if key]
    given = _given(request.headers)
    if given is None:
        if settings.search_key:
            raise KeyMissing("This catalogue is searched with a key: send it as 'Authorization: Bearer KEY'.")
    elif keys and not _is_one_of(given, keys):
        raise AccessDenied("This key does not open this catalogue: use one of its own.")


async def may_write(request: Request, settings: ServerSettings) -> None:
    """Let a request change the catalogue."""
    given = _given(request.headers)
    if settings.admin_key:
        if given is None:
            raise KeyMissing("Writing needs the admin key: send it as 'Authorization: Bearer KEY'.")
        if not _is_one_of(given, [settings.admin_key]):
            raise AccessDenied("This key may not write: use the admin key.")
    elif not _is_this_machine(request):
        raise AccessDenied(
            "Without an admin key only this machine may write: "
            "set LOOKALIKE_ADMIN_KEY on the server and send that key."
        )


SEARCHER = Depends(may_search)
WRITER = Depends(may_write)


def _given(headers: Headers) -> str | None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return headers.get("x-api-key")


def _is_one_of(given: str, keys: Sequence[str]) -> bool:
    # All are compared, also after a match, so that the time taken tells nothing about any.
    return sum(compare_digest(given.encode(), key.encode()) for key in keys) > 0


def _is_this_machine(request: Request) -> bool:
    if request.client is None or "x-forwarded-for" in request.headers or "forwarded" in request.headers:
        return False
    caller = request.client.host
    if not (caller == "::1" or caller.startswith("127.")):
        return False
    # A page of another site that is open in the browser here may send requests, but not as one of us.
    origin = request.headers.get("origin")
    if origin is not None and not _is_local(origin.partition("://")[2]):
        return False
    return _is_local(request.headers.get("host", ""))


def _is_local(host: str) -> bool:
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdecimal() else host).lower() in LOCAL_NAMES
