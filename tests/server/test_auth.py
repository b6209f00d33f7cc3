from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from server.conftest import TOKEN

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


def test_a_catalog_with_keys_answers_to_them_only(serve: Callable[..., TestClient]):
    client = serve(search_key="sesame", admin_key="chief")
    assert statuses(client, SEARCHES) == {401}
    assert statuses(client, SEARCHES, authorization="Bearer of-another-catalog") == {401}
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
    client = serve(search_key="sesame", local_token="")
    response = client.get("/v1/catalog", headers={"authorization": given.encode()})
    assert response.status_code in (401, 403)
    assert "sesame" not in response.text


def test_without_an_admin_key_only_this_machine_writes(serve: Callable[..., TestClient]):
    near = serve()
    far = TestClient(near.app, "http://127.0.0.1", client=("192.0.2.7", 50000), cookies=near.cookies)
    assert statuses(far, SEARCHES) == {200}
    assert statuses(far, WRITES) == {403}
    assert statuses(near, WRITES, host="evil.example") == {403}
    assert statuses(near, WRITES, host="[::1") == {403}
    assert statuses(near, WRITES, origin="https://evil.example") == {403}
    assert statuses(near, WRITES, origin="null") == {403}
    assert statuses(near, WRITES, host="localhost:8080") <= {200, 202, 204, 404}


def test_a_proxy_that_adds_no_header_cannot_write_because_it_has_no_token(serve: Callable[..., TestClient]):
    # nginx's default proxy_pass sends the loopback address as Host and nothing else.
    proxy = TestClient(serve().app, "http://127.0.0.1", client=("127.0.0.1", 50000))
    assert statuses(proxy, WRITES) == {401}
    assert statuses(proxy, WRITES, **{"x-api-key": "guess"}) == {401}
    assert statuses(proxy, SEARCHES) == {200}


@pytest.mark.parametrize(
    "header",
    ["Via", "X-Real-IP", "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "CF-Connecting-IP", "CF-Ray"],
)
def test_any_proxy_header_means_another_machine(serve: Callable[..., TestClient], header: str):
    assert statuses(serve(), WRITES, **{header: "192.0.2.7"}) == {403}


def test_a_program_on_this_machine_sends_the_token_as_a_key(serve: Callable[..., TestClient]):
    program = TestClient(serve().app, "http://127.0.0.1", client=("127.0.0.1", 50000))
    assert statuses(program, WRITES, authorization=f"Bearer {TOKEN}") <= {200, 202, 204, 404}


def test_the_printed_address_signs_the_browser_in(serve: Callable[..., TestClient]):
    browser = TestClient(serve().app, "http://127.0.0.1", client=("127.0.0.1", 50000))
    wrong = browser.get("/?token=guess", follow_redirects=False)
    assert (wrong.status_code, wrong.headers["location"]) == (303, "/")
    assert "set-cookie" not in wrong.headers
    opened = browser.get("/manage", params={"token": TOKEN}, follow_redirects=False)
    assert (opened.status_code, opened.headers["location"]) == (303, "/manage")
    assert {"HttpOnly", "SameSite=strict"} <= set(opened.headers["set-cookie"].split("; "))
    assert browser.get("/v1/jobs").status_code == 200


def test_the_token_is_not_valid_beside_an_admin_key(serve: Callable[..., TestClient]):
    assert statuses(serve(admin_key="chief"), WRITES, **{"x-api-key": TOKEN}) == {401}


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8080", "[::1", ""])
def test_a_page_that_points_its_own_name_at_this_machine_reads_nothing(
    serve: Callable[..., TestClient], host: str
):
    assert statuses(serve(), SEARCHES, host=host) == {421}


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1", "[::1]:8080", "192.168.1.20:8080"])
def test_addresses_and_local_names_may_be_read_by(serve: Callable[..., TestClient], host: str):
    assert statuses(serve(), SEARCHES, host=host) == {200}


def test_a_host_name_of_the_shop_is_allowed_by_a_setting_or_a_search_key(serve: Callable[..., TestClient]):
    assert statuses(serve(hosts="shop.example other.example"), SEARCHES, host="Shop.example") == {200}
    with_key = serve(search_key="sesame", admin_key="chief")
    assert statuses(with_key, SEARCHES, host="shop.example", **{"x-api-key": "sesame"}) == {200}


def test_probes_and_photos_need_no_key(serve: Callable[..., TestClient]):
    client = serve(search_key="sesame", admin_key="chief")
    photo = client.get("/v1/products/box-red", headers={"x-api-key": "sesame"}).json()["photos"][0]["id"]
    assert {client.get(path).status_code for path in ("/healthz", "/readyz", f"/v1/photos/{photo}")} == {200}
