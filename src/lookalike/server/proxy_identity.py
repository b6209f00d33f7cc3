"""Who a request comes from, as an authenticating proxy in front of the server says in a header.

Nothing of it is believed unless the operator named the header, the proxy's addresses and the users.
"""

from __future__ import annotations

import ipaddress
from functools import cache
from typing import TypeAlias

from fastapi import Request

from lookalike.errors import AccessDenied, UsageError
from lookalike.settings import Settings

Networks: TypeAlias = "tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]"

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
EVERYBODY = "*"


def check_settings(settings: Settings) -> None:
    """Raise UsageError if the settings of the proxy do not fit together."""
    proxies = _networks(settings.trusted_proxies)
    if settings.identity_header and not (proxies and settings.identity_users.split()):
        raise UsageError(
            "LOOKALIKE_IDENTITY_HEADER needs LOOKALIKE_TRUSTED_PROXIES, the addresses of the proxy, and "
            "LOOKALIKE_IDENTITY_USERS, who may manage."
        )


def identified_user(request: Request, settings: Settings) -> str | None:
    """The user whom a trusted proxy names, whether or not that user may manage; None without such a proxy.

    Raises AccessDenied if the header comes twice: one of the two may be the client's own.
    """
    if not settings.identity_header or not _comes_from(request, _networks(settings.trusted_proxies)):
        return None
    named = request.headers.getlist(settings.identity_header)
    if len(named) > 1:
        raise AccessDenied(
            f"The proxy sent {settings.identity_header} twice: let it drop the header that clients send."
        )
    return named[0].strip() or None if named else None


def may_manage(user: str, settings: Settings) -> bool:
    """Whether a user whom the proxy names is one of those who may manage."""
    allowed = {each.casefold() for each in settings.identity_users.split()}
    return EVERYBODY in allowed or user.casefold() in allowed


def refuse_cross_site(request: Request) -> None:
    """Refuse a change that a page of another site sends with the cookie of the proxy."""
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    own = {request.headers.get("host"), request.headers.get("x-forwarded-host")}
    if site is not None:
        crosses = site not in {"same-origin", "none"}
    else:
        crosses = origin is not None and origin.partition("://")[2] not in own
    if crosses:
        raise AccessDenied("A page of another site may not change anything here. Open Manage itself.")


def _comes_from(request: Request, networks: Networks) -> bool:
    try:
        peer = ipaddress.ip_address(request.client.host if request.client else "")
    except ValueError:
        return False
    mapped = peer.ipv4_mapped if isinstance(peer, ipaddress.IPv6Address) else None
    return any((mapped or peer) in network for network in networks)


@cache
def _networks(addresses: str) -> Networks:
    try:
        return tuple(ipaddress.ip_network(each, strict=False) for each in addresses.split())
    except ValueError as error:
        raise UsageError(
            f"LOOKALIKE_TRUSTED_PROXIES is wrong ({error}): write addresses or networks such as 10.0.0.0/8, "
            "with spaces between."
        ) from error
