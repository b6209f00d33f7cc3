"""A/B experiments over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from lookalike import Event, Shop


def start(client: TestClient, **values: Any) -> Any:
    return client.post("/v1/experiments", json={"id": "trial", **values})


def test_an_experiment_from_start_to_result(client: TestClient, shop: Shop) -> None:
    begun = start(client, name="No photo weight", b={"image_weight": 0.2})
    assert begun.status_code == 201
    assert (begun.json()["surfaces"], begun.json()["stopped"]) == (["search"], None)
    experiment = shop.experiments.experiment("trial")
    for number in range(120):
        shopper = f"s{number}"
        assert client.post("/v1/search", json={"text": "shirt", "shopper": shopper}).status_code == 200
        if experiment.variant_of(shopper) == "B" or number % 10 == 0:
            shop.record([Event("purchase", shopper, "p1")])
    report = client.get("/v1/experiments/trial").json()
    assert report["verdict"] == "b-better"
    assert report["advice"].startswith("B is better. Stop")
    assert report["a"]["shoppers"] + report["b"]["shoppers"] == 120
    assert 0 < report["low"] < report["lift"]
    stopped = client.post("/v1/experiments/trial:stop").json()
    assert stopped["experiment"]["stopped"] is not None
    assert stopped["verdict"] == "b-better"
    applied = client.post("/v1/experiments/trial:apply").json()
    assert (applied["winner"], applied["experiment"]["applied"]["variant"]) == ("B", "B")
    assert applied["experiment"]["applied"]["changed"] == ["image_weight"]
    assert applied["advice"] == "Variant B is the shop's setting. Undo it to go back."
    assert client.post("/v1/experiments/trial:apply").status_code == 409
    assert client.delete("/v1/experiments/trial").status_code == 409
    undone = client.post("/v1/experiments/trial:undo").json()
    assert (undone["experiment"]["applied"], undone["kept"]) == (None, [])
    assert client.post("/v1/experiments/trial:undo").status_code == 409
    assert [each["id"] for each in client.get("/v1/experiments").json()] == ["trial"]
    assert client.delete("/v1/experiments/trial").status_code == 204
    assert client.get("/v1/experiments").json() == []


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"id": "a b"}, 422),
        ({"b": {"colour": "red"}}, 422),
        ({"b": {"blend": "unknown"}}, 422),
        ({"b": {"rules": [{"id": "x"}]}}, 422),
        ({"share": 0}, 422),
        ({"goal": "joy"}, 422),
    ],
)
def test_an_experiment_that_cannot_be_run_starts_nothing(
    client: TestClient, values: dict[str, Any], status: int
) -> None:
    answer = start(client, **values)
    assert answer.status_code == status
    assert client.get("/v1/experiments").json() == []


def test_a_running_experiment_is_neither_doubled_nor_deleted(client: TestClient) -> None:
    start(client)
    assert start(client).status_code == 409
    assert start(client, id="other").status_code == 409
    assert client.delete("/v1/experiments/trial").status_code == 409
    assert client.get("/v1/experiments/other").status_code == 404
    assert client.post("/v1/experiments/other:stop").status_code == 404
    assert client.post("/v1/experiments/other:apply").status_code == 404
    assert client.post("/v1/experiments/other:undo").status_code == 404


def test_an_experiment_without_a_winner_is_not_applied(client: TestClient) -> None:
    start(client, b={"image_weight": 0.2})
    refused = client.post("/v1/experiments/trial:apply")
    assert refused.status_code == 409
    assert "has no winner: there is not enough data" in refused.json()["detail"]


def test_a_client_cannot_make_up_exposures(client: TestClient) -> None:
    start(client)
    forged = {"kind": "exposure", "shopper": "ann", "experiment": "trial", "variant": "B"}
    assert client.post("/v1/events", json=[forged]).status_code == 422
