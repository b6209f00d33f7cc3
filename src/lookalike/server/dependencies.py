"""Dependencies of routes: shop, settings, jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from lookalike import shop
from lookalike.access.keys import KeyRing
from lookalike.server.admission import Admissions, RefusalPace
from lookalike.server.catalogs import Catalogs, ServedCatalog
from lookalike.server.jobs.jobs import Jobs
from lookalike.server.jobs.source_scheduler import SourceScheduler
from lookalike.server.jobs.webhook_reader import WebhookReader
from lookalike.server.lifecycle import Lifecycle
from lookalike.server.metrics import Metrics
from lookalike.server.rate_limit import KeyLimiter
from lookalike.settings import Settings

# Under this name the scope of a request holds its catalog.
SERVED = "lookalike.catalog"


@dataclass(frozen=True, slots=True)
class AppState:
    """The shared state of an application."""

    catalogs: Catalogs
    settings: Settings
    metrics: Metrics
    admissions: Admissions
    refusals: RefusalPace
    stage: Lifecycle
    key_limits: KeyLimiter

    @property
    def shop(self) -> shop.Shop:
        """The shop of the default catalog."""
        return self.catalogs.default.shop

    @property
    def jobs(self) -> Jobs:
        """The jobs of the default catalog."""
        return self.catalogs.default.jobs

    @property
    def scheduler(self) -> SourceScheduler:
        """The schedules of the default catalog."""
        return self.catalogs.default.scheduler

    @property
    def webhooks(self) -> WebhookReader:
        """The reader of webhooks of the default catalog."""
        return self.catalogs.default.webhooks


def app_state(request: Request) -> AppState:
    """The shared state of the application of a request."""
    parts = request.app.state.parts
    assert isinstance(parts, AppState)
    return parts


def served_catalog(request: Request) -> ServedCatalog:
    """The catalog that a request is about: the one its route lent it, or else the default one."""
    served = request.scope.get(SERVED)
    return served if isinstance(served, ServedCatalog) else app_state(request).catalogs.default


async def _served(request: Request) -> ServedCatalog:
    return served_catalog(request)


async def _shop(request: Request) -> shop.Shop:
    return served_catalog(request).shop


async def _catalogs(request: Request) -> Catalogs:
    return app_state(request).catalogs


async def _settings(request: Request) -> Settings:
    return app_state(request).settings


async def _metrics(request: Request) -> Metrics:
    return app_state(request).metrics


async def _jobs(request: Request) -> Jobs:
    return served_catalog(request).jobs


async def _keys(request: Request) -> KeyRing:
    return served_catalog(request).keys


async def _webhooks(request: Request) -> WebhookReader:
    return served_catalog(request).webhooks


async def _scheduler(request: Request) -> SourceScheduler:
    return served_catalog(request).scheduler


async def _stage(request: Request) -> Lifecycle:
    return app_state(request).stage


Served = Annotated[ServedCatalog, Depends(_served)]
ServerCatalogs = Annotated[Catalogs, Depends(_catalogs)]
Shop = Annotated[shop.Shop, Depends(_shop)]
ServerSettings = Annotated[Settings, Depends(_settings)]
ServerMetrics = Annotated[Metrics, Depends(_metrics)]
RunningJobs = Annotated[Jobs, Depends(_jobs)]
CatalogKeys = Annotated[KeyRing, Depends(_keys)]
Webhooks = Annotated[WebhookReader, Depends(_webhooks)]
Scheduler = Annotated[SourceScheduler, Depends(_scheduler)]
ServerStage = Annotated[Lifecycle, Depends(_stage)]
