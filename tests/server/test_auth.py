from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

SEARCHES = [
    ("POST", "/v1/search", {"text": "red"}),
    ("GET", "/v1/search?text=red", None),
    ("GET", "/v1/products", None),
    ("GET", "/v1/products/box-red", None),
    ("GET", "/v1/products/box-red/similar", None),
    ("GET", "/v1/catalog", None),
    ("GET", "/metrics", None),
]
WRITES = [
    ("PUT", "/v1/products/new", {"title": "x"}),
    ("DELETE", "/v1/products/box-red", None),
    ("POST", "/v1/products:batch", {"products": []}),
    ("POST", "/v1/catalog/recipe", {"recipe": "pixels"}),
    ("POST", "/v1/doctor", None),
    ("GET", "/v1/jobs/any", None),
    ("GET", "/v1/jobs", None),
]


def statuses(client: TestClient, calls: list, **headers: str) -> set[int]:
    return {client.request(m, path, json=body, headers=headers).status_code for m, path, body in calls}


def test_a_catalogue_with_keys_answers_to_them_only(serve: Callable[..., TestClient]):
    client = serve(search_key="sesame", admin_key="chief")
    assert statuses(client, SEARCHES) == {401}
    assert statuses(client, SEARCHES, authorization="Bearer of-another-catalogue") == {403}
    assert statuses(client, SEARCHES, authorization="Bearer sesame") == {200}
    assert statuses(client, SEARCHES, **{"x-api-key": "chief"}) == {200}


def test_a_search_key_may_not_write(serve: Callable[..., TestClient]):
    client = serve(search_key="sesame", admin_key="chief")
    assert statuses(client, WRITES) == {401}
    assert statuses(client, WRITES, authorization="Bearer sesame") == {403}
    assert statuses(client, WRITES, authorization="Bearer chief") <= {200, 202, 204, 404}


def test_searching_stays_open_where_only_writing_has_a_key(serve: Callable[..., TestClient]):
    client = serve(admin_key="chief")
    assert statuses(client, SEARCHES) == {200}
    assert statuses(client, WRITES) == {401}


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer ", "Basic sesame", "sesame", "Bearer sesam", "Bearer sésame"]
)
def test_half_a_key_opens_nothing(serve: Callable[..., TestClient], given: str):
    client = serve(search_key="sesame")
    response = client.get("/v1/catalog", headers={"authorization": given.encode()})
    assert response.status_code in (401, 403)
    assert "sesame" not in response.text


def test_without_an_admin_key_only_this_machine_writes(serve: Callable[..., TestClient]):
    near = serve()
    far = TestClient(near.app, "http://127.0.0.1", client=("192.0.2.7", 50000))
    assert statuses(far, SEARCHES) == {200}
    assert statuses(far, WRITES) == {403}
    assert statuses(near, WRITES, host="evil.example") == {403}
    assert statuses(near, WRITES, **{"x-forwarded-for": "192.0.2.7"}) == {403}
    assert statuses(near, WRITES, host="[::1") == {403}
    assert statuses(near, WRITES, origin="https://evil.example") == {403}
    assert statuses(near, WRITES, origin="null") == {403}
    assert statuses(near, WRITES, host="localhost:8080") <= {200, 202, 204, 404}


def test_probes_and_photos_need_no_key(serve: Callable[..., TestClient]):
    client = serve(search_key="sesame", admin_key="chief")
    photo = client.get("/v1/products/box-red", headers={"x-api-key": "sesame"}).json()["photos"][0]["id"]
    assert {client.get(path).status_code for path in ("/healthz", "/readyz", f"/v1/photos/{photo}")} == {200}
