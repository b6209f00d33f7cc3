"""`/healthz`, `/readyz`, `/metrics`: probes and metrics."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from lookalike.server.auth import SEARCHER, secured
from lookalike.server.dependencies import ServerMetrics, ServerStage, Shop
from lookalike.server.metrics import MEDIA_TYPE
from lookalike.server.problems import documented

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """The server runs."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """The server is ready, at this revision of the catalog."""

    status: Literal["ready"] = "ready"
    revision: int
    index: str = Field(description="The index in use: exact, approximate or milvus.")
    note: str = Field(description="Why another index than the configured one is in use; empty otherwise.")


@router.get("/healthz")
async def healthz() -> Health:
    """Report that the process is running."""
    return Health()


@router.get("/readyz", responses=documented(503))
def readyz(shop: Shop, stage: ServerStage) -> Readiness:
    """Report whether this server has read the current catalog and answers."""
    stage.check()
    index = shop.engine.index
    return Readiness(revision=shop.revision, index=index.kind, note=index.facts().note)


@router.get(
    "/metrics",
    dependencies=[SEARCHER],
    openapi_extra=secured("search"),
    response_class=Response,
    responses=documented(401, 403),
)
def metrics(shop: Shop, counted: ServerMetrics) -> Response:
    """Return metrics for Prometheus."""
    return Response(counted.text(len(shop), shop.revision), media_type=MEDIA_TYPE)
