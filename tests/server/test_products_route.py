from __future__ import annotations

import base64
from typing import Any

import pytest
from starlette.testclient import TestClient

from lookalike import Shop
from support.samples import jpeg


def encoded(colour: str) -> dict[str, str]:
    return {"data": base64.b64encode(jpeg(colour)).decode()}


def test_a_product_that_is_put_is_found_at_once(client: TestClient):
    offer = {
        "title": "Purple plate",
        "price": 7.5,
        "facets": {"colour": "purple"},
        "photos": [encoded("purple")],
    }
    assert client.put("/v1/products/new", json=offer).status_code == 200
    found = client.post("/v1/search", files={"image": jpeg("purple")}).json()
    assert found["hits"][0]["id"] == "new"
    assert found["hits"][0]["facets"] == {"colour": "purple"}


def test_a_product_may_be_put_back_as_it_was_got(client: TestClient):
    got = client.get("/v1/products/box-red").json()
    photos = got["photos"]
    offer = {name: value for name, value in got.items() if name != "id"} | {"price": 99.0}
    assert client.put("/v1/products/box-red", json=offer).json() == got | {"price": 99.0}
    assert client.get("/v1/products/box-red").json()["photos"] == photos


def test_a_photo_may_be_a_data_url_but_never_a_path(client: TestClient):
    data = f"data:image/jpeg;base64,{encoded('pink')['data']}"
    assert client.put("/v1/products/p", json={"photos": [{"data": data}]}).status_code == 200
    for photo in ("/etc/passwd", "file:///etc/passwd", {"url": "shop.db"}, {"data": "***"}, {}):
        assert client.put("/v1/products/p", json={"photos": [photo]}).status_code == 422
    assert client.put("/v1/products/p", json={"photos": [{"id": "gone"}]}).status_code in (404, 422)


def test_a_removed_product_is_gone_from_every_answer(client: TestClient):
    assert client.delete("/v1/products/plate-blue").status_code == 204
    assert client.get("/v1/products/plate-blue").status_code == 404
    found = client.post("/v1/search", files={"image": jpeg("blue")}).json()
    assert "plate-blue" not in [hit["id"] for hit in found["hits"]]
    assert client.delete("/v1/products/plate-blue").status_code == 404


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_batch_takes_the_good_ones_and_names_the_others(client: TestClient, wrapped: bool):
    products = [
        {"id": "a", "title": "Good", "photos": [encoded("red")]},
        {"id": "b", "title": "Bad", "photos": [{"data": base64.b64encode(b"no picture").decode()}]},
    ]
    report = client.post("/v1/products:batch", json={"products": products} if wrapped else products).json()
    assert (report["added"], report["failed"]) == (1, 1)
    assert [problem["id"] for problem in report["problems"]] == ["b"]


def test_pages_hold_every_product_once(client: TestClient, shop: Shop):
    seen: list[str] = []
    after = ""
    page: dict[str, Any] = {}
    while after is not None:
        page = client.get("/v1/products", params={"after": after, "limit": 5}).json()
        seen += [product["id"] for product in page["products"]]
        after = page["next"]
    assert len(seen) == len(set(seen)) == page["total"] == len(shop)


@pytest.mark.parametrize("id", ["a/b", "ä ß", "50%", "a?b#c", "..", "similar", "x" * 500])
def test_an_id_may_hold_any_sign(client: TestClient, id: str):
    from urllib.parse import quote

    address = f"/v1/products/{quote(id, safe='')}".replace("..", "%2E%2E")
    assert client.put(address, json={"title": "odd"}).json()["id"] == id
    assert client.get(address).json()["title"] == "odd"


def test_lookalikes_leave_the_product_itself_out(client: TestClient):
    answer = client.get(
        "/v1/products/plate-red/similar", params={"k": 3, "where": '{"type": "Plate"}'}
    ).json()
    assert len(answer["hits"]) == 3
    assert all(hit["facets"]["type"] == "Plate" and hit["id"] != "plate-red" for hit in answer["hits"])


@pytest.mark.parametrize(
    "offer",
    [{"price": "cheap"}, {"stock": -1}, {"unknown": 1}, {"facets": {"a": None}}, {"photos": ["x"] * 101}],
)
def test_a_product_of_the_wrong_shape_is_refused_by_the_field(client: TestClient, offer: dict[str, object]):
    response = client.put("/v1/products/p", json=offer)
    assert response.status_code == 422
    assert next(iter(offer)) in response.json()["errors"][0]["pointer"]


def test_numbers_that_are_none_are_refused(client: TestClient):
    for body in ('{"price": NaN}', '{"price": 1e999}', '{"facets": {"weight": Infinity}}', "[" * 100_000):
        response = client.put("/v1/products/p", content=body, headers={"content-type": "application/json"})
        assert response.status_code in (400, 422)


def test_a_patch_changes_its_fields_and_leaves_the_others(client: TestClient) -> None:
    before = client.get("/v1/products").json()["products"][0]
    change = {"title": "Renamed", "stock": 3, "facets": {**before["facets"], "season": ["Spring", "Summer"]}}
    answer = client.patch(f"/v1/products/{before['id']}", json=change)
    assert answer.json() == {**before, **change}
    assert client.get(f"/v1/products/{before['id']}").json() == {**before, **change}


def test_a_patch_of_an_unknown_product_or_field_changes_nothing(client: TestClient) -> None:
    before = client.get("/v1/products").json()
    assert client.patch("/v1/products/nothing", json={"title": "New"}).status_code == 404
    wrong = client.patch(f"/v1/products/{before['products'][0]['id']}", json={"titel": "New"})
    assert wrong.status_code == 422
    assert client.get("/v1/products").json() == before


def test_a_patch_removes_with_null_and_sets_one_facet(client: TestClient) -> None:
    before = client.get("/v1/products").json()["products"][0]
    change = {"price": None, "facets.colour": "pink", "facets.brand": None}
    after = client.patch(f"/v1/products/{before['id']}", json=change).json()
    assert after["price"] is None
    assert after["facets"] == {"type": before["facets"]["type"], "colour": "pink"}
    assert after["title"] == before["title"]


def test_a_batch_of_changes_is_made_and_what_cannot_be_is_reported(client: TestClient) -> None:
    changes = [
        {"id": "plate-red", "price": 7.5},
        {"id": "box-red", "title": "Big box"},
        {"id": "none", "stock": 1},
    ]
    report = client.patch("/v1/products:batch", json={"products": changes}).json()
    assert (report["updated"], report["failed"]) == (2, 1)
    assert report["problems"][0]["id"] == "none"
    assert client.get("/v1/products/plate-red").json()["price"] == 7.5
    assert client.get("/v1/products/box-red").json()["title"] == "Big box"
    found = client.post("/v1/search", json={"text": "plate", "where": {"price": {"lt": 8}}}).json()
    assert [hit["id"] for hit in found["hits"]] == ["plate-red"]


def test_one_bad_photo_address_rejects_its_product_and_no_other(client: TestClient):
    offers = [{"id": "bad", "title": "x", "photos": ["/etc/passwd"]}, {"id": "good", "title": "x"}]
    report = client.post("/v1/products:batch", json={"products": offers}).json()
    assert (report["added"], report["failed"]) == (1, 1)
    assert report["problems"][0]["id"] == "bad"
    assert "http" in report["problems"][0]["reason"]
