"""What routes depend on: the shop, the settings, the jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from lookalike import shop
from lookalike.access.keys import KeyRing
from lookalike.server.admission import Admissions
from lookalike.server.jobs.jobs import Jobs
from lookalike.server.jobs.webhook_reader import WebhookReader
from lookalike.server.lifecycle import Lifecycle
from lookalike.server.metrics import Metrics
from lookalike.server.rate_limit import KeyLimiter
from lookalike.settings import Settings


@dataclass(frozen=True, slots=True)
class AppState:
    """The parts of an application."""

    shop: shop.Shop
    settings: Settings
    metrics: Metrics
    admissions: Admissions
    jobs: Jobs
    webhooks: WebhookReader
    stage: Lifecycle
    keys: KeyRing
    key_limits: KeyLimiter


def app_state(request: Request) -> AppState:
    """The parts of the application that answers a request."""
    parts = request.app.state.parts
    assert isinstance(parts, AppState)
    return parts


async def _shop(request: Request) -> shop.Shop:
    return app_state(request).shop


async def _settings(request: Request) -> Settings:
    return app_state(request).settings


async def _metrics(request: Request) -> Metrics:
    return app_state(request).metrics


async def _jobs(request: Request) -> Jobs:
    return app_state(request).jobs


async def _keys(request: Request) -> KeyRing:
    return app_state(request).keys


async def _webhooks(request: Request) -> WebhookReader:
    return app_state(request).webhooks


async def _stage(request: Request) -> Lifecycle:
    return app_state(request).stage


Shop = Annotated[shop.Shop, Depends(_shop)]
ServerSettings = Annotated[Settings, Depends(_settings)]
ServerMetrics = Annotated[Metrics, Depends(_metrics)]
RunningJobs = Annotated[Jobs, Depends(_jobs)]
CatalogKeys = Annotated[KeyRing, Depends(_keys)]
Webhooks = Annotated[WebhookReader, Depends(_webhooks)]
ServerStage = Annotated[Lifecycle, Depends(_stage)]
