from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from lookalike.server.routes.api_docs import FOLDER


def test_an_unexpected_failure_shows_no_trace(client: TestClient):
    def broken() -> None:
        raise RuntimeError("secret place in the code")

    client.app.add_api_route("/broken", broken)
    response = client.get("/broken")
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert "secret" not in response.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nothing", 404),
        ("POST", "/v1/nothing", 404),
        ("DELETE", "/v1/search", 405),
        ("GET", "/%00", 404),
    ],
)
def test_an_address_that_is_none_is_a_problem_too(client: TestClient, method: str, path: str, status: int):
    response = client.request(method, path)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["status"] == status


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("DELETE", "/v1/search", "GET, POST"), ("POST", "/v1/products/a", "DELETE, GET, PUT")],
)
def test_a_wrong_method_is_answered_with_the_right_ones(
    client: TestClient, method: str, path: str, allowed: str
):
    response = client.request(method, path)
    assert response.status_code == 405
    assert set(allowed.split(", ")) <= set(response.headers["allow"].split(", "))


def test_a_slash_too_many_is_not_found_rather_than_redirected_to_the_host_that_was_named(client: TestClient):
    response = client.get("/v1/search/", headers={"host": "127.0.0.1:99"}, follow_redirects=False)
    assert response.status_code == 404


@pytest.mark.parametrize("path", ["/v1/photos/%00", "/v1/products/%00", "/v1/jobs/%00", "/v1/shoppers/a%00"])
def test_nothing_is_at_an_address_with_a_nul(client: TestClient, path: str):
    assert client.get(path).status_code == 404


def test_nul_characters_are_refused_before_any_database_sees_them(client: TestClient):
    assert client.get("/v1/search?text=a%00b").status_code == 422
    for method, path, body in (
        ("POST", "/v1/search", {"text": "a\0b"}),
        ("POST", "/v1/search", {"text": "a", "where": {"colour": ["\0"]}}),
        ("PUT", "/v1/products/a", {"title": "a\0b"}),
        ("PUT", "/v1/products/a", {"facets": {"\0": "x"}}),
        ("POST", "/v1/events", {"events": [{"kind": "view", "shopper": "\0", "product": "a"}]}),
        ("PUT", "/v1/rules", {"rules": [{"id": "\0"}]}),
    ):
        response = client.request(method, path, json=body)
        assert response.status_code == 422, path
        assert "NUL" in response.json()["detail"]


def test_every_route_of_the_api_documents_a_bad_request(client: TestClient):
    paths = client.get("/openapi.json").json()["paths"]
    for path, operations in paths.items():
        if path.startswith("/v1/"):
            assert all("400" in operation["responses"] for operation in operations.values()), path


def test_a_number_beyond_any_float_is_a_bad_filter(client: TestClient):
    where = '{"price": {"lt": 1' + "0" * 400 + "}}"
    assert client.get("/v1/search", params={"text": "red", "where": where}).status_code == 422


def test_health_is_told_at_the_root_and_under_the_prefix(client: TestClient):
    for prefix in ("", "/v1"):
        assert client.get(f"{prefix}/healthz").json() == {"status": "ok"}
        ready = client.get(f"{prefix}/readyz").json()
        assert (ready["status"], ready["index"], ready["note"]) == ("ready", "exact", "")
        assert client.get(f"{prefix}/metrics").status_code == 200


def test_metrics_count_by_route_and_not_by_id(client: TestClient):
    for id in ("box-red", "box-blue", "nobody"):
        client.get(f"/v1/products/{id}")
    text = client.get("/metrics").text
    assert re.search(r'lookalike_requests_total\{.*route="(/v1)?/products/\{id\}",.*status="200"\} 2', text)
    assert "nobody" not in text
    assert "lookalike_products 12" in text
    assert re.search(r'lookalike_request_seconds_bucket\{le="\+Inf",.*\} 3', text)


def test_the_catalog_tells_its_recipe_and_facets_but_not_where_it_lies(client: TestClient):
    state = client.get("/v1/catalog").json()
    assert (state["name"], state["products"], state["recipe"]["name"]) == ("shop", 12, "pixels")
    assert {"colour", "type", "price"} <= set(state["facets"])
    assert "/tmp" not in client.get("/v1/catalog").text


def test_every_failure_that_a_route_can_give_is_in_the_contract(client: TestClient):
    schema = client.get("/openapi.json").json()
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                if status >= "400":
                    assert list(answer["content"]) == ["application/problem+json"], path


def test_the_api_docs_load_nothing_from_other_hosts():
    for file in FOLDER.iterdir():
        assert not re.search(r"(https?:)?//(?!www\.w3\.org)[a-z]+\.", file.read_text("utf-8")), file.name


def test_the_api_docs_and_their_files_are_served(serve: Callable[..., TestClient]):
    client = serve()
    page = client.get("/docs")
    assert page.status_code == 200
    assert "default-src 'self'" in page.headers["content-security-policy"]
    files = re.findall(r'(?:src|href)="(/[^"]{2,})"', page.text)
    assert {"/docs/docs.js", "/docs/style.css"} <= set(files)
    for name in files:
        assert client.get(name).status_code == 200, name


def test_pages_of_other_sites_are_let_in_by_name_only(serve: Callable[..., TestClient]):
    asked = {"origin": "https://shop.example", "access-control-request-method": "POST"}
    closed, named = serve(), serve(origins="https://shop.example https://other.example")
    assert "access-control-allow-origin" not in closed.options("/v1/search", headers=asked).headers
    allowed = named.options("/v1/search", headers=asked)
    assert allowed.headers["access-control-allow-origin"] == "https://shop.example"
    stranger = named.get("/v1/catalog", headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in stranger.headers
