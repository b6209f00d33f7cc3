"""The token of this machine, and how a request shows that it comes from here."""

from __future__ import annotations

import ipaddress
from hmac import compare_digest

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import Headers

from lookalike.errors import WrongHost
from lookalike.settings import Settings

# A page of another site can point its own name at 127.0.0.1, but it cannot call it by one of these.
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
PROXY_HEADERS = frozenset(
    {"via", "forwarded", "x-real-ip", "true-client-ip", "x-client-ip", "x-cluster-client-ip", "client-ip"}
)
PROXY_PREFIXES = ("x-forwarded", "x-original-", "x-envoy-", "x-amzn-", "cf-", "fastly-")


def carries_token(request: Request, given: str | None, settings: Settings) -> bool:
    """Whether a request carries the token of this machine, as its key or in the cookie of `sign_in`."""
    # Beside an admin key the token is not valid.
    if not settings.local_token or settings.admin_key:
        return False
    token = given or request.cookies.get(cookie_name(request))
    return token is not None and compare_digest(token.encode(), settings.local_token.encode())


def sign_in(request: Request, token: str, settings: Settings) -> Response:
    """Send the browser to the same page without the token, which it keeps in a cookie if it is right."""
    response = RedirectResponse(request.url.path, 303, headers={"Cache-Control": "no-store"})
    known = settings.local_token
    if known and is_this_machine(request) and compare_digest(token.encode(), known.encode()):
        response.set_cookie(cookie_name(request), token, httponly=True, samesite="strict")
    return response


def cookie_name(request: Request) -> str:
    """Browsers share cookies between all ports of a host, so the name carries the port."""
    server = request.scope.get("server") or ("", 0)
    return f"lookalike-token-{server[1]}"


def is_this_machine(request: Request) -> bool:
    """Whether a request comes from this machine, by a local name, and through no proxy."""
    if not _is_loopback(request) or _came_through_proxy(request.headers):
        return False
    # A page of another site that is open in a browser on this machine may send requests too.
    origin = request.headers.get("origin")
    if origin is not None and not _is_local(origin.partition("://")[2]):
        return False
    return _is_local(request.headers.get("host", ""))


def check_host(request: Request, settings: Settings) -> None:
    """Refuse a page of another site that reads by a name of its own which it pointed at this machine."""
    host = request.headers.get("host", "")
    allowed = settings.hosts.split()
    if not _is_loopback(request) or "*" in allowed or _is_local(host) or _is_address(host):
        return
    if without_port(host).lower() not in allowed:
        raise WrongHost(
            "This server does not answer to this host name. "
            "If it is yours, add it to LOOKALIKE_HOSTS on the server, or set LOOKALIKE_SEARCH_KEY."
        )


def without_port(host: str) -> str:
    """The name or address of a Host header."""
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() else host


def _is_loopback(request: Request) -> bool:
    caller = request.client.host if request.client else ""
    return caller == "::1" or caller.startswith("127.")


def _came_through_proxy(headers: Headers) -> bool:
    return any(name in PROXY_HEADERS or name.startswith(PROXY_PREFIXES) for name in headers)


def _is_local(host: str) -> bool:
    return without_port(host).lower() in LOCAL_NAMES


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(without_port(host).strip("[]"))
    except ValueError:
        return False
    return True
