"""A server over the small shop: in process for most tests, on a real socket where the socket matters."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient

from lookalike import Shop
from lookalike.server.app import create_app
from lookalike.server.connections import HeaderTimeoutProtocol
from lookalike.settings import Settings
from support.samples import goods

TOKEN = "printed-at-start"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """The small shop, with shoppers."""
    with Shop.open(str(tmp_path / "shop.db"), "pixels") as shop:
        shop.add(goods())
        yield shop


@pytest.fixture
def serve(shop: Shop) -> Iterator[Callable[..., TestClient]]:
    """A client of a server with these settings: a browser on this machine that opened the printed address."""
    apps: list[FastAPI] = []

    def serve(**knobs: object) -> TestClient:
        app = create_app(shop, Settings(**{"catalog": shop.url, "local_token": TOKEN, **knobs}))
        apps.append(app)
        client = TestClient(
            app, "http://127.0.0.1", client=("127.0.0.1", 50000), raise_server_exceptions=False
        )
        client.cookies.set("lookalike-token-80", TOKEN)
        return client

    yield serve
    for app in apps:
        app.state.parts.webhooks.close()
        app.state.parts.jobs.close()


@pytest.fixture
def client(serve: Callable[..., TestClient]) -> TestClient:
    """A client of a server as it comes."""
    return serve()


@pytest.fixture
def listen(shop: Shop) -> Iterator[Callable[..., tuple[str, int]]]:
    """Start a real server with these settings; its address is returned."""
    running: list[tuple[uvicorn.Server, threading.Thread]] = []

    def listen(**knobs: object) -> tuple[str, int]:
        listening = socket.create_server(("127.0.0.1", 0))
        app = create_app(shop, Settings(**{"local_token": TOKEN, **knobs}))
        config = uvicorn.Config(app, log_level="warning", http=HeaderTimeoutProtocol)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        running.append((server, thread))
        return listening.getsockname()

    yield listen
    for server, thread in running:
        server.should_exit = True
        thread.join()
