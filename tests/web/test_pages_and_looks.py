"""What the server adds for the application: its built pages, samples, and a look inside photos."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from lookalike import Photo, Product, Shop
from lookalike.server.app import create_app
from lookalike.server.problems import install
from lookalike.server.routes import webapp
from lookalike.settings import Settings
from support.samples import jpeg

PAGE = "<!doctype html><title>built</title>"


@pytest.fixture
def pages(tmp_path: Path) -> TestClient:
    """A server of nothing but built pages."""
    (tmp_path / "assets").mkdir()
    for name, content in {"index.html": PAGE, "assets/app-1.js": "run()", "secret.txt": "no"}.items():
        (tmp_path / name).write_text(content)
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(content.encode()))
    app = FastAPI()
    install(app)
    webapp.install(app, tmp_path)
    return TestClient(app)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A server of one product, seen by the built-in encoder."""
    file = tmp_path_factory.mktemp("looks") / "shop.db"
    with Shop.open(str(file), "builtin") as shop:
        shop.add([Product(id="plate", title="Plate", photos=(Photo(data=jpeg("red", size=200)),))])
        app = create_app(shop, Settings())
        yield TestClient(app, "http://127.0.0.1", client=("127.0.0.1", 50000))
        app.state.parts.jobs.close()


@pytest.mark.parametrize(
    "address", ["/", "/p/any%2Fid", "/for-you", "/map", "/bag", "/manage", "/manage/rules"]
)
def test_every_address_of_the_application_gives_its_page(pages: TestClient, address: str) -> None:
    answer = pages.get(address)
    assert answer.text == PAGE
    assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_a_browser_gets_a_page_at_an_unknown_path_and_a_program_a_problem(pages: TestClient) -> None:
    browser = pages.get("/nothing/here", headers={"Accept": "text/html,*/*"})
    assert (browser.status_code, browser.text) == (404, PAGE)
    program = pages.get("/nothing/here", headers={"Accept": "application/json"})
    assert (program.status_code, program.headers["content-type"]) == (404, "application/problem+json")
    api = pages.get("/v1/nothing", headers={"Accept": "text/html"})
    assert (api.status_code, api.headers["content-type"]) == (404, "application/problem+json")


def test_scripts_come_packed_to_whoever_takes_them_packed(pages: TestClient) -> None:
    pack_vector = pages.get("/assets/app-1.js")
    assert pack_vector.headers["content-encoding"] == "gzip"
    assert pack_vector.text == "run()"
    plain = pages.get("/assets/app-1.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.text == "run()"


@pytest.mark.parametrize("name", ["app-2.js", "..%2Fsecret.txt", "%2e%2e%2fsecret.txt", "secret.txt"])
def test_no_other_file_is_given(pages: TestClient, name: str) -> None:
    assert pages.get(f"/assets/{name}").status_code == 404


@pytest.mark.parametrize("address", ["/", "/manage/rules"])
def test_without_built_pages_the_server_says_how_to_build_them(tmp_path: Path, address: str) -> None:
    app = FastAPI()
    webapp.install(app, tmp_path)
    answer = TestClient(app).get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert "python hatch_build.py" in answer.text


def test_parts_of_a_photo_are_suggested_inside_it(client: TestClient) -> None:
    answer = client.post("/v1/look", files={"image": jpeg("blue", size=300)}).json()
    assert 1 <= len(answer["boxes"]) <= 3
    for box in answer["boxes"]:
        assert 0 <= box["left"] < box["left"] + box["width"] <= 1.001
        assert 0 <= box["top"] < box["top"] + box["height"] <= 1.001
    assert answer["photo"] is None


def test_heat_adds_up_to_more_where_photos_are_alike(client: TestClient) -> None:
    photo = client.get("/v1/products/plate").json()["photos"][0]["id"]

    def heat(colour: str, kind: str) -> float:
        files = {"image": jpeg(colour, kind, 200)}
        rows = client.post(f"/v1/photos/{photo}/heat", files=files).json()["rows"]
        return sum(sum(row) for row in rows)

    assert heat("red", "Plate") > heat("blue", "Box")


@pytest.mark.parametrize("body", [{}, {"text": "only words"}])
def test_a_look_at_nothing_is_refused(client: TestClient, body: dict[str, str]) -> None:
    assert client.post("/v1/look", json=body).status_code == 422


def test_a_shop_of_its_own_is_sampled_by_its_own_photos(client: TestClient) -> None:
    samples = client.get("/v1/samples").json()["samples"]
    assert [sample["title"] for sample in samples] == ["Plate"]
    assert client.get(samples[0]["url"]).headers["content-type"] == "image/jpeg"


def test_a_sample_that_is_not_there_is_a_404(client: TestClient) -> None:
    assert client.get("/v1/samples/nothing").status_code == 404
