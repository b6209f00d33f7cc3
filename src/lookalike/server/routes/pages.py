"""`/` and `/docs`: the pages a person opens."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse
from starlette.staticfiles import StaticFiles

PAGE = Path(__file__).parent.parent / "page"
POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; style-src 'self' 'unsafe-inline'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)

router = APIRouter(include_in_schema=False)
files = StaticFiles(directory=PAGE)


@router.get("/")
async def first_page() -> FileResponse:
    """The search page."""
    return _page("index.html")


@router.get("/docs")
async def docs_page() -> FileResponse:
    """The routes, as a page made from /openapi.json on the spot, so that nothing is loaded from elsewhere."""
    return _page("docs.html")


def _page(name: str) -> FileResponse:
    return FileResponse(PAGE / name, headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"})
