"""A model hub on loopback that can be slow of memory, secretive or mistaken."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "c0ffee" + "0" * 34


@dataclass
class FakeHub:
    """Files by repository and path, and what goes wrong with them."""

    files: dict[str, bytes] = field(default_factory=dict)
    gated: set[str] = field(default_factory=set)
    break_after: int = 0
    altered: bool = False
    ranges: bool = True
    elsewhere: str = ""
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)
    endpoint: str = ""

    def downloads(self) -> list[str]:
        """The ranges that were asked for, one for each download."""
        return [span for method, _, span in self.requests if method == "GET"]


@contextmanager
def running(hub: FakeHub) -> Iterator[FakeHub]:
    """Serve a hub until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def log_message(self, *_: object) -> None:
            pass

        def _answer(self, body: bool) -> None:
            hub.requests.append((self.command, self.path, self.headers.get("Range", "")))
            hub.tokens[self.headers["Host"].split(":")[0]] = self.headers.get("Authorization", "")
            place = self.path.lstrip("/")
            repository = "/".join(place.split("/")[:2])
            key = place
            if "/resolve/" in place:
                key = f"{repository}/{place.split('/resolve/')[1].split('/', 1)[1]}"
            if repository in hub.gated:
                self._refuse(403, "GatedRepo")
            elif not any(name.startswith(f"{repository}/") for name in hub.files):
                self._refuse(404, "RepoNotFound")
            elif key not in hub.files:
                self._refuse(404, "EntryNotFound")
            elif hub.elsewhere and "/resolve/" in place:
                self._point(f"http://{hub.elsewhere}:{server.server_port}/{key}", hub.files[key])
            else:
                self._send(hub.files[key], body)

        def _point(self, place: str, whole: bytes) -> None:
            self.send_response(302)
            self.send_header("Location", place)
            self.send_header("X-Linked-Etag", f'"{hashlib.sha256(whole).hexdigest()}"')
            self.send_header("X-Linked-Size", str(len(whole)))
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _refuse(self, status: int, code: str) -> None:
            self.send_response(status)
            self.send_header("X-Error-Code", code)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _send(self, whole: bytes, body: bool) -> None:
            digest = hashlib.sha256(whole).hexdigest()
            sent = bytes(reversed(whole)) if hub.altered else whole
            span = self.headers.get("Range", "") if hub.ranges else ""
            start = int(span.removeprefix("bytes=").split("-")[0]) if span else 0
            part = sent[start:]
            self.send_response(206 if span else 200)
            self.send_header("ETag", f'"{digest}"')
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("Accept-Ranges", "bytes")
            if span:
                self.send_header("Content-Range", f"bytes {start}-{len(sent) - 1}/{len(sent)}")
            self.send_header("Content-Length", str(len(part)))
            self.end_headers()
            if body:
                if hub.break_after:
                    part, hub.break_after = part[: hub.break_after], 0
                    self.close_connection = True
                self.wfile.write(part)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    hub.endpoint = f"http://127.0.0.1:{server.server_port}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
