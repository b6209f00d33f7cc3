"""Builds the application: routes, limits and middleware."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import ExitStack, asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import lookalike
from lookalike.database.stores import DEFAULT, open_store_beside
from lookalike.freed_memory import share_arenas
from lookalike.server import demo_visitors, first_run, problems, proxy_identity
from lookalike.server.admission import Admissions, RefusalPace
from lookalike.server.auth import CATALOG, SECURITY_SCHEMES
from lookalike.server.body_limits import BodyLimits
from lookalike.server.catalogs import Catalogs, ServedCatalog, unnamed_path
from lookalike.server.closed_catalogs import ClosedCatalogs
from lookalike.server.dependencies import AppState
from lookalike.server.lifecycle import Lifecycle
from lookalike.server.metrics import Counting, Metrics
from lookalike.server.rate_limit import KeyLimiter
from lookalike.server.routes import (
    analysis,
    api_docs,
    catalog,
    catalogs,
    customers,
    experiments,
    findings,
    health,
    imports,
    jobs,
    keys,
    photos,
    products,
    recipes,
    regions,
    rules,
    samples,
    search,
    shoppers,
    sources,
    storefront,
    webapp,
    words,
)
from lookalike.settings import Settings, settings
from lookalike.shop import Shop
from lookalike.vectors.blas import limit_blas_threads

# How often idle catalogs are closed, and those with due sources opened.
SWEEP_SECONDS = 30.0
# What every catalog has. A request is compared with one router after the other: those with the most traffic
# come first.
ROUTERS = (
    search.router,
    shoppers.recording,
    shoppers.recommending,
    words.reading,
    words.writing,
    regions.router,
    samples.listing,
    samples.router,
    products.reading,
    products.writing,
    photos.router,
    catalog.router,
    catalog.managing,
    recipes.listing,
    recipes.downloading,
    storefront.router,
    shoppers.knowing,
    customers.router,
    rules.router,
    experiments.router,
    imports.router,
    jobs.importing,
    jobs.router,
    keys.router,
    analysis.router,
    findings.router,
    sources.hearing,
    sources.managing,
    sources.adding,
)


class Application(FastAPI):
    """FastAPI with problem JSON in its OpenAPI document."""

    def openapi(self) -> dict[str, Any]:
        """The contract."""
        schema = problems.with_problems(super().openapi())
        schema["components"]["securitySchemes"] = SECURITY_SCHEMES
        # Relative to the document, so that it holds behind any proxy.
        schema["servers"] = [{"url": "/", "description": "The server that this document comes from"}]
        return schema


def create_app(shop: Shop, settings: Settings, clock: Callable[[], float] = time.monotonic) -> FastAPI:
    """The application that serves a shop, and others beside it; the caller closes the shop.

    By `clock` catalogs become idle.
    """
    limit_blas_threads()
    proxy_identity.check_settings(settings)
    app = Application(
        title="Lookalike",
        version=lookalike.__version__,
        summary="Visual and textual product search",
        # A redirect would repeat the Host header, which the client chooses.
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        lifespan=_lifespan,
    )
    metrics = Metrics()
    served = Catalogs(
        ServedCatalog.of(DEFAULT, settings.catalog, shop),
        open_store_beside(settings.catalogs, settings.catalog) if settings.catalogs else None,
        lambda address: lookalike.open(address, index=settings.index),
        settings.max_open_catalogs,
        settings.catalog_idle,
        clock,
    )
    app.state.parts = AppState(
        served,
        settings,
        metrics,
        Admissions.sized(settings.max_concurrent_uploads),
        RefusalPace(),
        Lifecycle(shop.check),
        KeyLimiter(time.monotonic),
    )
    app.state.beginning = list[Callable[[AppState], None]]()
    app.state.closing = ExitStack()
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router, prefix="/v1", responses=problems.documented(400, 503))
    app.include_router(catalogs.router, prefix="/v1", responses=problems.documented(400, 503))
    # The same routes for each catalog by its name. In the contract they stand once.
    for router in ROUTERS:
        app.include_router(router, prefix=f"/v1/catalogs/{{{CATALOG}}}", include_in_schema=False)
    # Probes and scrapers use the root; API clients use the prefix.
    app.include_router(health.router)
    app.include_router(health.router, prefix="/v1", include_in_schema=False)
    webapp.install(app)
    app.include_router(api_docs.router)
    app.mount("/docs", api_docs.files)
    # The last one added sees a request first.
    app.add_middleware(
        BodyLimits,
        max_bytes=settings.max_request_bytes,
        max_seconds=settings.upload_timeout,
        on_disk={
            "/v1/imports": settings.max_import_bytes,
            "/v1/imports/preview": settings.max_import_bytes,
        },
        path_of=unnamed_path,
    )
    app.add_middleware(NoSniffing)
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.origins.split(),
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "X-API-Key", "Content-Type"],
            max_age=3600,
        )
    app.add_middleware(Counting, metrics=metrics)
    return app


def from_environment() -> FastAPI:
    """Build the application from LOOKALIKE_* settings. Each worker process builds its own."""
    share_arenas()
    knobs = settings()
    shop = lookalike.open(knobs.catalog, index=knobs.index)
    app = create_app(shop, knobs)
    app.state.closing.callback(shop.close)
    return app


def demo_from_environment() -> FastAPI:
    """The same for the sample shop, whose analyses run once it is served."""
    app = from_environment()
    app.state.beginning.append(first_run.begin)
    per_second = settings().demo_visitors
    if per_second:

        def send_visitors(parts: AppState) -> None:
            stop = threading.Event()
            visits = demo_visitors.begin(parts.shop, per_second, stop)
            app.state.closing.callback(visits.join)
            app.state.closing.callback(stop.set)

        app.state.beginning.append(send_visitors)
    return app


class NoSniffing:
    """Adds `X-Content-Type-Options: nosniff` to every response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def adding(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), (b"x-content-type-options", b"nosniff")]
            await send(message)

        await self.app(scope, receive, adding)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncGenerator[None]:
    parts: AppState = app.state.parts
    parts.stage.begin()
    parts.stage.leave_on_sigterm(parts.settings.drain)
    parts.webhooks.begin()
    parts.scheduler.begin()
    for begin in app.state.beginning:
        begin(parts)
    sweeping = asyncio.create_task(_sweep(parts.catalogs))
    with app.state.closing:
        yield
        sweeping.cancel()
        await run_in_threadpool(parts.catalogs.close)
        parts.admissions.close()


async def _sweep(catalogs: Catalogs) -> None:
    closed = ClosedCatalogs(catalogs)
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        await run_in_threadpool(catalogs.close_idle)
        await run_in_threadpool(closed.open_due)


def _operation_id(route: APIRoute) -> str:
    return route.name
