"""The same catalog gives the same answers from every database, through every index."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import product
from pathlib import Path
from typing import TypeAlias

import pytest

from lookalike import Hit, Product, Results, Shop
from lookalike.catalog.copy import copy
from lookalike.database import open_database
from lookalike.types import Where
from support import families, milvus_server, servers
from support.crowd import crowd
from support.samples import goods, jpeg

# The share of the nearest that every index promises to find.
PROMISED = 0.99
FILTERS: dict[str, Where] = {
    "all": {},
    "half": {"price": {"lt": 50}},
    "a tenth": {"tenth": "t4"},
    "two families": {"family": ["f7", "f8"]},
    "few": {"price": {"lt": 1}},
}

Question: TypeAlias = Callable[[Shop], Results]
Answer: TypeAlias = tuple[list[tuple[str, float]], int, dict[str, dict[str, int]]]

QUESTIONS: dict[str, Question] = {
    "words": lambda shop: shop.search(text="red plate", k=8),
    "a photo": lambda shop: shop.search(image=jpeg("blue"), k=8),
    "both": lambda shop: shop.search(image=jpeg("green", "Box"), text="but red", image_weight=0.4, k=8),
    "a product": lambda shop: shop.similar("box-red", k=8),
    "a filter": lambda shop: shop.search(text="box", where={"colour": ["red", "blue"], "price": {"lt": 16}}),
    "next page": lambda shop: shop.search(text="ring", k=5, offset=7, exclude=["p005"]),
    "counts": lambda shop: shop.search(image=jpeg("red"), k=3, count=["colour"]),
    "variants": lambda shop: shop.search(image=jpeg("red"), k=4, grouped=False),
    "misspelt words": lambda shop: shop.search(text="redd palte", k=5, count=["colour"]),
    "a word half typed": lambda shop: shop.search(text="green bo", k=5),
    "a price in the words": lambda shop: shop.search(text="box under 16 not red", k=5),
    "nothing": lambda shop: shop.search(text="plate", where={"colour": ["purple"]}),
}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The catalog as one file."""
    path = str(tmp_path_factory.mktemp("source") / "shop.db")
    with Shop.open(path) as shop:
        shop.add([*goods(), *crowd(48)])
    return path


@pytest.fixture(scope="module")
def told(source: str) -> dict[str, Answer]:
    """What the file says when every row is looked at."""
    with Shop.open(source, index="exact") as shop:
        return {name: answer(question(shop)) for name, question in QUESTIONS.items()}


@pytest.fixture(scope="module")
def milvus() -> Iterator[str]:
    if not milvus_server.available():
        pytest.skip("there is no Milvus server on this machine")
    server = milvus_server.MilvusServer()
    server.start()
    yield server.url
    server.close()


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def catalog(request: pytest.FixtureRequest, source: str, tmp_path: Path) -> str:
    """A copy of the catalog in each database."""
    url = (
        request.getfixturevalue("postgres_url")
        if request.param == "PostgreSQL"
        else str(tmp_path / "copy.db")
    )
    here, there = open_database(source), open_database(url)
    copy(here, there)
    here.close()
    there.close()
    return url


@pytest.fixture(scope="module", params=["SQLite", "PostgreSQL"])
def large(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A catalog in each database that is large enough to lie in cells."""
    url = str(tmp_path_factory.mktemp("large") / "shop.db")
    if request.param == "PostgreSQL":
        url = servers.fresh_database(request.getfixturevalue("postgres_server"))
    with closing(open_database(url)) as database:
        families.fill(database)
    return url


@pytest.fixture(params=["exact", "approximate", "Milvus Lite", "Milvus"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Each index by its address."""
    if request.param == "Milvus":
        return request.getfixturevalue("milvus")
    if request.param == "Milvus Lite":
        pytest.importorskip("milvus_lite")
        return str(tmp_path / f"{uuid.uuid4().hex}.milvus")
    return str(request.param)


def answer(results: Results) -> Answer:
    """What must agree: products, scores, totals and counts."""
    hits = [(hit.product.id, score(hit)) for hit in results]
    counts = {name: {each.value: each.count for each in values} for name, values in results.counts.items()}
    return hits, results.total, counts


def score(hit: Hit) -> float:
    return round(hit.score, 4)


def test_the_answers_are_those_of_one_file_that_is_scanned(
    catalog: str, index: str, told: dict[str, Answer]
) -> None:
    with Shop.open(catalog, index=index) as shop:
        # So few are looked at one by one where nobody else is to be asked.
        assert shop.engine.index.kind == ("milvus" if "milvus" in index else "exact")
        for name, question in QUESTIONS.items():
            hits, total, counts = answer(question(shop))
            expected, whole, counted = told[name]
            assert [id for id, _ in hits] == [id for id, _ in expected], name
            assert [score for _, score in hits] == pytest.approx(
                [score for _, score in expected], abs=2e-3
            ), name
            assert (total, counts) == (whole, counted), name
        # What changes is followed everywhere.
        shop.add([Product("zebra", "Zebra cushion")])
        shop.remove(["box-red"])
        assert shop.search(text="zebra cushion", k=1)[0].product.id == "zebra"
        assert "box-red" not in {hit.product.id for hit in shop.search(text="red box", k=20)}


def test_thousands_in_cells_and_collections_are_found_as_by_looking_at_all(
    large: str, index: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    found = asked = 0
    with Shop.open(large, index=index) as shop, Shop.open(large, index="exact") as exact:
        shop.settle()
        kind, facts = shop.engine.index.kind, shop.engine.index.facts()
        assert kind == ("milvus" if "milvus" in index else index)
        assert facts.kept == (0 if kind == "exact" else families.COUNT)
        assert facts.recall is None or facts.recall >= PROMISED
        for vector, (name, where) in product(families.questions(6), FILTERS.items()):
            one, other = (
                each.search(vector=vector, where=where, k=10, count=["tenth"]) for each in (exact, shop)
            )
            assert (one.total, one.counts, len(one)) == (other.total, other.counts, len(other)), name
            scores = {hit.product.id: hit.score for hit in one}
            # Of products that are equally near, any will do.
            least = min(scores.values()) - 1e-3
            asked += len(one)
            found += sum(hit.score >= least for hit in other)
            for hit in other:
                assert hit.score == pytest.approx(scores.get(hit.product.id, hit.score), abs=2e-3), name
    assert found >= PROMISED * asked
