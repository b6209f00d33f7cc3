"""Turns every error into RFC 9457 problem JSON: a sentence that says what to do, never a stack trace."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import Match

from lookalike import serialize
from lookalike.errors import AccessDenied, KeyInvalid, KeyMissing, LookalikeError, TooMany, Unavailable

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = "2"
# As RFC 6750 wants it, so that clients know whether another key would help.
CHALLENGES: Mapping[type[AccessDenied], str] = {
    KeyMissing: "Bearer",
    KeyInvalid: 'Bearer error="invalid_token"',
    AccessDenied: 'Bearer error="insufficient_scope"',
}
METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")

SENTENCES = {
    404: "Not found. See /docs for the routes.",
    405: "This route does not support the method. See /docs for the routes.",
    500: "Unexpected error. See the server log. Try again, and report the error if it persists.",
}


class FieldProblem(BaseModel):
    """An invalid field, by its JSON pointer."""

    pointer: str
    detail: str


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = Field(default_factory=list[FieldProblem])


class ProblemResponse(JSONResponse):
    """A problem as a response."""

    media_type = MEDIA_TYPE


async def on_lookalike_error(request: Request, error: Exception) -> ProblemResponse:
    """Respond to an error of the engine with its status."""
    assert isinstance(error, LookalikeError)
    headers: dict[str, str] = dict(getattr(request.state, "rate_limit", {}))
    if isinstance(error, Unavailable):
        headers["Retry-After"] = RETRY_SECONDS
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(math.ceil(error.retry_after))
    if isinstance(error, AccessDenied) and (challenge := CHALLENGES.get(type(error))):
        headers["WWW-Authenticate"] = challenge
    return ProblemResponse(serialize.problem_json(error), error.status, headers)


async def on_http_exception(request: Request, error: Exception) -> ProblemResponse:
    """Respond to an error of the server: unknown route, wrong method, body too large."""
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    # Starlette's own exceptions only repeat the status phrase; ours have a message.
    detail = SENTENCES.get(error.status_code, phrase) if error.detail == phrase else error.detail
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = _allowed(request)
    return _plain(error.status_code, detail, headers)


async def on_invalid_request(_: Request, error: Exception) -> ProblemResponse:
    """Respond to an invalid request. The input is not echoed."""
    assert isinstance(error, RequestValidationError)
    fields = [FieldProblem(pointer=_pointer(e["loc"]), detail=str(e["msg"])) for e in error.errors()]
    first = f"{fields[0].pointer}: {fields[0].detail}" if fields else "the request is invalid"
    return _plain(422, f"Invalid request: {first}. See /docs.", errors=fields)


async def on_unexpected(_: Request, error: Exception) -> ProblemResponse:
    """Respond to an unexpected error. The trace is in the server log."""
    return _plain(500, SENTENCES[500])


def install(app: FastAPI) -> None:
    """Respond to every error of an application with problem JSON."""
    # Coroutines: Starlette would run functions on a thread, and a server that refuses has none to spare.
    app.add_exception_handler(LookalikeError, on_lookalike_error)
    app.add_exception_handler(HTTPException, on_http_exception)
    app.add_exception_handler(RequestValidationError, on_invalid_request)
    app.add_exception_handler(Exception, on_unexpected)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The error responses of a route, for its OpenAPI entry."""
    return {status: {"description": HTTPStatus(status).phrase, "model": Problem} for status in statuses}


def with_problems(schema: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI document with `application/problem+json` for errors; FastAPI would use plain JSON."""
    for operations in schema["paths"].values():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                if status >= "400":
                    answer["content"] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return schema


def _plain(
    status: int,
    detail: str,
    headers: Mapping[str, str] | None = None,
    errors: Sequence[FieldProblem] = (),
) -> ProblemResponse:
    problem = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, errors=list(errors))
    return ProblemResponse(problem.model_dump(), status, headers)


def _allowed(request: Request) -> str:
    """All methods of the path. Starlette names only those of the first matching route."""

    def answers(method: str) -> bool:
        scope = {**request.scope, "method": method}
        return any(route.matches(scope)[0] == Match.FULL for route in request.app.routes)

    return ", ".join(filter(answers, METHODS))


def _pointer(location: tuple[int | str, ...]) -> str:
    return "/" + "/".join(str(step) for step in location)
