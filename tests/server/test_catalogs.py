"""Several catalogs in one server: each by its name, none by the key of another."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from lookalike import Shop
from lookalike.access.keys import SCOPES, KeyRing
from lookalike.database.stores import open_store
from lookalike.server.app import ROUTERS, create_app
from lookalike.settings import Settings
from support.samples import goods

CHIEF = {"X-API-Key": "chief"}
NAMES = ("shoes", "bikes")
# What no key is asked for: the id of a photo is a hash of its content, and a webhook is signed.
WITHOUT_KEY = {"/photos/{photo_id}", "/samples/{name}", "/sources/{name}/webhooks"}
ROUTES = [
    (method, route.path)
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in sorted(route.methods)
]


class Clock:
    """A time that passes when a test says so."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


class Server:
    """A server with three catalogs, each with one product and a key for every scope."""

    def __init__(self, folder: Path, store: str, **knobs: object) -> None:
        self.clock = Clock()
        self.store = open_store(store)
        self.keys: dict[str, dict[str, str]] = {}
        self.shop = Shop.open(folder / "shop.db", "pixels")
        self.shop.add(goods())
        for name in NAMES:
            self.store.create(name)
            with Shop.open(self.store.address(name), "pixels") as shop:
                shop.add(product for product in goods() if "red" in product.id)
                self._fill(name, shop)
        self._fill("default", self.shop)
        asked = {"catalog": self.shop.url, "catalogs": store, "admin_key": "chief", **knobs}
        self.app = create_app(self.shop, Settings(**asked), self.clock)
        self.catalogs = self.app.state.parts.catalogs
        self.client = TestClient(
            self.app, "http://127.0.0.1", client=("192.0.2.7", 50000), raise_server_exceptions=False
        )

    def _fill(self, name: str, shop: Shop) -> None:
        ring = KeyRing(shop.catalog.database.keys)
        self.keys[name] = {scope: ring.create(scope, [scope])[1] for scope in SCOPES}

    def call(self, method: str, name: str, path: str, key: str = "", **sent: Any) -> Any:
        """Ask a catalog for something."""
        base = "/v1" if name == "default" else f"/v1/catalogs/{name}"
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return self.client.request(method, base + path, headers=headers, **sent)

    def close(self) -> None:
        self.catalogs.close()
        self.shop.close()
        self.store.close()


