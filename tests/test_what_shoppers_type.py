"""What shoppers type finds what they mean: over REST and in the terminal, with each database and index."""

from __future__ import annotations

import json
from contextlib import closing
from typing import Any

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from lookalike import Shop
from lookalike.cli import main
from lookalike.database import open_database
from lookalike.server.app import create_app
from lookalike.settings import Settings
from support import servers, wardrobe

TOKEN = "printed-at-start"


@pytest.fixture(scope="module", params=["SQLite", "PostgreSQL"])
def catalog(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The clothes among 10,000 other products, in each database."""
    url = str(tmp_path_factory.mktemp("wardrobe") / "shop.db")
    if request.param == "PostgreSQL":
        url = servers.fresh_database(request.getfixturevalue("postgres_server"))
    with closing(open_database(url)) as database:
        wardrobe.fill(database)
    return url


@pytest.fixture(scope="module", params=["exact", "approximate"])
def index(request: pytest.FixtureRequest, catalog: str) -> str:
    """Each index, ready before it is asked."""
    with Shop.open(catalog, index=request.param) as shop:
        shop.settle()
        shop.engine.calibrate()
        assert shop.engine.index.kind == request.param
    return str(request.param)


def test_what_is_meant_comes_first_in_the_terminal(catalog: str, index: str) -> None:
    for typed, meant in wardrobe.MEANT.items():
        words = ["search", "--text", typed, "-k", "8", "--catalog", catalog, "--index", index, "--json"]
        result = CliRunner().invoke(main, words)
        assert result.exit_code == 0, result.stderr
        assert first(json.loads(result.stdout), len(meant)) == meant, typed


def test_what_is_meant_comes_first_over_rest(catalog: str, index: str) -> None:
    with Shop.open(catalog, index=index) as shop:
        app = create_app(shop, Settings(catalog=catalog, index=index, local_token=TOKEN))
        with TestClient(app, "http://127.0.0.1", headers={"X-API-Key": TOKEN}) as client:
            for typed, meant in wardrobe.MEANT.items():
                response = client.post("/v1/search", json={"text": typed, "k": 8})
                assert response.status_code == 200, response.text
                assert first(response.json(), len(meant)) == meant, typed


def first(answer: dict[str, Any], count: int) -> set[str]:
    return {hit["id"] for hit in answer["hits"][:count]}
