from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from lookalike import Shop
from lookalike.errors import Overloaded
from lookalike.server.admission import Admission
from support.samples import jpeg

JSON = {"content-type": "application/json"}


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


def test_a_burst_is_cut_off_at_what_the_pace_of_recent_calls_allows():
    async def story() -> None:
        busy, free = threading.Event(), threading.Event()
        now = 0.0
        admission = Admission("test", threads=1, patience=1, clock=lambda: now)

        def slow() -> None:
            nonlocal now
            now += 2.0

        def occupy() -> None:
            busy.set()
            free.wait()

        for _ in range(3):
            await admission.run(slow)
        first = asyncio.ensure_future(admission.run(occupy))
        await asyncio.to_thread(busy.wait)
        burst = [asyncio.ensure_future(admission.run(lambda: None)) for _ in range(20)]
        await asyncio.sleep(0)
        free.set()
        outcomes = await asyncio.gather(first, *burst, return_exceptions=True)
        admitted = [outcome for outcome in outcomes if outcome is None]
        # A call takes 0.54 s on average, so two may wait.
        assert len(admitted) == 3

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
    # Refused before the body is read: what is no search at all is not noticed.
    assert client.post("/v1/search", content=b"{", headers=JSON).status_code == 503
    # Photos have threads of their own.
    assert client.post("/v1/search", files={"image": jpeg("red")}).status_code == 200
    assert client.get("/healthz").status_code == client.get("/readyz").status_code == 200


def test_the_thread_that_reads_requests_never_waits_for_the_database(
    client: TestClient, shop: Shop, monkeypatch: pytest.MonkeyPatch
):
    """A database that is slow or away must not stop refusals and health probes."""
    asked_by: set[str] = set()
    revision = shop.catalog.database.revision

    def noted() -> int:
        asked_by.add(threading.current_thread().name.rpartition("_")[0])
        return revision()

    monkeypatch.setattr(shop.catalog.database, "revision", noted)
    assert client.post("/v1/search", json={"text": "red"}).status_code == 200
    assert client.get("/v1/search?text=red").status_code == 200
    assert client.post("/v1/search", files={"image": jpeg("red")}).status_code == 200
    assert asked_by == {"search", "photo"}
