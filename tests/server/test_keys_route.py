"""Keys over HTTP: made, listed and revoked by an administrator; each opens its routes and no others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from starlette.testclient import TestClient

from lookalike import Shop
from lookalike.access.keys import KeyRing

Serve = Callable[..., TestClient]


@pytest.fixture
def keys(shop: Shop) -> KeyRing:
    return KeyRing(shop.catalog.database.keys)


def as_holder(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def test_a_key_is_made_used_listed_and_revoked(serve: Serve) -> None:
    client = serve(search_key="sesame", admin_key="chief")
    chief = {"X-API-Key": "chief"}
    until = (datetime.now(UTC) + timedelta(days=90)).isoformat()
    asked = {"name": "ERP", "scopes": ["write"], "expires": until, "per_minute": 600}
    made = client.post("/v1/keys", json=asked, headers=chief)
    assert made.status_code == 201
    secret, key = made.json()["secret"], made.json()["key"]
    assert {key["name"], key["state"], *key["scopes"]} == {"ERP", "active", "write"}
    assert client.post("/v1/products:batch", json=[], headers=as_holder(secret)).status_code == 200
    listed = client.get("/v1/keys", headers=chief)
    assert listed.json() == [key]
    assert secret not in listed.text
    revoked = client.delete(f"/v1/keys/{key['id']}", headers=chief)
    assert revoked.json()["state"] == "revoked"
    refused = client.post("/v1/products:batch", json=[], headers=as_holder(secret))
    assert refused.status_code == 401
    assert "revoked" in refused.json()["detail"]
    assert client.get("/v1/keys", headers=chief).json()[0]["state"] == "revoked"


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["root"]},
        {"name": "", "scopes": ["search"]},
        {"name": "a\0b", "scopes": ["search"]},
        {"name": "x", "scopes": ["search"], "expires": "2001-01-01T00:00:00Z"},
        {"name": "x", "scopes": ["search"], "expires": "2099-01-01T00:00:00"},
        {"name": "x", "scopes": ["search"], "expires": "9999-12-31T23:59:59-12:00"},
        {"name": "x", "scopes": ["search"], "per_minute": 0},
        {"name": "x", "scopes": ["search"], "secret": "chosen"},
    ],
)
def test_a_key_nobody_could_use_is_refused(client: TestClient, asked: dict[str, object]) -> None:
    assert client.post("/v1/keys", json=asked).status_code == 422
    assert client.get("/v1/keys").json() == []


def test_401_is_for_no_valid_key_and_403_for_one_that_does_not_reach(serve: Serve, keys: KeyRing) -> None:
    client = serve(admin_key="chief")
    _, secret = keys.create("till", ["search", "events"])
    missing = client.get("/v1/rules")
    assert (missing.status_code, missing.headers["www-authenticate"]) == (401, "Bearer")
    wrong = client.get("/v1/rules", headers=as_holder("lk_0123456789ab_" + "x" * 43))
    assert wrong.status_code == 401
    assert wrong.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    short = client.get("/v1/rules", headers=as_holder(secret))
    assert (short.status_code, short.headers["www-authenticate"]) == (
        403,
        'Bearer error="insufficient_scope"',
    )
    assert "'till'" in short.json()["detail"]
    assert "'admin'" in short.json()["detail"]
    assert client.get("/v1/rules", headers={"X-API-Key": "chief"}).status_code == 200


def test_a_wrong_key_of_ours_is_told_even_where_anybody_may_search(serve: Serve, keys: KeyRing) -> None:
    client = serve()
    made, secret = keys.create("till", ["search"])
    keys.revoke(made.id)
    assert client.get("/v1/catalog").status_code == 200
    assert client.get("/v1/catalog", headers=as_holder(secret)).status_code == 401


def test_a_key_over_its_limit_waits_and_others_do_not(serve: Serve, keys: KeyRing) -> None:
    client = serve()
    _, slow = keys.create("crawler", ["search"], per_minute=2)
    _, other = keys.create("till", ["search"])
    answers = [client.get("/v1/recipes", headers=as_holder(slow)) for _ in range(3)]
    assert [each.status_code for each in answers] == [200, 200, 429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 30
    assert "2 requests a minute" in answers[-1].json()["detail"]
    assert client.get("/v1/recipes", headers=as_holder(other)).status_code == 200


def test_search_may_be_closed_without_a_key_in_the_settings(serve: Serve, keys: KeyRing) -> None:
    client = serve(public_search=False, local_token="")
    _, secret = keys.create("till", ["search"])
    assert client.get("/v1/catalog").status_code == 401
    assert client.post("/v1/events", json=[]).status_code == 401
    assert client.get("/v1/catalog", headers=as_holder(secret)).status_code == 200
    assert client.post("/v1/events", json=[], headers=as_holder(secret)).status_code == 403


def test_a_key_reaches_from_any_machine(serve: Serve, keys: KeyRing) -> None:
    _, secret = keys.create("ERP", ["write"])
    far = TestClient(serve().app, "https://shop.example", client=("192.0.2.7", 50000))
    assert far.delete("/v1/products/box-red", headers=as_holder(secret)).status_code == 204


def test_the_contract_names_the_server_it_comes_from(client: TestClient) -> None:
    (server,) = client.get("/openapi.json").json()["servers"]
    assert server["url"] == "/"
    assert server["description"]


def test_the_contract_tells_the_scope_of_each_route(client: TestClient) -> None:
    contract = client.get("/openapi.json").json()
    assert set(contract["components"]["securitySchemes"]) == {"bearer", "apiKey"}
    told = {
        (method, path): operation.get("security", [{}])
        for path, operations in contract["paths"].items()
        for method, operation in operations.items()
    }
    assert told["put", "/v1/rules"] == [{"bearer": ["admin"]}, {"apiKey": ["admin"]}]
    assert told["put", "/v1/products/{id}"] == [{"bearer": ["write"]}, {"apiKey": ["write"]}]
    assert told["post", "/v1/search"] == [{"bearer": ["search"]}, {"apiKey": ["search"]}, {}]
    assert told["get", "/healthz"] == [{}]


def test_responses_tell_the_holder_of_a_key_how_much_of_its_limit_is_left(
    serve: Callable[..., TestClient], shop: Shop
) -> None:
    client = serve()
    _, secret = KeyRing(shop.catalog.database.keys).create("app", ["search"], per_minute=2)
    answers = [client.get("/v1/catalog", headers={"X-API-Key": secret}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert {answer.headers["RateLimit-Limit"] for answer in answers} == {"2"}
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert all(0 < int(answer.headers["RateLimit-Reset"]) <= 60 for answer in answers)
    assert "RateLimit-Limit" not in client.get("/v1/catalog").headers
