"""The shop systems that a catalogue follows, and their webhooks."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from lookalike.server.dependencies import Shop, Webhooks
from lookalike.server.problems import documented
from lookalike.server.routing import AdminRoute, WebhookRoute
from lookalike.server.schemas.sources import SourceState, WebhookState
from lookalike.sync.followed import followed, unfollow
from lookalike.sync.source import Delivery
from lookalike.sync.webhooks import receive, source_called

hearing = APIRouter(tags=["sources"], route_class=WebhookRoute)
managing = APIRouter(tags=["sources"], route_class=AdminRoute, responses=documented(401, 403))


async def _delivery(request: Request) -> Delivery:
    return Delivery(dict(request.headers.items()), await request.body())


@hearing.post("/sources/{name}/webhooks", responses=documented(401, 404, 413))
def receive_webhook(
    name: str, delivery: Annotated[Delivery, Depends(_delivery)], shop: Shop, webhooks: Webhooks
) -> WebhookState:
    """Take a webhook of a shop, which its signature admits; the items it names are read soon after."""
    received = receive(shop, source_called(shop, name), delivery)
    if received.items:
        webhooks.wake(name)
    return WebhookState(items=len(received.items), known=received.known)


@managing.get("/sources")
def list_sources(shop: Shop) -> list[SourceState]:
    """List the shop systems that the catalogue follows, and what is still to be read of each."""
    return [SourceState(**asdict(each)) for each in followed(shop.catalog.database)]


@managing.delete("/sources/{name}", status_code=204, responses=documented(404, 503))
def remove_source(name: str, shop: Shop) -> Response:
    """Follow a shop system no longer: its webhooks are refused, its products stay."""
    unfollow(shop.catalog.database, name)
    return Response(status_code=204)
