"""The feeds and shop systems that a catalog follows, and their webhooks."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from lookalike.database.source_runs import Schedule
from lookalike.errors import NotFound, UsageError
from lookalike.media.fetch import is_url
from lookalike.server.dependencies import Scheduler, Shop, Webhooks
from lookalike.server.jobs.jobs import JobState
from lookalike.server.problems import documented
from lookalike.server.routing import AdminRoute, CatalogOperatorRoute, WebhookRoute
from lookalike.server.schemas.sources import RunState, ScheduleRequest, SourceState, WebhookState
from lookalike.sync.followed import followed, unfollow
from lookalike.sync.interval import interval_seconds
from lookalike.sync.source import Delivery
from lookalike.sync.sources import open_source
from lookalike.sync.webhooks import receive, source_called

hearing = APIRouter(tags=["sources"], route_class=WebhookRoute)
managing = APIRouter(tags=["sources"], route_class=AdminRoute, responses=documented(401, 403, 422))
# The address determines which host gets the credentials of the server: a catalog's own key is not enough.
adding = APIRouter(tags=["sources"], route_class=CatalogOperatorRoute, responses=documented(401, 403, 422))


async def _delivery(request: Request) -> Delivery:
    return Delivery(dict(request.headers.items()), await request.body())


@hearing.post("/sources/{name}/webhooks", responses=documented(401, 404, 413))
def receive_webhook(
    name: str, delivery: Annotated[Delivery, Depends(_delivery)], shop: Shop, webhooks: Webhooks
) -> WebhookState:
    """Receive a webhook of a shop, authenticated by its signature. The items it names are read soon after."""
    received = receive(shop, source_called(shop, name), delivery)
    if received.items:
        webhooks.wake(name)
    return WebhookState(items=len(received.items), known=received.known)


@managing.get("/sources")
def list_sources(shop: Shop) -> list[SourceState]:
    """List the feeds and shop systems that the catalog follows, each with its latest run."""
    database = shop.catalog.database
    schedules = {each.source: each for each in database.source_runs.schedules()}
    running = database.source_runs.running(time.time())
    found: list[SourceState] = []
    for source in followed(database):
        latest = database.source_runs.runs(source.name, 1)
        schedule = schedules.get(source.name)
        shown = schedule or Schedule(source.name, 0)
        found.append(
            SourceState(
                name=source.name,
                address=source.address,
                read_until=source.read_until,
                pending=source.pending,
                retried=source.retried,
                every=schedule.every if schedule else None,
                next_run=schedule.next_run if schedule else None,
                prune=shown.prune,
                most_removed=shown.most_removed,
                alert=bool(shown.alert),
                running=source.name in running,
                latest=RunState.of(latest[0]) if latest else None,
            )
        )
    return found


@adding.post("/sources", status_code=201)
def follow_source(asked: ScheduleRequest, shop: Shop, scheduler: Scheduler) -> SourceState:
    """Follow a feed or a shop system. The first run begins at once."""
    if asked.alert and not is_url(asked.alert):
        raise UsageError("'alert' must be a URL that begins with https:// or http://.")
    source = open_source(asked.address)
    schedule = Schedule(
        source.name,
        interval_seconds(asked.every),
        prune=asked.prune,
        most_removed=asked.most_removed,
        alert=asked.alert,
    )
    scheduler.follower.follow(source, asked.address, schedule)
    scheduler.begin()
    return next(each for each in list_sources(shop) if each.name == source.name)


@managing.delete("/sources/{name}", status_code=204, responses=documented(404, 503))
def remove_source(name: str, shop: Shop) -> Response:
    """Stop following a source: its webhooks are refused, its products stay."""
    unfollow(shop.catalog.database, name)
    return Response(status_code=204)


@managing.get("/sources/{name}/runs", responses=documented(404))
def source_runs(name: str, shop: Shop) -> list[RunState]:
    """List the runs of a source, the latest first, with their rejected rows."""
    _must_be_known(name, shop)
    return [RunState.of(run) for run in shop.catalog.database.source_runs.runs(name)]


@managing.post("/sources/{name}/runs", status_code=202, responses=documented(404, 409))
def run_source(name: str, shop: Shop, scheduler: Scheduler) -> JobState:
    """Read a source now, as a job."""
    _must_be_known(name, shop)
    return scheduler.start(name).state_now()


def _must_be_known(name: str, shop: Shop) -> None:
    if shop.catalog.database.sources.get(name) is None:
        raise NotFound(f"This catalog follows no source '{name}': GET /v1/sources lists them.")
