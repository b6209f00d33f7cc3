"""Access control: a search key, an admin key, and a token for this machine where no admin key is set."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from hmac import compare_digest

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import Headers

from lookalike.errors import AccessDenied, KeyMissing, WrongHost
from lookalike.server.dependencies import app_state
from lookalike.settings import Settings

# A page of another site can point its own name at 127.0.0.1, but it cannot call it by one of these.
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
PROXY_HEADERS = frozenset(
    {"via", "forwarded", "x-real-ip", "true-client-ip", "x-client-ip", "x-cluster-client-ip", "client-ip"}
)
PROXY_PREFIXES = ("x-forwarded", "x-original-", "x-envoy-", "x-amzn-", "cf-", "fastly-")


def may_search(request: Request, settings: Settings) -> None:
    """Raise AccessDenied unless the request may search."""
    given = _given(request.headers)
    if settings.search_key:
        if _has_local_token(request, settings):
            return
        if given is None:
            raise KeyMissing("Searching this catalog needs a key. Send it as 'Authorization: Bearer KEY'.")
    else:
        _check_host(request, settings)
    keys = [key for key in (settings.search_key, settings.admin_key) if key]
    if given is not None and keys and not _is_one_of(given, keys):
        raise AccessDenied("This key is not valid for this catalog.")


def may_write(request: Request, settings: Settings) -> None:
    """Raise AccessDenied unless the request may change the catalog."""
    if settings.admin_key:
        given = _given(request.headers)
        if given is None:
            raise KeyMissing("This needs the admin key. Send it as 'Authorization: Bearer KEY'.")
        if not _is_one_of(given, [settings.admin_key]):
            raise AccessDenied("This key may not write. Send the admin key.")
        return
    if not settings.local_token or not _is_this_machine(request):
        raise AccessDenied(
            "Without an admin key, only this machine may write. "
            "Set LOOKALIKE_ADMIN_KEY on the server and send that key."
        )
    if not _has_local_token(request, settings):
        sentence = (
            "Open the address with '?token=' that `lookalike serve` printed at start, or send that token as "
            "'Authorization: Bearer TOKEN'. For a permanent key, set LOOKALIKE_ADMIN_KEY."
        )
        raise (KeyMissing if _given(request.headers) is None else AccessDenied)(sentence)


async def _searcher(request: Request) -> None:
    may_search(request, app_state(request).settings)


async def _writer(request: Request) -> None:
    may_write(request, app_state(request).settings)


# For single routes of a router; a router of such routes has the route class SearchRoute or AdminRoute.
SEARCHER = Depends(_searcher)
WRITER = Depends(_writer)


def sign_in(request: Request, token: str, settings: Settings) -> Response:
    """Send the browser to the same page without the token, which it keeps in a cookie if it is right."""
    response = RedirectResponse(request.url.path, 303, headers={"Cache-Control": "no-store"})
    if settings.local_token and _is_this_machine(request) and _is_one_of(token, [settings.local_token]):
        response.set_cookie(cookie_name(request), token, httponly=True, samesite="strict")
    return response


def cookie_name(request: Request) -> str:
    """Browsers share cookies between all ports of a host, so the name carries the port."""
    server = request.scope.get("server") or ("", 0)
    return f"lookalike-token-{server[1]}"


def _given(headers: Headers) -> str | None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return headers.get("x-api-key")


def _is_one_of(given: str, keys: Sequence[str]) -> bool:
    # All are compared, even after a match, so that the time taken reveals nothing.
    return sum(compare_digest(given.encode(), key.encode()) for key in keys) > 0


def _has_local_token(request: Request, settings: Settings) -> bool:
    if not settings.local_token or settings.admin_key or not _is_this_machine(request):
        return False
    given = _given(request.headers) or request.cookies.get(cookie_name(request))
    return given is not None and _is_one_of(given, [settings.local_token])


def _is_this_machine(request: Request) -> bool:
    if not _is_loopback(request) or _came_through_proxy(request.headers):
        return False
    # A page of another site that is open in a browser on this machine may send requests too.
    origin = request.headers.get("origin")
    if origin is not None and not _is_local(origin.partition("://")[2]):
        return False
    return _is_local(request.headers.get("host", ""))


def _is_loopback(request: Request) -> bool:
    caller = request.client.host if request.client else ""
    return caller == "::1" or caller.startswith("127.")


def _came_through_proxy(headers: Headers) -> bool:
    return any(name in PROXY_HEADERS or name.startswith(PROXY_PREFIXES) for name in headers)


def _check_host(request: Request, settings: Settings) -> None:
    """Refuse a page of another site that reads by a name of its own which it pointed at this machine."""
    host = request.headers.get("host", "")
    allowed = settings.hosts.split()
    if not _is_loopback(request) or "*" in allowed or _is_local(host) or _is_address(host):
        return
    if _without_port(host).lower() not in allowed:
        raise WrongHost(
            "This server does not answer to this host name. "
            "If it is yours, add it to LOOKALIKE_HOSTS on the server, or set LOOKALIKE_SEARCH_KEY."
        )


def _is_local(host: str) -> bool:
    return _without_port(host).lower() in LOCAL_NAMES


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(_without_port(host).strip("[]"))
    except ValueError:
        return False
    return True


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() else host
