"""A proxy that signs people in may say who manages, if the operator named it; nobody else may."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from lookalike.errors import UsageError

Serve = Callable[..., TestClient]
HEADER = "X-Auth-Request-Email"
ASKED = {
    "identity_header": HEADER,
    "identity_users": "ann@shop.example Bob@shop.example",
    "trusted_proxies": "10.0.0.0/8 ::1",
    "admin_key": "chief",
}
PROXY = ("10.1.2.3", 50000)


def behind(app: object, peer: tuple[str, int] = PROXY) -> TestClient:
    return TestClient(app, "https://shop.example", client=peer, raise_server_exceptions=False)


@pytest.mark.parametrize("user", ["ann@shop.example", "ANN@shop.example", "bob@shop.example"])
def test_a_named_user_manages(serve: Serve, user: str) -> None:
    client = behind(serve(**ASKED).app)
    assert client.get("/v1/rules", headers={HEADER: user}).status_code == 200
    assert client.put("/v1/rules", json={"rules": []}, headers={HEADER: user}).status_code == 200


def test_nobody_is_believed_by_default(serve: Serve) -> None:
    client = behind(serve(admin_key="chief").app)
    assert client.get("/v1/rules", headers={HEADER: "ann@shop.example"}).status_code == 401


@pytest.mark.parametrize(
    "peer", ["11.0.0.1", "127.0.0.1", "192.168.1.1", "::2", "testclient", "", "::ffff:11.0.0.1"]
)
def test_only_the_proxy_is_believed(serve: Serve, peer: str) -> None:
    client = behind(serve(**ASKED).app, (peer, 50000))
    headers = {HEADER: "ann@shop.example", "X-Forwarded-For": "10.1.2.3", "X-Real-IP": "10.1.2.3"}
    assert client.get("/v1/rules", headers=headers).status_code == 401


@pytest.mark.parametrize("peer", ["10.1.2.3", "::1", "::ffff:10.1.2.3"])
def test_the_proxy_may_be_named_as_an_address_or_a_network(serve: Serve, peer: str) -> None:
    client = behind(serve(**ASKED).app, (peer, 50000))
    assert client.get("/v1/rules", headers={HEADER: "ann@shop.example"}).status_code == 200


@pytest.mark.parametrize("user", ["eve@shop.example", "ann@shop.example, eve", "ann", "*"])
def test_another_user_is_told_to_ask_the_operator(serve: Serve, user: str) -> None:
    response = behind(serve(**ASKED).app).get("/v1/rules", headers={HEADER: user})
    assert response.status_code == 403
    assert "LOOKALIKE_IDENTITY_USERS" in response.json()["detail"]


def test_another_user_may_still_send_a_key(serve: Serve) -> None:
    client = behind(serve(**ASKED).app)
    assert client.get("/v1/rules", headers={HEADER: "eve", "X-API-Key": "chief"}).status_code == 200


def test_a_header_that_comes_twice_is_refused(serve: Serve) -> None:
    client = behind(serve(**ASKED).app)
    response = client.get("/v1/rules", headers=[(HEADER, "ann@shop.example"), (HEADER, "eve")])
    assert response.status_code == 403


def test_a_star_lets_in_whom_the_proxy_lets_in(serve: Serve) -> None:
    client = behind(serve(**{**ASKED, "identity_users": "*"}).app)
    assert client.get("/v1/rules", headers={HEADER: "eve"}).status_code == 200
    assert client.get("/v1/rules", headers={HEADER: " "}).status_code == 401
    assert client.get("/v1/rules").status_code == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://shop.example"}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://shop.example"}, 200),
        ({"Origin": "https://public.example", "X-Forwarded-Host": "public.example"}, 200),
        ({}, 200),
    ],
)
def test_a_page_of_another_site_changes_nothing_with_the_cookie_of_the_proxy(
    serve: Serve, headers: dict[str, str], status: int
) -> None:
    client = behind(serve(**ASKED).app)
    sent = {HEADER: "ann@shop.example", **headers}
    assert client.put("/v1/rules", json={"rules": []}, headers=sent).status_code == status


@pytest.mark.parametrize(
    "missing",
    [{"trusted_proxies": ""}, {"identity_users": " "}, {"trusted_proxies": "anywhere"}],
)
def test_half_a_configuration_does_not_start(serve: Serve, missing: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="LOOKALIKE_TRUSTED_PROXIES"):
        serve(**{**ASKED, **missing})
