from __future__ import annotations

import base64
import io

import pytest
from PIL import Image
from starlette.testclient import TestClient

from lookalike import Photo, Product, Shop
from support.malformed_inputs import READABLE, REFUSED, jpeg_with, saved, segment
from support.samples import jpeg


def put(client: TestClient, data: bytes):
    body = {"title": "a thing", "photos": [{"data": base64.b64encode(data).decode()}]}
    return client.put("/v1/products/thing", json=body)


def photo_of(client: TestClient, id: str):
    photo = client.get(f"/v1/products/{id}").json()["photos"][0]["id"]
    return client.get(f"/v1/photos/{photo}")


def test_every_hostile_photo_is_refused_with_its_status_and_a_sentence(client: TestClient):
    statuses: dict[str, int] = {}
    for name, (_, build) in REFUSED.items():
        response = client.post("/v1/search", files={"image": ("photo.jpg", build())})
        statuses[name] = response.status_code
        assert response.headers["content-type"] == "application/problem+json"
        assert "Traceback" not in response.text
    assert statuses == {name: status for name, (status, _) in REFUSED.items()}


def test_every_odd_photo_is_searched_with(client: TestClient):
    for name, build in READABLE.items():
        response = client.post("/v1/search", files={"image": build()}, data={"k": "1"})
        assert response.status_code == 200, f"{name}: {response.text}"


def test_a_bad_photo_leaves_the_product_as_it_was(client: TestClient, shop: Shop):
    assert put(client, jpeg("blue")).status_code == 200
    before = shop.product("thing"), shop.revision
    assert put(client, b"%!PS-Adobe-3.0").status_code == 415
    assert put(client, jpeg("red")[:200]).status_code == 422
    assert (shop.product("thing"), shop.revision) == before


def test_what_a_photo_hides_is_not_served(client: TestClient):
    tags = Image.Exif()
    tags[0x8825] = {1: "N", 2: (48.0, 51.0, 29.0)}
    secret = segment(0xFE, b"<script>alert(1)</script>")
    for data in (
        saved(Image.new("RGB", (900, 600), "red"), "JPEG", exif=tags.tobytes()),
        jpeg_with(secret, after=b"<script>alert(1)</script>"),
    ):
        assert put(client, data).status_code == 200
        served = photo_of(client, "thing").content
        assert b"script" not in served
        assert b"Exif" not in served


def test_a_photo_is_served_so_that_no_browser_takes_it_for_a_page(client: TestClient):
    response = photo_of(client, "plate-red")
    assert response.headers["content-type"] == "image/jpeg"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert "immutable" in response.headers["cache-control"]


def test_a_browser_that_has_a_photo_is_not_sent_it_again(client: TestClient):
    first = photo_of(client, "plate-red")
    again = client.get(first.url, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_large_photo_is_sent_on_request_and_the_small_one_where_there_is_none(
    client: TestClient, shop: Shop
):
    small = photo_of(client, "plate-red")
    again = client.get(small.url, params={"size": "large"})
    assert (again.content, again.headers["cache-control"]) == (small.content, "no-cache")
    settings = {**client.get("/v1/catalog").json()["storefront"], "photo_side": 800}
    assert client.put("/v1/storefront", json=settings).status_code == 200
    buffer = io.BytesIO()
    Image.effect_noise((1000, 900), 50).convert("RGB").save(buffer, "JPEG")
    shop.add([Product("noise", photos=(Photo(data=buffer.getvalue()),))])
    large = client.get(photo_of(client, "noise").url, params={"size": "large"})
    assert Image.open(io.BytesIO(large.content)).size == (800, 720)
    assert "immutable" in large.headers["cache-control"]
    storage = client.get("/v1/catalog/photos").json()
    assert (storage["large_photos"], storage["large_bytes"]) == (1, len(large.content))
    assert client.put("/v1/storefront", json={**settings, "photo_side": 100}).status_code == 422


@pytest.mark.parametrize(
    "id",
    [
        "../shop.db",
        "..%2f..%2fetc%2fpasswd",
        "%2e%2e/%2e%2e/etc/passwd",
        "%2fetc%2fpasswd",
        "%00",
        "a%00.jpg",
        "....//etc/passwd",
        "x" * 5000,
        "%ff%fe",
    ],
)
def test_a_photo_is_known_by_its_id_and_never_by_a_path(client: TestClient, id: str):
    assert client.get(f"/v1/photos/{id}").status_code == 404
    assert client.get(f"/page/{id}").status_code == 404
