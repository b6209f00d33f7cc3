"""What routes are given: the catalogue, the settings, and room for photos."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from lookalike import shop
from lookalike.server.body_limits import Slots
from lookalike.server.jobs.jobs import Jobs
from lookalike.server.lifecycle import Lifecycle
from lookalike.server.metrics import Metrics
from lookalike.settings import Settings


@dataclass(frozen=True, slots=True)
class AppState:
    """The parts that an application is put together from."""

    shop: shop.Shop
    settings: Settings
    metrics: Metrics
    decoding: Slots
    jobs: Jobs
    stage: Lifecycle


def _parts(request: Request) -> AppState:
    parts = request.app.state.parts
    assert isinstance(parts, AppState)
    return parts


async def _shop(request: Request) -> shop.Shop:
    return _parts(request).shop


async def _settings(request: Request) -> Settings:
    return _parts(request).settings


async def _metrics(request: Request) -> Metrics:
    return _parts(request).metrics


async def _decoding(request: Request) -> Slots:
    return _parts(request).decoding


async def _jobs(request: Request) -> Jobs:
    return _parts(request).jobs


async def _stage(request: Request) -> Lifecycle:
    return _parts(request).stage


Shop = Annotated[shop.Shop, Depends(_shop)]
ServerSettings = Annotated[Settings, Depends(_settings)]
ServerMetrics = Annotated[Metrics, Depends(_metrics)]
Decoding = Annotated[Slots, Depends(_decoding)]
RunningJobs = Annotated[Jobs, Depends(_jobs)]
ServerStage = Annotated[Lifecycle, Depends(_stage)]
