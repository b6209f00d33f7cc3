"""The HTTP side of a shop that can be slow, throttling, out of order or hostile."""

from __future__ import annotations

import io
import json
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Self
from urllib.parse import parse_qsl, urlsplit

from lookalike.media.fetch import Fetcher
from lookalike.sync.source import Delivery, Source
from lookalike.sync.sources import open_shop
from lookalike.sync.sources.client import ShopClient
from support.samples import jpeg
from support.shops.articles import OPENING, Article, articles


@dataclass(frozen=True)
class Asked:
    """A request as a stub sees it."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes

    def one(self, name: str, default: str = "") -> str:
        """The last value of a parameter."""
        return dict(self.query).get(name, default)

    def all(self, name: str) -> list[str]:
        """Every value of a parameter."""
        return [value for key, value in self.query if key == name]


@dataclass
class Told:
    """What a stub answers."""

    data: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])
    raw: bytes | None = None


class ShopStub(ABC):
    """A shop with articles and a clock of its own, which only a client's waiting moves."""

    scheme: ClassVar[str]
    environment: ClassVar[Mapping[str, str]]

    def __init__(self) -> None:
        self.articles: dict[int, Article] = {each.id: each for each in articles()}
        self.deleted: dict[int, datetime] = {}
        self.now = OPENING
        self.asked: list[Asked] = []
        self.waited: list[float] = []
        self.faults: deque[Told] = deque()
        self.down = False
        self.photos_are_down = False
        self.revoked = False
        self.options = ""
        self.misunderstood: list[Exception] = []

    def __enter__(self) -> Self:
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                parts = urlsplit(self.path)
                headers = {name.lower(): value for name, value in self.headers.items()}
                query = parse_qsl(parts.query, keep_blank_values=True)
                asked = Asked(self.command, parts.path, query, headers, self.rfile.read(length))
                try:
                    told = stub.answer(asked)
                except Exception as error:
                    # A request that no shop would understand fails the test, not the connection.
                    stub.misunderstood.append(error)
                    told = Told({"message": repr(error)}, 400)
                self._send(told)

            do_POST = do_GET

            def log_message(self, *_: object) -> None:
                pass

            def _send(self, told: Told) -> None:
                body = told.raw if told.raw is not None else json.dumps(told.data).encode()
                self.send_response_only(told.status)
                self.send_header("Date", format_datetime(stub.now, usegmt=True))
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                for name, value in told.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        assert self.misunderstood == []

    # What a test does with it

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def address(self) -> str:
        return self.base.replace("http", f"{self.scheme}+http") + self.options

    def source(self) -> Source:
        """The shop as a source that waits by the stub's clock."""
        client = ShopClient("the shop", Fetcher(private=True), self.sleep, lambda: self.now.timestamp())
        return open_shop(self.address, self.environment, client)

    def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += timedelta(seconds=seconds)

    def put(self, article: Article) -> None:
        """Add an article, or replace it."""
        article.changed = self.now
        self.articles[article.id] = article
        self.deleted.pop(article.id, None)

    def reprice(self, id: int, price: str) -> None:
        """Change the price of an article's first variant."""
        article = self.articles[id]
        article.pieces[0].price = price
        self.put(article)

    def remove(self, id: int) -> None:
        """Delete an article."""
        del self.articles[id]
        self.deleted[id] = self.now

    def fault(self, status: int, *, times: int = 1, raw: bytes = b"trouble", **headers: str) -> None:
        """Answer the next requests so."""
        told = Told(status=status, raw=raw, headers={k.replace("_", "-"): v for k, v in headers.items()})
        self.faults.extend([told] * times)

    # What each system says in its own words

    @abstractmethod
    def item_id(self, article: int) -> str:
        """The id of an article in this system."""

    @abstractmethod
    def product_id(self, article: int, piece: int) -> str:
        """The id of a product that a variant becomes."""

    @abstractmethod
    def delivery(self, event: str, article: int, *, secret: str = "") -> Delivery:
        """The webhook of an event: created, updated or deleted."""

    @abstractmethod
    def is_authorised(self, asked: Asked) -> bool: ...

    @abstractmethod
    def serve(self, asked: Asked) -> Told: ...

    def answer(self, asked: Asked) -> Told:
        if asked.path.startswith("/photos/"):
            if self.photos_are_down:
                return Told({"message": "no photos today"}, 503)
            return Told(raw=jpeg(asked.path.rpartition("/")[2].removesuffix(".jpg")))
        self.asked.append(asked)
        if self.faults:
            return self.faults.popleft()
        if self.down:
            return Told(status=500, raw=b"<html>Internal Server Error</html>")
        if self.revoked or not self.is_authorised(asked):
            return self.refusal()
        return self.serve(asked)

    def refusal(self) -> Told:
        return Told({"message": "Unauthorized"}, 401)

    def photo(self, name: str) -> str:
        return f"{self.base}/photos/{name}.jpg"


def lines(objects: list[dict[str, Any]]) -> bytes:
    """Objects as JSON lines."""
    buffer = io.StringIO()
    for each in objects:
        buffer.write(json.dumps(each) + "\n")
    return buffer.getvalue().encode()
