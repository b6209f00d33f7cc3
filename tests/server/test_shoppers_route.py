"""Events, recommendations, rules and insight over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from lookalike import Shop


@pytest.fixture
def ids(shop: Shop) -> list[str]:
    return [product.id for product in shop.products()]


def click(shopper: str, product: str, **more: Any) -> dict[str, Any]:
    return {"kind": "click", "shopper": shopper, "product": product, **more}


def test_events_are_recorded_once_and_recommended_by_at_once(client: TestClient, ids: list[str]) -> None:
    batch = {"events": [click("ann", ids[0], id="e1"), click("ann", ids[1], id="e2")]}
    assert client.post("/v1/events", json=batch).json() == {"new": 2, "known": 0}
    assert client.post("/v1/events", json=batch["events"]).json() == {"new": 0, "known": 2}
    found = client.get("/v1/recommendations", params={"shopper": "ann", "k": 3}).json()
    assert len(found["hits"]) == 3
    assert not {ids[0], ids[1]} & {hit["id"] for hit in found["hits"]}
    assert found["recipe"] == "pixels"
    assert sum(found["mix"].values()) == pytest.approx(1, abs=0.01)
    assert found["hits"][0]["why"]


@pytest.mark.parametrize(
    "event",
    [
        {"kind": "rating", "rating": 11},
        {"kind": "stare"},
        {"shopper": ""},
        {"product": ""},
        {"time": "yesterday"},
        {"position": 0},
        {"vector": [1.0, 2.0]},
        {"colour": "red"},
        {"query": "a\0b"},
    ],
)
def test_a_batch_with_an_event_nobody_can_count_is_refused_whole(
    client: TestClient, ids: list[str], shop: Shop, event: dict[str, Any]
) -> None:
    answer = client.post("/v1/events", json=[click("ann", ids[0]), click("ann", ids[1]) | event])
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert list(shop.events_of("ann")) == []


def test_a_flood_of_one_shopper_is_told_to_slow_down(client: TestClient, ids: list[str]) -> None:
    flood = [click("bot", ids[0]) for _ in range(1001)]
    answer = client.post("/v1/events", json=flood)
    assert answer.status_code == 429
    assert "Retry-After" in answer.headers
    assert client.post("/v1/events", json=[click("ann", ids[0])]).status_code == 200


def test_what_goes_with_an_unknown_product_is_not_found(client: TestClient) -> None:
    assert client.get("/v1/recommendations", params={"product": "gone"}).status_code == 404
    assert client.get("/v1/recommendations", params={"shopper": "new"}).json()["hits"]


def test_a_search_may_be_ranked_for_a_shopper(client: TestClient, ids: list[str]) -> None:
    client.post("/v1/events", json=[click("ann", ids[0])])
    found = client.post("/v1/search", json={"product": ids[1], "shopper": "ann"}).json()
    assert all("shopper" in hit["parts"] for hit in found["hits"])


def test_a_shopper_s_id_that_is_no_text_is_refused(client: TestClient) -> None:
    assert client.get("/v1/recommendations?shopper=a%00b").status_code == 422
    assert client.get("/v1/shoppers/a%00b").status_code == 404
    assert client.delete("/v1/shoppers/a%00b").status_code == 404
    body = b'{"text": "plate", "shopper": "\\ud800"}'
    answer = client.post("/v1/search", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422


def test_a_shopper_is_exported_and_forgotten(client: TestClient, ids: list[str]) -> None:
    client.post("/v1/events", json=[click("ann", ids[0], time="2026-01-02T03:04:05Z")])
    known = client.get("/v1/shoppers/ann").json()
    assert known["events"] == [
        {"kind": "click", "shopper": "ann", "product": ids[0], "time": "2026-01-02T03:04:05+00:00"}
    ]
    assert client.delete("/v1/shoppers/ann").json() == {"events": 1}
    assert client.get("/v1/shoppers/ann").status_code == 404


def test_rules_are_kept_previewed_and_followed(client: TestClient, ids: list[str]) -> None:
    rules = [{"id": "first", "action": "pin", "products": [ids[-1]]}]
    client.post("/v1/events", json=[{"kind": "search", "shopper": "ann", "query": "plate"}])
    tried = client.post("/v1/rules:preview", json={"rules": rules}).json()
    assert tried["replayed"] == 1
    assert tried["changed"][0]["after"][0] == ids[-1]
    assert client.get("/v1/rules").json() == {"rules": []}
    assert client.put("/v1/rules", json={"rules": rules}).json() == {"rules": rules}
    assert client.get("/v1/recommendations").json()["hits"][0]["id"] == ids[-1]
    assert client.put("/v1/rules", json={"rules": [{"id": "x", "action": "shout"}]}).status_code == 422
    assert client.get("/v1/rules").json() == {"rules": rules}


def test_insight_tells_what_the_events_say(client: TestClient, ids: list[str]) -> None:
    client.post(
        "/v1/events",
        json=[
            click("ann", ids[0], position=1, query="plate"),
            {"kind": "impression", "shopper": "ann", "product": ids[0], "position": 1},
            {"kind": "search", "shopper": "ann", "query": "kayak zzz"},
        ],
    )
    assert client.get("/v1/insight/popular").json()[0]["id"] == ids[0]
    assert client.get("/v1/insight/positions").json()[0]["click_rate"] == 1.0
    assert client.get("/v1/insight/searches").json()[0]["query"] == "kayak zzz"
    assert client.get("/v1/insight/gaps").json()[0]["searches"] == ["kayak zzz"]
    assert client.get("/v1/insight/rising").json() == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/rules"),
        ("PUT", "/v1/rules"),
        ("POST", "/v1/rules:preview"),
        ("GET", "/v1/insight/popular"),
        ("GET", "/v1/shoppers/ann"),
        ("GET", "/v1/segments"),
        ("GET", "/v1/segments.csv"),
        ("GET", "/v1/carts"),
        ("GET", "/v1/carts.csv"),
        ("DELETE", "/v1/shoppers/ann"),
    ],
)
def test_a_search_key_neither_decides_nor_reads_about_shoppers(
    serve: Callable[..., TestClient], method: str, path: str
) -> None:
    client = serve(admin_key="boss", search_key="shopper")
    headers = {"Authorization": "Bearer shopper"}
    body = {"rules": []} if method in ("PUT", "POST") else None
    assert client.request(method, path, headers=headers, json=body).status_code == 403
    assert client.get("/v1/recommendations", headers=headers).status_code == 200


def test_the_weights_are_measured_as_a_job(client: TestClient, shop: Shop) -> None:
    assert client.get("/v1/blend").json()["blends"][0] == "balanced"
    job = client.post("/v1/blend:tune")
    assert job.status_code == 202
    while client.get(f"/v1/jobs/{job.json()['id']}").json()["state"] == "running":
        pass
    assert client.get(f"/v1/jobs/{job.json()['id']}").json()["state"] == "done"
    assert client.get("/v1/blend").json()["learned_at"] is not None
