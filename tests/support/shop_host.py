"""A shop's web server on loopback: it serves prepared files and remembers what it was asked."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it arrived; the names of headers are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class File:
    """What a path answers; `status` other than 200 has precedence over the content."""

    content: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


class ShopHost:
    """Paths and their files, with an ETag each; `asked` are the requests in their order."""

    def __init__(self) -> None:
        self.files: dict[str, File] = {}
        self.asked: list[Asked] = []
        # What every request must carry, if anything.
        self.secret: tuple[str, str] | None = None
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                host.answer(self)

            def do_POST(self) -> None:
                host.answer(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002, the name of the base class
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def put(self, path: str, content: bytes | str, status: int = 200, **headers: str) -> str:
        """Serve a file from now on; returns its URL."""
        data = content.encode() if isinstance(content, str) else content
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.files[path] = File(data, status, named)
        return self.url + path

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        headers = {name.lower(): value for name, value in handler.headers.items()}
        body = handler.rfile.read(int(headers.get("content-length", 0)))
        path = handler.path.partition("?")[0]
        self.asked.append(Asked(handler.command, handler.path, headers, body))
        file = self.files.get(path, File(b"nothing here", 404))
        if self.secret and headers.get(self.secret[0].lower()) != self.secret[1]:
            file = File(b"who are you?", 401)
        etag = f'"{hashlib.sha256(file.content).hexdigest()[:16]}"'
        if file.status == 200 and headers.get("if-none-match") == etag:
            file, etag = File(b"", 304), etag
        handler.send_response(file.status)
        for name, value in {"ETag": etag, "Content-Length": str(len(file.content)), **file.headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(file.content)


@contextmanager
def shop_host() -> Generator[ShopHost]:
    """A server for as long as the block runs."""
    host = ShopHost()
    threading.Thread(target=host.server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield host
    finally:
        host.server.shutdown()
        host.server.server_close()
