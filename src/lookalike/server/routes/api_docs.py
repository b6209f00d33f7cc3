"""`/docs`: the API reference, made from `/openapi.json` in the browser. It loads nothing from other hosts."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse
from starlette.staticfiles import StaticFiles

from lookalike.server.routes.webapp import POLICY

FOLDER = Path(__file__).parent.parent / "api_docs"

router = APIRouter(include_in_schema=False)
files = StaticFiles(directory=FOLDER)


@router.get("/docs")
async def api_docs() -> FileResponse:
    """The page."""
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
    return FileResponse(FOLDER / "docs.html", headers=headers)
