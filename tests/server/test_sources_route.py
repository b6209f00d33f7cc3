"""Sources over REST: followed, read on their schedule by the server, and forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from lookalike import Shop
from lookalike.server.app import create_app
from lookalike.server.jobs.jobs import Jobs
from lookalike.server.jobs.source_scheduler import SourceScheduler
from lookalike.settings import Settings
from support.shop_host import ShopHost

FEED = "id,title,price\na,Lamp,10 EUR\nb,Chair,call us\n"


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Shop]:
    with Shop.open(str(tmp_path / "empty.db"), "pixels") as shop:
        yield shop


@pytest.fixture
def client(empty: Shop) -> TestClient:
    """A client with the admin key; the server's own schedules do not run."""
    app = create_app(empty, Settings(admin_key="admin"))
    return TestClient(app, headers={"Authorization": "Bearer admin"})


def scheduler(client: TestClient) -> SourceScheduler:
    found = client.app.state.parts.scheduler  # pyright: ignore[reportFunctionMemberAccess, reportAttributeAccessIssue]
    assert isinstance(found, SourceScheduler)
    return found


def test_a_source_is_followed_read_listed_and_forgotten(
    client: TestClient, host: ShopHost, empty: Shop
) -> None:
    url = host.put("/feed.csv", FEED) + "?token=secret"
    made = client.post("/v1/sources", json={"address": url, "every": "1h", "alert": f"{host.url}/alert"})
    assert made.status_code == 201
    name = made.json()["name"]
    assert (made.json()["every"], made.json()["alert"]) == (3600, True)
    assert "secret" not in made.text
    scheduler(client).close()
    client.app.state.parts.jobs.wait()  # pyright: ignore[reportFunctionMemberAccess, reportAttributeAccessIssue]
    (source,) = client.get("/v1/sources").json()
    assert (source["latest"]["outcome"], source["latest"]["added"]) == ("partly", 2)
    assert "secret" not in client.get("/v1/sources").text
    (run,) = client.get(f"/v1/sources/{name}/runs").json()
    assert "'call us' is not a price" in run["problems"][0]["reason"]
    assert len(empty) == 2
    assert client.delete(f"/v1/sources/{name}").status_code == 204
    assert client.get("/v1/sources").json() == []
    assert client.get(f"/v1/sources/{name}/runs").status_code == 404
    assert len(empty) == 2


def test_the_server_starts_what_is_due_and_nothing_else(host: ShopHost, empty: Shop) -> None:
    now = [1_000.0]
    jobs = Jobs(empty.catalog.database.jobs)
    schedule = SourceScheduler(empty, jobs, lambda: now[0])
    from lookalike.database.source_runs import Schedule
    from lookalike.sync.sources.feed import FeedSource

    source = FeedSource(host.put("/feed.csv", FEED))
    schedule.follower.follow(source, source.url, Schedule(source.name, 900))
    (job,) = schedule.start_due()
    jobs.wait()
    assert (job.state, len(empty)) == ("done", 2)
    now[0] += 899
    assert schedule.start_due() == []
    now[0] += 1
    assert len(schedule.start_due()) == 1
    jobs.close()


def test_a_run_is_a_job_and_fails_as_one(client: TestClient, host: ShopHost) -> None:
    client.post("/v1/sources", json={"address": f"{host.url}/gone.csv"})
    scheduler(client).close()
    client.app.state.parts.jobs.wait()  # pyright: ignore[reportFunctionMemberAccess, reportAttributeAccessIssue]
    name = client.get("/v1/sources").json()[0]["name"]
    job = client.post(f"/v1/sources/{name}/runs")
    assert job.status_code == 202
    client.app.state.parts.jobs.wait()  # pyright: ignore[reportFunctionMemberAccess, reportAttributeAccessIssue]
    state = client.get(f"/v1/jobs/{job.json()['id']}").json()
    assert (state["state"], "answered 404" in state["detail"]) == ("failed", True)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"address": "ftp://shop.example/feed"}, "ftp://shop.example/feed"),
        ({"address": "https://shop.example/feed", "every": "soon"}, "write 15m, 2h or 1d"),
        ({"address": "https://shop.example/feed", "alert": "mail me"}, "'alert' must be a URL"),
    ],
)
def test_a_source_that_cannot_be_followed_is_refused(
    client: TestClient, asked: dict[str, str], sentence: str
) -> None:
    refused = client.post("/v1/sources", json=asked)
    assert refused.status_code in (400, 422)
    assert sentence in refused.json()["detail"]
    assert client.get("/v1/sources").json() == []


def test_sources_need_the_admin_key(empty: Shop) -> None:
    client = TestClient(create_app(empty, Settings(admin_key="admin")))
    assert client.get("/v1/sources").status_code == 401
    assert client.post("/v1/sources", json={"address": "https://shop.example/feed"}).status_code == 401
