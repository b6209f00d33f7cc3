"""The page about the server names every route there is, and the key that each one takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

PAGE = Path(__file__).parents[2] / "docs" / "server.md"
ROUTE = re.compile(r"`(GET|PUT|POST|PATCH|DELETE) (/[^`?]*)[^`]*`")
METHODS = {"get", "put", "post", "patch", "delete"}
KEYS = {"search_key": "finder", "admin_key": "chief"}


def told() -> Iterator[tuple[str, str, str]]:
    """Method, path and key of every route in the table."""
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


@pytest.mark.parametrize(("method", "path", "key"), list(told()))
def test_a_route_takes_the_key_that_the_table_tells(
    serve: Callable[..., TestClient], method: str, path: str, key: str
) -> None:
    client = serve(**KEYS)
    address = path.replace("{}", "nothing")
    without = client.request(method, address).status_code
    as_searcher = client.request(method, address, headers={"X-API-Key": "finder"}).status_code
    assert (without == 401) is (key != "none")
    assert (as_searcher == 403) is (key == "admin")
