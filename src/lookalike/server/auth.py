"""Access control: who sends a request, and whether that allows what it asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import Headers

from lookalike.access.keys import EVERYTHING, SCOPES, Scope, looks_like_key
from lookalike.errors import AccessDenied, KeyInvalid, KeyMissing
from lookalike.server import proxy_identity
from lookalike.server.dependencies import AppState, app_state
from lookalike.server.local_machine import carries_token, check_host, is_this_machine
from lookalike.settings import Settings

# What anybody may do where searching is public.
PUBLIC: frozenset[Scope] = frozenset({"search", "events"})

SECURITY_SCHEMES: Mapping[str, Mapping[str, str]] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "`Authorization: Bearer KEY`"},
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request, and what they may do."""

    name: str
    scopes: frozenset[Scope]
    operator: bool = False


OPERATOR = Caller("the operator", EVERYTHING, operator=True)
SEARCH_KEY = Caller("LOOKALIKE_SEARCH_KEY", PUBLIC)


async def authenticate(request: Request, parts: AppState) -> Caller | None:
    """Who sends a request; None for anybody.

    Raises KeyInvalid for a wrong key, and TooMany for one whose limit is reached.
    """
    settings = parts.settings
    user = proxy_identity.identified_user(request, settings)
    if user is not None and proxy_identity.may_manage(user, settings):
        proxy_identity.refuse_cross_site(request)
        return Caller(user, EVERYTHING, operator=True)
    given = credential(request.headers)
    if carries_token(request, given, settings) and is_this_machine(request):
        return OPERATOR
    if given is None:
        return None
    if _is(given, settings.admin_key):
        return OPERATOR
    if _is(given, settings.search_key):
        return SEARCH_KEY
    if looks_like_key(given):
        return await _holder(given, parts)
    if settings.admin_key or settings.search_key:
        raise KeyInvalid("This key is not valid for this catalog. Check it, or ask for a new one.")
    return None


async def require(scope: Scope, request: Request, parts: AppState) -> None:
    """Raise AccessDenied unless whoever sends a request may do what needs this scope."""
    caller = await authenticate(request, parts)
    settings = parts.settings
    if caller is not None:
        if scope not in caller.scopes:
            raise AccessDenied(
                f"The key '{caller.name}' has the scopes {_listed(caller.scopes)}. "
                f"Send one with the scope '{scope}'."
            )
    elif scope in PUBLIC and settings.public_search and not settings.search_key:
        check_host(request, settings)
    else:
        raise _refusal(scope, request, settings)


def credential(headers: Headers) -> str | None:
    """The key that a request carries."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return headers.get("x-api-key")


def security(scope: Scope) -> list[dict[str, Sequence[Scope]]]:
    """What a route with this scope takes, for its OpenAPI entry; an empty alternative means no key."""
    named: list[dict[str, Sequence[Scope]]] = [{scheme: [scope]} for scheme in SECURITY_SCHEMES]
    return [*named, {}] if scope in PUBLIC else named


def secured(scope: Scope) -> dict[str, Any]:
    """The same as `openapi_extra`, for a route without a class that adds it."""
    return {"security": security(scope)}


async def _searcher(request: Request) -> None:
    await require("search", request, app_state(request))


# For single routes of a router; a router of such routes has the route class SearchRoute.
SEARCHER = Depends(_searcher)


async def _holder(given: str, parts: AppState) -> Caller:
    if not parts.keys.fresh():
        await run_in_threadpool(parts.keys.refresh)
    key = parts.keys.authenticate(given)
    parts.key_limits.admit(key.id, key.per_minute)
    return Caller(key.name, EVERYTHING if "admin" in key.scopes else key.scopes)


def _refusal(scope: Scope, request: Request, settings: Settings) -> AccessDenied:
    user = proxy_identity.identified_user(request, settings)
    if user is not None and scope not in PUBLIC:
        return AccessDenied(f"The user {user} may not manage: add the name to LOOKALIKE_IDENTITY_USERS.")
    if carries_token(request, credential(request.headers), settings):
        return AccessDenied(
            "The token that `lookalike serve` printed is valid on its own machine only. From elsewhere, "
            "send a key: `lookalike key create` makes one."
        )
    needed = f"This needs a key with the scope '{scope}'."
    if settings.local_token and not settings.admin_key and is_this_machine(request):
        how = (
            "On this machine, open the address with '?token=' that `lookalike serve` printed at start, "
            "or send that token as 'Authorization: Bearer TOKEN'."
        )
    else:
        how = "Send it as 'Authorization: Bearer KEY'; `lookalike key create` makes one."
    return (KeyMissing if credential(request.headers) is None else KeyInvalid)(f"{needed} {how}")


def _is(given: str, key: str) -> bool:
    return bool(key) and compare_digest(given.encode(), key.encode())


def _listed(scopes: frozenset[Scope]) -> str:
    return ", ".join(scope for scope in SCOPES if scope in scopes)
