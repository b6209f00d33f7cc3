from __future__ import annotations

import errno
import io
import threading
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from lookalike import Shop
from lookalike.database.rows import RowsDatabase
from lookalike.errors import Conflict
from lookalike.server.dependencies import AppState
from lookalike.server.jobs.jobs import Job, Jobs
from support.samples import jpeg

FEED = b"id,title,photo\nnew,Zebra cushion,\nodd,Spy,/etc/passwd\nodder,Spy,../shop.db\n"
RAW = {"content-type": "application/octet-stream"}


@pytest.fixture
def finished(client: TestClient) -> Callable[[str], dict[str, Any]]:
    """The state of a job after it has ended."""

    def finished(id: str) -> dict[str, Any]:
        parts = client.app.state.parts  # pyright: ignore
        assert isinstance(parts, AppState)
        parts.jobs.wait()
        return client.get(f"/v1/jobs/{id}").json()

    return finished


def test_a_feed_in_a_request_goes_in_and_tells_how_far_it_is(
    client: TestClient, finished: Callable[[str], dict[str, Any]]
):
    begun = client.post("/v1/imports", content=FEED, headers=RAW)
    assert begun.status_code == 202
    state = finished(begun.json()["id"])
    assert (state["state"], state["done"], state["total"]) == ("done", 3, 3)
    assert client.get("/v1/products/new").json()["title"] == "Zebra cushion"


def test_a_feed_in_a_request_reads_no_file_of_the_server(
    client: TestClient, finished: Callable[[str], dict[str, Any]]
):
    state = finished(client.post("/v1/imports", content=FEED, headers=RAW).json()["id"])
    assert {problem["id"] for problem in state["report"]["problems"]} == {"odd", "odder"}
    for page in client.get("/v1/products").json()["products"]:
        assert page["id"] not in ("odd", "odder") or page["photos"] == []


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as pack_vector:
        for name, data in files.items():
            pack_vector.writestr(name, data)
    return buffer.getvalue()


def test_a_feed_comes_with_its_photos_in_a_zip_file(
    client: TestClient, finished: Callable[[str], dict[str, Any]]
):
    feed = b"id,title,photo\nteal,Teal cushion,photos/teal.jpg\nlost,Lost cushion,photos/lost.jpg\n"
    body = zipped({"shop/feed.csv": feed, "shop/photos/teal.jpg": jpeg("teal"), "__MACOSX/feed.csv": b"?"})
    state = finished(client.post("/v1/imports", content=body, headers=RAW).json()["id"])
    assert state["state"] == "done", state
    assert len(client.get("/v1/products/teal").json()["photos"]) == 1
    assert [(row["line"], row["id"]) for row in state["report"]["problems"]] == [(3, "lost")]


def test_a_zip_file_of_photos_alone_is_a_feed(client: TestClient, finished: Callable[[str], dict[str, Any]]):
    body = zipped({"Cushions/teal-cushion.jpg": jpeg("teal")})
    state = finished(client.post("/v1/imports", content=body, headers=RAW).json()["id"])
    assert state["report"]["added"] == 1
    assert (
        client.post("/v1/search", json={"text": "teal cushion"}).json()["hits"][0]["title"] == "teal cushion"
    )


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"../../outside.csv": b"id\n1\n"}, "leads out of it"),
        ({"/etc/passwd.csv": b"id\n1\n"}, "leads out of it"),
        ({"one.csv": b"id\n1\n", "two.csv": b"id\n2\n"}, "several feeds"),
        ({"[Content_Types].xml": b"<Types/>"}, "save the sheet as CSV"),
        ({"note.md": b"nothing"}, "no photos"),
        ({"feed.csv": bytes(3_000_000)}, "Unpacked, a feed may have 2 MB"),
    ],
)
def test_a_zip_file_that_is_no_feed_fails_with_a_sentence(
    serve: Callable[..., TestClient], files: dict[str, bytes], sentence: str
):
    client = serve(max_import_bytes=2_000_000)
    begun = client.post("/v1/imports", content=zipped(files), headers=RAW)
    client.app.state.parts.jobs.wait()  # pyright: ignore
    state = client.get(f"/v1/jobs/{begun.json()['id']}").json()
    assert state["state"] == "failed"
    assert sentence in state["detail"]


