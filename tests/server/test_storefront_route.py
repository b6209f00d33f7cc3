"""The settings of the shop's pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

SETTINGS = {
    "name": "Möbelhaus",
    "logo": "data:image/png;base64,iVBORw0KGgo=",
    "accent": "#005f73",
    "currency": "EUR",
    "language": "de",
    "cart": "https://shop.example/cart?add={id}&size={size}",
    "photo_side": 1200,
}


def test_the_settings_are_empty_until_they_are_put_and_then_part_of_the_catalog(client: TestClient) -> None:
    assert client.get("/v1/catalog").json()["storefront"] == {**dict.fromkeys(SETTINGS, ""), "photo_side": 0}
    assert client.put("/v1/storefront", json=SETTINGS).json() == SETTINGS
    assert client.get("/v1/catalog").json()["storefront"] == SETTINGS


@pytest.mark.parametrize(
    "wrong",
    [
        {"accent": "red"},
        {"accent": "#12345"},
        {"logo": "https://elsewhere.example/logo.png"},
        {"logo": "data:text/html;base64,PGI+"},
        {"currency": "euros"},
        {"language": "German"},
        {"cart": "javascript:alert(1)"},
        {"name": "x" * 61},
        {"colour": "#ffffff"},
        {"photo_side": 640},
    ],
)
def test_a_wrong_setting_changes_nothing(client: TestClient, wrong: dict[str, str]) -> None:
    client.put("/v1/storefront", json={"name": "Shop"})
    answer = client.put("/v1/storefront", json={"name": "Other", **wrong})
    assert answer.status_code == 422
    assert client.get("/v1/catalog").json()["storefront"]["name"] == "Shop"


def test_only_the_admin_key_changes_the_settings(serve: Callable[..., TestClient]) -> None:
    client = serve(admin_key="shopkeeper")
    assert client.put("/v1/storefront", json={"name": "Shop"}).status_code == 401
    key = {"Authorization": "Bearer shopkeeper"}
    assert client.put("/v1/storefront", json={"name": "Shop"}, headers=key).status_code == 200
