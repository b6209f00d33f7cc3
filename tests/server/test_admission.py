from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from lookalike import Shop
from lookalike.errors import Overloaded
from lookalike.server.admission import LONGEST_PAUSE, REFUSALS_PER_SECOND, Admission, Admissions, RefusalPace
from lookalike.vectors.blas import available_cores
from support.samples import jpeg

JSON = {"content-type": "application/json"}
FORM = {"content-type": "multipart/form-data; boundary=cut"}


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


def test_an_event_loop_that_lags_counts_as_waiting():
    async def story() -> None:
        busy, free = threading.Event(), threading.Event()
        now = 0.0
        admission = Admission("test", threads=1, patience=1, clock=lambda: now)

        def occupy() -> None:
            busy.set()
            free.wait()

        for _ in range(2):
            done = threading.Event()
            call = asyncio.ensure_future(admission.run(done.set))
            await asyncio.sleep(0)
            # The loop is occupied for ten seconds after the call.
            done.wait()
            admission._pool.submit(int).result()
            now += 10.0
            await call
        first = asyncio.ensure_future(admission.run(occupy))
        await asyncio.to_thread(busy.wait)
        # Nothing else waits, so it shows whether the loop still lags.
        second = asyncio.ensure_future(admission.run(lambda: "shown"))
        await asyncio.sleep(0)
        third = asyncio.ensure_future(admission.run(lambda: "late"))
        await asyncio.sleep(0)
        free.set()
        await first
        assert await second == "shown"
        with pytest.raises(Overloaded):
            await third

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


def test_searches_and_photos_use_no_more_threads_than_cores():
    """Each further thread takes its turn from the one that reads requests, so that all wait."""

    async def most_at_once(admission: Admission) -> int:
        running, most = 0, 0
        lock = threading.Lock()
        full = threading.Barrier(2)

        def call() -> None:
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            full.wait()
            with lock:
                running -= 1

        await asyncio.gather(*[admission.run(call) for _ in range(8)])
        return most

    admissions = Admissions.sized(photos=0)
    allowed = max(2, available_cores())
    assert 2 <= asyncio.run(most_at_once(admissions.searches)) <= allowed
    assert 2 <= asyncio.run(most_at_once(admissions.photos)) <= allowed
    admissions.close()


def test_a_few_refusals_are_sent_at_once_and_many_take_turns():
    now = 100.0
    pace = RefusalPace(lambda: now)
    pauses = [pace.pause() for _ in range(10)]
    assert pauses == pytest.approx([number / REFUSALS_PER_SECOND for number in range(10)])
    # However many there are, none waits longer than this.
    assert max(pace.pause() for _ in range(10_000)) == LONGEST_PAUSE
    now += 2 * LONGEST_PAUSE
    assert pace.pause() == 0


def test_clients_that_are_refused_take_turns(serve: Callable[..., TestClient]):
    class Counted(RefusalPace):
        asked = 0

        def pause(self) -> float:
            self.asked += 1
            return 0.0

    client = serve()
    parts = client.app.state.parts
    late = Admission("test", threads=1, patience=-1)
    pace = Counted()
    client.app.state.parts = replace(
        parts, admissions=replace(parts.admissions, searches=late), refusals=pace
    )
    assert client.get("/v1/search?text=red").status_code == 503
    assert client.post("/v1/search", json={"text": "red"}).status_code == 503
    assert client.post("/v1/search", files={"image": jpeg("red")}).status_code == 200
    assert pace.asked == 2


def test_a_photo_is_refused_before_it_is_read(serve: Callable[..., TestClient]):
    client = serve()
    parts = client.app.state.parts
    late = Admission("test", threads=1, patience=-1)
    client.app.state.parts = replace(parts, admissions=replace(parts.admissions, photos=late))
    # What is no form at all is not noticed.
    assert client.post("/v1/search", content=b"photo", headers=FORM).status_code == 503
    assert client.post("/v1/search", json={"text": "red"}).status_code == 200


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
