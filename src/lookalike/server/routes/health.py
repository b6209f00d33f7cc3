"""`/healthz`, `/readyz`, `/metrics`: for those who keep the server running."""

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
    """The server can answer, from this state of the catalogue."""

    status: Literal["ready"] = "ready"
    revision: int
    index: str = Field(description="What searches: exact, approximate or milvus.")
    note: str = Field(description="What keeps it from being what was asked for; empty where nothing does.")


@router.get("/healthz")
async def healthz() -> Health:
    """Say that the process runs."""
    return Health()


@router.get("/readyz", responses=documented(503))
def readyz(shop: Shop, stage: ServerStage) -> Readiness:
    """Say that this server has taken in the catalogue as it is now, and answers."""
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
    """Counts for Prometheus."""
    return Response(counted.text(len(shop), shop.revision), media_type=MEDIA_TYPE)
