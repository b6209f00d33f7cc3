"""Webhooks of the shop systems that a catalogue follows."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from lookalike.server.dependencies import Shop, Webhooks
from lookalike.server.problems import documented
from lookalike.server.routing import WebhookRoute
from lookalike.server.schemas.sources import WebhookState
from lookalike.sync.source import Delivery
from lookalike.sync.webhooks import receive, source_called

router = APIRouter(tags=["sources"], route_class=WebhookRoute)


async def _delivery(request: Request) -> Delivery:
    return Delivery(dict(request.headers.items()), await request.body())


@router.post("/sources/{name}/webhooks", responses=documented(401, 404, 413))
def receive_webhook(
    name: str, delivery: Annotated[Delivery, Depends(_delivery)], shop: Shop, webhooks: Webhooks
) -> WebhookState:
    """Take a webhook of a shop, which its signature admits; the items it names are read soon after."""
    received = receive(shop, source_called(shop, name), delivery)
    if received.items:
        webhooks.wake(name)
    return WebhookState(items=len(received.items), known=received.known)
