"""The last import over HTTP: what it changed, and its undo."""

from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient

FEED = b"id,title\nnew,Zebra cushion\nplate-red,Overwritten\n"
RAW = {"content-type": "application/octet-stream"}


def wait_for(client: TestClient, begun: Any) -> dict[str, Any]:
    """The state of a job after it has ended."""
    assert begun.status_code == 202
    client.app.state.parts.jobs.wait()  # type: ignore[attr-defined]
    return client.get(f"/v1/jobs/{begun.json()['id']}").json()


def test_the_last_import_is_told_and_undone(client: TestClient) -> None:
    assert client.get("/v1/imports/latest").status_code == 404
    assert client.post("/v1/imports/latest/undo").status_code == 404
    title = client.get("/v1/products/plate-red").json()["title"]
    wait_for(client, client.post("/v1/imports?name=autumn.csv", content=FEED, headers=RAW))
    latest = client.get("/v1/imports/latest").json()
    assert (latest["feed"], latest["added"], latest["updated"]) == ("autumn.csv", 1, 1)
    state = wait_for(client, client.post("/v1/imports/latest/undo"))
    assert (state["state"], state["done"], state["total"]) == ("done", 2, 2)
    assert state["undone"] == {"feed": "autumn.csv", "removed": 1, "restored": 1, "kept": 0}
    assert client.get("/v1/products/new").status_code == 404
    assert client.get("/v1/products/plate-red").json()["title"] == title
    assert client.get("/v1/imports/latest").status_code == 404
