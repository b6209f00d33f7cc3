from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from lookalike.errors import Overloaded
from lookalike.server.admission import Admission


def test_a_queue_that_is_late_refuses_new_calls_at_once_and_late_ones_in_their_turn():
    async def story() -> None:
        busy, free = threading.Event(), threading.Event()
        now = 0.0
        admission = Admission("test", threads=1, patience=1, clock=lambda: now)

        def occupy() -> str:
            busy.set()
            free.wait()
            return "done"

        first = asyncio.ensure_future(admission.run(occupy))
        await asyncio.to_thread(busy.wait)
        second = asyncio.ensure_future(admission.run(lambda: "late"))
        await asyncio.sleep(0)
        now = 3.0
        with pytest.raises(Overloaded):
            await admission.run(lambda: "refused")
        free.set()
        assert await first == "done"
        with pytest.raises(Overloaded):
            await second
        assert await admission.run(lambda: "in time") == "in time"

    asyncio.run(story())


def test_a_caller_who_goes_away_leaves_the_queue():
    async def story() -> None:
        busy, free = threading.Event(), threading.Event()
        admission = Admission("test", threads=1, patience=60)

        def occupy() -> None:
            busy.set()
            free.wait()

        first = asyncio.ensure_future(admission.run(occupy))
        await asyncio.to_thread(busy.wait)
        gone = asyncio.ensure_future(admission.run(lambda: None))
        await asyncio.sleep(0)
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        free.set()
        await first
        assert not admission._waiting

    asyncio.run(story())


def test_an_overloaded_server_sheds_searches_for_words_but_not_its_health(serve: Callable[..., TestClient]):
    client = serve()
    parts = client.app.state.parts
    # Nothing can wait less than no time.
    late = Admission("test", threads=1, patience=-1)
    client.app.state.parts = replace(parts, admissions=replace(parts.admissions, searches=late))
    response = client.get("/v1/search?text=red")
    assert (response.status_code, response.headers["retry-after"]) == (503, "2")
    assert "Try again" in response.json()["detail"]
    assert client.get("/healthz").status_code == client.get("/readyz").status_code == 200
