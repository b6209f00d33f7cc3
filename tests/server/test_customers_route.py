"""Customer segments and abandoned carts over HTTP."""

from __future__ import annotations

import csv
import io
import time
import urllib.request
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from lookalike import Shop
from lookalike.types import Event

HOUR = 3600.0


@pytest.fixture(autouse=True)
def events(shop: Shop) -> None:
    """Two customers and a visitor, one of them with a cart that was left."""
    now = time.time()
    shop.record(
        [
            Event("purchase", "ann", "box-red", time=now - 24 * HOUR),
            Event("purchase", "ann", "box-blue", time=now - 48 * HOUR),
            Event("purchase", "=bob()", "plate-red", time=now - 24 * HOUR),
            Event("cart", "ann", "plate-blue", time=now - 5 * HOUR),
            Event("cart", "ann", "box-green", time=now - 5 * HOUR),
            Event("view", "eve", "box-red", time=now - HOUR),
        ]
    )


def test_customers_are_told_by_segment_the_most_valuable_first(client: TestClient) -> None:
    told = client.get("/v1/segments").json()

    assert told["total"] == 3
    counts = {each["name"]: each["customers"] for each in told["segments"]}
    assert counts["browsers"] == 1
    assert sum(counts.values()) == 3
    assert all(each["meaning"] for each in told["segments"])
    assert [each["shopper"] for each in told["customers"]] == ["ann", "=bob()", "eve"]
    assert told["customers"][0]["orders"] == 2
    assert len(client.get("/v1/segments", params={"limit": 1}).json()["customers"]) == 1


def test_carts_are_told_with_what_is_in_them(client: TestClient, shop: Shop) -> None:
    (cart,) = client.get("/v1/carts").json()["carts"]

    assert cart["shopper"] == "ann"
    assert {item["product"] for item in cart["items"]} == {"plate-blue", "box-green"}
    assert cart["hours"] == pytest.approx(5, abs=0.2)
    assert cart["value"] == sum(shop.product(id).price or 0 for id in ("plate-blue", "box-green"))
    assert client.get("/v1/carts", params={"hours": 6}).json() == {"total": 0, "carts": []}


def test_limits_that_exclude_every_cart_are_refused(client: TestClient) -> None:
    answer = client.get("/v1/carts", params={"hours": 48, "days": 1})

    assert answer.status_code == 422
    assert "'hours'" in answer.json()["detail"]


def test_the_lists_are_files_that_no_spreadsheet_runs(
    listen: Callable[..., tuple[str, int]], shop: Shop
) -> None:
    host, port = listen(admin_key="boss")

    def rows(path: str) -> list[dict[str, str]]:
        request = urllib.request.Request(f"http://{host}:{port}{path}", headers={"X-API-Key": "boss"})
        with urllib.request.urlopen(request) as answer:
            assert answer.headers["Content-Type"].startswith("text/csv")
            assert answer.headers["Content-Disposition"].startswith("attachment")
            return list(csv.DictReader(io.StringIO(answer.read().decode())))

    assert [row["shopper"] for row in rows("/v1/segments.csv")] == ["ann", "'=bob()", "eve"]
    carts = rows("/v1/carts.csv?hours=1")
    assert {row["product"] for row in carts} == {"plate-blue", "box-green"}
    assert {row["shopper"] for row in carts} == {"ann"}