def test_what_is_no_feed_fails_with_a_sentence(client: TestClient, finished: Callable[[str], dict[str, Any]]):
    state = finished(client.post("/v1/imports", content=b"PK\x03\x04", headers=RAW).json()["id"])
    assert state["state"] == "failed"
    assert "pack it again" in state["detail"]


def test_another_recipe_is_one_of_the_names(client: TestClient):
    for recipe in ("nonsense", "/etc/passwd", "recipe.toml"):
        assert client.post("/v1/catalog/recipe", json={"recipe": recipe}).status_code == 422
    names = [recipe["name"] for recipe in client.get("/v1/recipes").json()]
    assert "pixels" in names


def test_a_switch_back_without_a_switch_fails_with_a_sentence(
    client: TestClient, finished: Callable[[str], dict[str, Any]]
):
    state = finished(client.post("/v1/catalog/recipe", json={}).json()["id"])
    assert (state["state"], "never been switched" in state["detail"]) == ("failed", True)


def test_one_job_runs_at_a_time_and_stops_when_told(shop: Shop):
    jobs = Jobs(shop.catalog.database.jobs)
    first = Job("import")
    began = threading.Event()

    def work() -> None:
        began.set()
        first.stop.wait(30)

    jobs.start(first, work)
    assert began.wait(30)
    with pytest.raises(Conflict):
        jobs.start(Job("switch"), work)
    jobs.close()
    assert jobs.get(first.id).state == "stopped"


def test_a_job_is_seen_and_stopped_from_another_server(shop: Shop, serve: Callable[..., TestClient]):
    jobs, elsewhere = Jobs(shop.catalog.database.jobs), serve()
    job = Job("import", total=9)
    jobs.start(job, lambda: job.stop.wait(30) and None)  # pyright: ignore
    seen = elsewhere.get(f"/v1/jobs/{job.id}").json()
    assert (seen["state"], seen["total"]) == ("running", 9)
    assert elsewhere.delete(f"/v1/jobs/{job.id}").status_code == 202
    jobs.wait()
    assert elsewhere.get(f"/v1/jobs/{job.id}").json()["state"] == "stopped"


def test_a_job_whose_server_is_gone_has_failed(shop: Shop, client: TestClient):
    shop.catalog.database.jobs.update("lost", Job("import", id="lost").state_now().model_dump_json())
    assert client.get("/v1/jobs/lost").json()["state"] == "running"
    assert isinstance(shop.catalog.database, RowsDatabase)
    with shop.catalog.database.connections.write() as session:
        session.rows("UPDATE jobs SET told = told - 60")
    state = client.get("/v1/jobs/lost").json()
    assert (state["state"], "Start it again" in state["detail"]) == ("failed", True)


def test_an_unknown_job_is_not_found(client: TestClient):
    assert client.get("/v1/jobs/none").status_code == 404
    assert client.delete("/v1/jobs/none").status_code == 404


def test_an_import_without_room_for_its_feed_says_so(client: TestClient, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object, **__: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("tempfile.mkdtemp", full)
    response = client.post("/v1/imports", content=b"id,title\na,b\n")
    assert response.status_code == 503
    assert "TMPDIR" in response.json()["detail"]


def test_a_preview_shows_the_columns_and_products_and_writes_nothing(client: TestClient) -> None:
    feed = "Artikelnummer;Bezeichnung;Preis\nA-1;Kleid;€ 1.299,00\nA-2;Hose;1.299\n"
    before = client.get("/v1/catalog").json()
    told = client.post("/v1/imports/preview", content=feed.encode(), params={"map": "Preis=price"}).json()
    assert [(column["field"], column["reason"]) for column in told["columns"]] == [
        ("id", "name"),
        ("title", "name"),
        ("price", "mapping"),
    ]
    assert [product["price"] for product in told["products"]] == [1299.0, 1299.0]
    assert (told["decimal"], told["currency"], told["rows"], told["failed"]) == (",", "EUR", 2, 0)
    assert client.get("/v1/catalog").json() == before


def test_a_mapping_to_no_field_is_refused_with_the_closest_one(client: TestClient) -> None:
    for route in ("/v1/imports/preview", "/v1/imports"):
        answer = client.post(route, content=b"id,name\n1,Shirt\n", params={"map": "name=titel"})
        assert answer.status_code == 422
        assert "Did you mean 'title'" in answer.json()["detail"]
