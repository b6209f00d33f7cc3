"""The page about the server names every route there is, and the scope that each one takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from lookalike import Shop
from lookalike.access.keys import SCOPES, KeyRing

PAGE = Path(__file__).parents[2] / "docs" / "server.md"
ROUTE = re.compile(r"`(GET|PUT|POST|PATCH|DELETE) (/[^`?]*)[^`]*`")
METHODS = {"get", "put", "post", "patch", "delete"}
KEYS = {"search_key": "finder", "admin_key": "chief"}
REFUSED = {401, 403}


def told() -> Iterator[tuple[str, str, str]]:
    """Method, path and scope of every route in the table."""
    for line in PAGE.read_text("utf-8").splitlines():
        cells = line.split("|")
        if len(cells) > 3 and ROUTE.search(cells[1]):
            routes = ROUTE.findall(cells[1])
            keys = cells[2].split(",")
            for place, (method, path) in enumerate(routes):
                yield method, unnamed(path), keys[place % len(keys)].strip()


def unnamed(path: str) -> str:
    """A path whose parts in braces have no names."""
    return re.sub(r"\{\w+\}", "{}", path)


def test_every_route_is_in_the_table_and_no_other(client: TestClient) -> None:
    contract = client.get("/openapi.json").json()["paths"]
    served = {
        (method.upper(), unnamed(path)) for path, operations in contract.items() for method in operations
    }
    assert {method.lower() for method, _ in served} <= METHODS
    assert sorted((method, path) for method, path, _ in told()) == sorted(served)


@pytest.mark.parametrize(("method", "path", "scope"), list(told()))
def test_a_route_takes_the_scope_that_the_table_tells(
    serve: Callable[..., TestClient], shop: Shop, method: str, path: str, scope: str
) -> None:
    client = serve(**KEYS)
    keys = KeyRing(shop.catalog.database.keys)
    secrets = {each: keys.create(each, [each])[1] for each in SCOPES}

    def status(key: str) -> int:
        headers = {"X-API-Key": key} if key else {}
        return client.request(method, path.replace("{}", "nothing"), headers=headers).status_code

    open_to = {each for each, secret in secrets.items() if status(secret) not in REFUSED}
    expected = {"none": set(SCOPES), "server": set[str]()}
    assert open_to == expected.get(scope, {scope, "admin"})
    assert (status("") == 401) is (scope != "none")
    assert (status("finder") == 403) is (scope in {"write", "admin", "server"})
    assert status("chief") not in REFUSED