@pytest.fixture(params=["folder", "postgresql"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    place = str(tmp_path / "catalogs")
    store = place if request.param == "folder" else request.getfixturevalue("postgres_url")
    server = Server(tmp_path, store)
    yield server
    server.close()


@pytest.fixture
def few(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """A server over a folder, with these settings."""
    servers: list[Server] = []

    def few(**knobs: object) -> Server:
        servers.append(Server(tmp_path, str(tmp_path / "catalogs"), **knobs))
        return servers[-1]

    yield few
    for server in servers:
        server.close()


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all requests that are to be refused."""
    folder = tmp_path_factory.mktemp("several")
    server = Server(folder, str(folder / "catalogs"), search_key="sesame")
    yield server
    server.close()


def concrete(path: str, value: str = "box-red") -> str:
    return re.sub(r"\{[^}]+\}", value, path)


def test_a_catalog_is_created_filled_searched_and_deleted(server: Server) -> None:
    client = server.client
    made = client.post("/v1/catalogs", json={"name": "hats", "recipe": "pixels"}, headers=CHIEF)
    assert made.status_code == 201
    assert made.json()["path"] == "/v1/catalogs/hats"
    asked = {"name": "a", "scopes": ["write", "search"]}
    secret = client.post("/v1/catalogs/hats/keys", json=asked, headers=CHIEF).json()["secret"]
    put = server.call("PUT", "hats", "/products/h1", secret, json={"title": "Straw hat"})
    assert put.status_code == 200
    found = server.call("POST", "hats", "/search", secret, json={"text": "straw"})
    assert [hit["id"] for hit in found.json()["hits"]] == ["h1"]
    assert server.call("GET", "hats", "/catalog", secret).json()["name"] == "hats"
    listed = client.get("/v1/catalogs", headers=CHIEF).json()
    assert [each["name"] for each in listed] == ["default", "bikes", "hats", "shoes"]
    assert client.delete("/v1/catalogs/hats", headers=CHIEF).status_code == 204
    assert server.call("GET", "hats", "/catalog", secret).status_code == 401
    assert client.get("/v1/catalogs/hats", headers=CHIEF).status_code == 404
    again = client.post("/v1/catalogs", json={"name": "hats", "recipe": "pixels"}, headers=CHIEF)
    assert again.status_code == 201
    assert client.get("/v1/catalogs/hats/products", headers=CHIEF).json()["total"] == 0
    assert client.get("/v1/catalogs/hats/keys", headers=CHIEF).json() == []


def test_each_catalog_has_its_own_products_rules_words_and_storefront(server: Server) -> None:
    key = server.keys["shoes"]["admin"]
    server.call("PUT", "shoes", "/products/only-here", key, json={"title": "Marker"})
    rule = {"id": "r", "action": "hide", "products": ["only-here"]}
    server.call("PUT", "shoes", "/rules", key, json={"rules": [rule]})
    server.call("PUT", "shoes", "/words", key, json={"language": "de"})
    server.call("PUT", "shoes", "/storefront", key, json={"name": "Shoes"})
    assert server.call("GET", "shoes", "/catalog", key).json()["storefront"]["name"] == "Shoes"
    assert server.call("GET", "shoes", "/rules", key).json()["rules"] == [rule]
    for name in ("bikes", "default"):
        other = server.keys[name]["admin"]
        assert server.call("GET", name, "/products/only-here", other).status_code == 404
        assert server.call("GET", name, "/rules", other).json()["rules"] == []
        assert server.call("GET", name, "/words", other).json()["language"] == "auto"
        assert server.call("GET", name, "/catalog", other).json()["storefront"]["name"] == ""


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_no_key_of_another_catalog_opens_a_route(standing: Server, method: str, path: str) -> None:
    if path in WITHOUT_KEY:
        pytest.skip("no key is asked for")
    for name in ("default", *NAMES):
        strangers = {key for other, keys in standing.keys.items() if other != name for key in keys.values()}
        answers = {standing.call(method, name, concrete(path), key).status_code for key in strangers}
        assert answers == {401}
        assert standing.call(method, name, concrete(path)).status_code == 401
        if method == "GET":
            # The catalog's own key passes, whatever the route makes of the rest.
            own = standing.call(method, name, concrete(path, "nothing"), standing.keys[name]["admin"])
            assert own.status_code not in {401, 403}


@pytest.mark.parametrize(("method", "path"), [each for each in ROUTES if each[1] not in WITHOUT_KEY])
def test_the_search_key_of_the_settings_opens_the_default_catalog_only(
    standing: Server, method: str, path: str
) -> None:
    assert standing.call(method, "shoes", concrete(path), "sesame").status_code == 401


@given(data=st.data())
@settings(max_examples=150, suppress_health_check=list(HealthCheck))
def test_whatever_is_asked_a_key_reads_its_own_catalog_only(standing: Server, data: st.DataObject) -> None:
    owner, asked = data.draw(st.permutations(["default", *NAMES]))[:2]
    method, path = data.draw(st.sampled_from([each for each in ROUTES if each[1] not in WITHOUT_KEY]))
    key = standing.keys[owner][data.draw(st.sampled_from(SCOPES))]
    value = data.draw(st.sampled_from(["box-red", "..", f"../../{owner}/products", "%2e%2e", "a/b", "x?y=1"]))
    base = "/v1" if asked == "default" else f"/v1/catalogs/{asked}"
    headers = data.draw(st.sampled_from([{"Authorization": f"Bearer {key}"}, {"X-API-Key": key}]))
    sent = data.draw(st.none() | st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=2))
    answer = standing.client.request(method, base + concrete(path, value), headers=headers, json=sent)
    # A path that leaves the catalog reaches another route, which refuses the key as well, or nothing.
    assert answer.status_code in {401, 403, 404, 405} or answer.url.path.startswith(f"/v1/catalogs/{owner}/")


def test_every_catalog_has_every_route(standing: Server) -> None:
    for method, path in ROUTES:
        answer = standing.call(method, "shoes", concrete(path, "nothing"), "")
        assert answer.status_code in ({404} if path in WITHOUT_KEY else {401})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/catalogs"),
        ("POST", "/v1/catalogs"),
        ("GET", "/v1/catalogs/shoes"),
        ("DELETE", "/v1/catalogs/shoes"),
    ],
)
def test_only_whoever_runs_the_server_manages_its_catalogs(standing: Server, method: str, path: str) -> None:
    assert standing.client.request(method, path).status_code == 401
    for keys in standing.keys.values():
        for key in (*keys.values(), "sesame"):
            refused = standing.client.request(method, path, headers={"X-API-Key": key})
            assert refused.status_code == 403
            assert "LOOKALIKE_ADMIN_KEY" in refused.json()["detail"]


def test_which_catalogs_there_are_is_told_to_nobody_without_a_key(standing: Server) -> None:
    key = standing.keys["shoes"]["admin"]
    unknown = standing.call("GET", "hats", "/catalog", key)
    known = standing.call("GET", "bikes", "/catalog", key)
    assert (unknown.status_code, unknown.json()) == (known.status_code, known.json())
    assert standing.client.get("/v1/catalogs/hats/catalog", headers=CHIEF).status_code == 404


def test_nothing_is_opened_for_somebody_without_a_key(few: Callable[..., Server]) -> None:
    server = few()
    assert server.call("GET", "shoes", "/catalog").status_code == 401
    assert server.catalogs.open_names() == {"default"}


def test_photos_of_a_catalog_need_no_key_and_samples_lead_to_them(few: Callable[..., Server]) -> None:
    server = few()
    samples = server.call("GET", "shoes", "/samples", server.keys["shoes"]["search"]).json()["samples"]
    assert samples[0]["url"].startswith("/v1/catalogs/shoes/")
    assert server.client.get(samples[0]["url"]).headers["content-type"] == "image/jpeg"


@pytest.mark.parametrize("name", ["", "..", "a/b", "Shoes", "a\0b", "x" * 51, "default", "shöp", "a.db"])
def test_a_bad_name_is_refused(few: Callable[..., Server], name: str) -> None:
    assert few().client.post("/v1/catalogs", json={"name": name}, headers=CHIEF).status_code == 422


def test_a_bad_recipe_leaves_no_catalog(few: Callable[..., Server], tmp_path: Path) -> None:
    server = few()
    for recipe in ("nothing", "/etc/passwd"):
        asked = {"name": "hats", "recipe": recipe}
        assert server.client.post("/v1/catalogs", json=asked, headers=CHIEF).status_code == 422
    assert not (tmp_path / "catalogs" / "hats.db").exists()


@pytest.mark.parametrize("name", ["...", "..%2Fshop", "a%00", "SHOES", "shoes.db", "shoes%20"])
def test_a_path_leads_out_of_no_folder(few: Callable[..., Server], name: str) -> None:
    assert few().client.get(f"/v1/catalogs/{name}/keys", headers=CHIEF).status_code == 404


def test_a_server_with_one_catalog_says_how_to_have_more(serve: Callable[..., TestClient]) -> None:
    client = serve(admin_key="chief")
    assert [each["name"] for each in client.get("/v1/catalogs", headers=CHIEF).json()] == ["default"]
    refused = client.post("/v1/catalogs", json={"name": "hats"}, headers=CHIEF)
    assert refused.status_code == 409
    assert "--catalogs" in refused.json()["detail"]
    assert client.get("/v1/catalogs/hats/catalog", headers=CHIEF).status_code == 404
    assert client.get("/v1/catalogs/default/catalog", headers=CHIEF).status_code == 200
    assert client.delete("/v1/catalogs/default", headers=CHIEF).status_code == 409


def test_a_feed_is_imported_and_studied_in_the_catalog_that_is_named(few: Callable[..., Server]) -> None:
    server = few()
    key = server.keys["shoes"]["admin"]
    job = server.call("POST", "shoes", "/imports", key, content=b"id,title\ns9,Boot\n")
    assert job.status_code == 202
    entry = server.catalogs._entries["shoes"]
    entry.catalog.jobs.wait()
    assert server.call("GET", "shoes", f"/jobs/{job.json()['id']}", key).json()["state"] == "done"
    assert server.call("GET", "shoes", "/products/s9", key).status_code == 200
    assert server.call("GET", "bikes", "/jobs", server.keys["bikes"]["admin"]).json() == []
    assert server.call("POST", "shoes", "/doctor", key).status_code == 202
    entry.catalog.jobs.wait()
    assert server.call("GET", "shoes", "/doctor", key).status_code == 200
    assert server.call("GET", "default", "/doctor", server.keys["default"]["admin"]).status_code == 404
