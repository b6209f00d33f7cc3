"""Routes that check the key before they read the body, and answer on the threads of `admission.py`."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import ContextVar
from typing import Any, ClassVar

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic_core import to_json

from lookalike.access.keys import Scope
from lookalike.errors import BadQuery, NotFound, Overloaded
from lookalike.server.admission import Admission
from lookalike.server.auth import entered, require_operator, security
from lookalike.server.catalogs import ServedCatalog
from lookalike.server.dependencies import SERVED, AppState, app_state

# The threads that answer the request of this task.
threads: ContextVar[Admission] = ContextVar("threads")


class GuardedRoute(APIRoute):
    """A route without a key."""

    scope: ClassVar[Scope | None] = None

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        if not inspect.iscoroutinefunction(endpoint):
            if options.get("response_model_exclude_unset"):
                endpoint = _without_unset(endpoint)
            endpoint = _on_threads(endpoint, options.get("status_code") or 200)
        if self.scope is not None:
            options["openapi_extra"] = {
                **(options.get("openapi_extra") or {}),
                "security": security(self.scope),
            }
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, which reads the body, behind the checks that need none."""
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            _refuse_nul(request)
            parts = app_state(request)
            try:
                async with self.entered(request, parts) as catalog:
                    request.scope[SERVED] = catalog
                    self.refuse_if_behind(request, parts, catalog)
                    threads.set(self.admission(request, parts))
                    response = await handle(request)
                    response.headers.update(getattr(request.state, "rate_limit", {}))
                    return response
            except Overloaded:
                await asyncio.sleep(parts.refusals.pause())
                raise

        return guarded

    def entered(self, request: Request, parts: AppState) -> AbstractAsyncContextManager[ServedCatalog]:
        """The catalog of a request, once its key is checked."""
        return entered(request, parts, self.scope)

    def admission(self, request: Request, parts: AppState) -> Admission:
        """The threads that answer."""
        return parts.admissions.searches

    def refuse_if_behind(self, request: Request, parts: AppState, catalog: ServedCatalog) -> None:
        """Raise Overloaded if the request would be refused after its body is read."""
        self.admission(request, parts).refuse_if_behind()


class SearchRoute(GuardedRoute):
    """A route that needs a key with the scope `search`, unless anybody may search."""

    scope = "search"

    def admission(self, request: Request, parts: AppState) -> Admission:
        """Photos have threads of their own. A busy server does not read a form to see if it has one."""
        form = request.headers.get("content-type", "").startswith("multipart/")
        return parts.admissions.photos if form else parts.admissions.searches


class EventsRoute(GuardedRoute):
    """A route that needs a key with the scope `events`, unless anybody may search."""

    scope = "events"

    def refuse_if_behind(self, request: Request, parts: AppState, catalog: ServedCatalog) -> None:
        """Events wait for the disk together, in a queue of their catalog."""
        catalog.events.refuse_if_behind()


class WriteRoute(GuardedRoute):
    """A route that needs a key with the scope `write`, or the token of this machine."""

    scope = "write"

    def admission(self, request: Request, parts: AppState) -> Admission:
        """Writes wait for the disk and for photo hosts: they have threads of their own."""
        return parts.admissions.writes


class AdminRoute(WriteRoute):
    """A route that needs a key with the scope `admin`, or the token of this machine."""

    scope = "admin"


class WebhookRoute(GuardedRoute):
    """A route without a key whose body is signed: a webhook of a shop system."""

    def admission(self, request: Request, parts: AppState) -> Admission:
        """Writes wait for the disk."""
        return parts.admissions.writes


class OperatorRoute(AdminRoute):
    """A route that only whoever runs the server may call: a key of a catalog does not reach it."""

    @asynccontextmanager
    async def entered(self, request: Request, parts: AppState) -> AsyncGenerator[ServedCatalog]:
        """The default catalog, once the caller is known as the operator."""
        require_operator(request, parts.settings)
        yield parts.catalogs.default


class CatalogOperatorRoute(AdminRoute):
    """A route of a catalog that uses credentials of the server: only whoever runs it may call it."""

    @asynccontextmanager
    async def entered(self, request: Request, parts: AppState) -> AsyncGenerator[ServedCatalog]:
        """The catalog of a request, once the caller is known as the operator."""
        async with super().entered(request, parts) as catalog:
            require_operator(request, parts.settings)
            yield catalog


def _on_threads(endpoint: Callable[..., Any], status: int) -> Callable[..., Coroutine[Any, Any, Response]]:
    """The endpoint as a coroutine that runs and serialises on the request's threads."""

    @functools.wraps(endpoint)
    async def admitted(*args: Any, **values: Any) -> Response:
        def answer() -> Response:
            result = endpoint(*args, **values)
            if isinstance(result, Response):
                return result
            return Response(to_json(result, inf_nan_mode="null"), status, media_type="application/json")

        return await threads.get().run(answer)

    return admitted


def _refuse_nul(request: Request) -> None:
    """PostgreSQL cannot store a NUL character, and no id, word or filter needs one."""
    if "\0" in request.scope["path"]:
        raise NotFound("There is nothing at this address: it contains a NUL character.")
    if b"%00" in request.scope["query_string"]:
        raise BadQuery("The address contains a NUL character (%00). Remove it.")


def _without_unset(endpoint: Callable[..., BaseModel]) -> Callable[..., dict[str, Any]]:
    """The endpoint without the response fields that were not set."""

    @functools.wraps(endpoint)
    def sparse(*args: Any, **values: Any) -> dict[str, Any]:
        return endpoint(*args, **values).model_dump(exclude_unset=True)

    return sparse
