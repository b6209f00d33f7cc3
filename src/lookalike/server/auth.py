"""Access control: who sends a request, and whether that allows what it asks for."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import Headers

from lookalike.access.keys import EVERYTHING, SCOPES, Scope, looks_like_key
from lookalike.database.stores import DEFAULT
from lookalike.errors import AccessDenied, KeyInvalid, KeyMissing, NotFound
from lookalike.server import proxy_identity
from lookalike.server.catalogs import ServedCatalog
from lookalike.server.dependencies import AppState, app_state
from lookalike.server.local_machine import carries_token, check_host, is_this_machine
from lookalike.settings import Settings

NOT_VALID = "This key is not valid for this catalog. Check it, or ask for a new one."
# The part of a path that names a catalog.
CATALOG = "catalog"
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


OPERATOR = Caller("the operator", EVERYTHING)
SEARCH_KEY = Caller("LOOKALIKE_SEARCH_KEY", PUBLIC)


@asynccontextmanager
async def entered(request: Request, parts: AppState, scope: Scope | None) -> AsyncGenerator[ServedCatalog]:
    """The catalog that a path names, for whoever may use it; it stays open as long as the block runs.

    Raises AccessDenied for anybody else. Without a scope anybody may use it.
    """
    name = request.path_params.get(CATALOG, DEFAULT)
    caller = operator(request, parts.settings)
    if caller is None and scope is not None and name != DEFAULT and credential(request.headers) is None:
        # No catalog is opened for requests without a key.
        raise _refusal(scope, request, parts.settings)
    async with AsyncExitStack() as lent:
        try:
            catalog = await lent.enter_async_context(parts.catalogs.lent(name))
        except NotFound as error:
            if caller is not None or scope is None:
                raise
            # Only the operator may learn which catalogs exist.
            raise KeyInvalid(NOT_VALID) from error
        if scope is not None:
            await require(scope, request, parts, catalog)
        yield catalog


async def require(scope: Scope, request: Request, parts: AppState, catalog: ServedCatalog) -> None:
    """Raise AccessDenied unless whoever sends a request may do with a catalog what needs this scope."""
    settings = parts.settings
    caller = operator(request, settings) or await _holder(request, parts, catalog)
    if caller is not None:
        if scope not in caller.scopes:
            raise AccessDenied(
                f"The key '{caller.name}' has the scopes {_listed(caller.scopes)}. "
                f"Send one with the scope '{scope}'."
            )
    elif scope in PUBLIC and _is_public(catalog, settings):
        check_host(request, settings)
    else:
        raise _refusal(scope, request, settings)


def require_operator(request: Request, settings: Settings) -> None:
    """Raise AccessDenied unless a request comes from whoever runs the server."""
    if operator(request, settings) is not None:
        return
    given = credential(request.headers)
    if given is not None and (looks_like_key(given) or _is(given, settings.search_key)):
        raise AccessDenied(
            "A key belongs to one catalog. The catalogs of the server are managed with LOOKALIKE_ADMIN_KEY, "
            "or with the token that `lookalike serve` printed."
        )
    raise _refusal("admin", request, settings)


def operator(request: Request, settings: Settings) -> Caller | None:
    """Whoever runs the server: by the admin key, by the token of this machine, or as the proxy names them."""
    user = proxy_identity.identified_user(request, settings)
    if user is not None and proxy_identity.may_manage(user, settings):
        proxy_identity.refuse_cross_site(request)
        return Caller(user, EVERYTHING)
    given = credential(request.headers)
    if carries_token(request, given, settings) and is_this_machine(request):
        return OPERATOR
    return OPERATOR if given is not None and _is(given, settings.admin_key) else None


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
    parts = app_state(request)
    await require("search", request, parts, parts.catalogs.default)


# For a single route without a class that checks.
SEARCHER = Depends(_searcher)


async def _holder(request: Request, parts: AppState, catalog: ServedCatalog) -> Caller | None:
    """Who holds the key that a request carries; None for anybody.

    Raises KeyInvalid for a wrong key, and TooMany for one whose limit is reached.
    """
    settings = parts.settings
    given = credential(request.headers)
    if given is None:
        return None
    if catalog.name == DEFAULT and _is(given, settings.search_key):
        return SEARCH_KEY
    if looks_like_key(given):
        if not catalog.keys.fresh():
            await run_in_threadpool(catalog.keys.refresh)
        key = catalog.keys.authenticate(given)
        limited = f"{catalog.name}/{key.id}"
        try:
            parts.key_limits.admit(limited, key.per_minute)
        finally:
            request.state.rate_limit = parts.key_limits.headers(limited, key.per_minute)
        return Caller(key.name, EVERYTHING if "admin" in key.scopes else key.scopes)
    if settings.admin_key or settings.search_key:
        raise KeyInvalid(NOT_VALID)
    return None


def _is_public(catalog: ServedCatalog, settings: Settings) -> bool:
    return catalog.name == DEFAULT and settings.public_search and not settings.search_key


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
