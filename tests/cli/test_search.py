from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st

from lookalike import Shop, serialize
from lookalike.cli.options import read_where
from lookalike.errors import BadFilter
from support.samples import jpeg

Run = Callable[..., Result]


def hits(result: Result) -> list[str]:
    assert result.exit_code == 0, result.stderr
    return [hit["id"] for hit in json.loads(result.stdout)["hits"]]


def test_a_photo_finds_its_product(ask: Run, tmp_path: Path):
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(jpeg("blue"))
    assert hits(ask("search", "--image", photo, "--json"))[0] == "plate-blue"


def test_words_find_what_carries_them(ask: Run):
    assert hits(ask("search", "--text", "green box", "--json"))[0] == "box-green"


def test_photo_and_words_are_asked_together(ask: Run, tmp_path: Path):
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(jpeg("red"))
    found = ask("search", "--image", photo, "--text", "green box", "--image-weight", 0.3, "--json")
    assert hits(found)[0] == "box-green"


def test_json_is_what_python_answers(ask: Run, shop: Shop):
    found = ask(
        "search", "--product", "plate-red", "-k", 4, "--where", "price<35", "--count", "type", "--json"
    )
    expected = shop.search(product="plate-red", k=4, where={"price": {"lt": 35}}, count=["type"])
    answer = json.loads(found.stdout)
    assert answer | {"took_ms": 0} == serialize.results_json(expected) | {"took_ms": 0}
    assert answer["took_ms"] > 0


def test_people_get_a_table_and_programs_can_pipe_it(ask: Run):
    found = ask("search", "--text", "red plate", "-k", 2, "--facets")
    lines = found.stdout.splitlines()
    assert lines[0].split()[:2] == ["SCORE", "IMAGE"]
    assert "plate-red" in lines[1]
    assert "colour: " in found.stdout
    assert "recipe pixels" in found.stderr
    assert "\x1b" not in found.output


def test_products_with_all_the_words_are_told_from_those_with_some(ask: Run):
    assert "6 products, 1 with all the words, in" in ask("search", "--text", "green box", "-k", 6).stderr
    assert "1 of 1 products in" in ask("search", "--text", "green box", "-k", 1).stderr


def test_similar_leaves_the_product_out(ask: Run):
    found = hits(ask("similar", "box-red", "--where", "type=Box", "-k", 9, "--json"))
    assert sorted(found) == ["box-black", "box-blue", "box-green"]


def test_variants_are_shown_on_demand(ask: Run):
    one = hits(ask("similar", "box-red", "-k", 12, "--json"))
    every = hits(ask("similar", "box-red", "-k", 12, "--variants", "--json"))
    assert len(every) == len(one) + 1


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        ([], 2, "--image FILE, --text WORDS, --product ID"),
        (["--text", "red", "--where", "price"], 2, "Write gender=Women"),
        (["--text", "red", "--where", "price<cheap"], 2, "with a number"),
        (["--text", "red", "-k", "0"], 2, "k must be"),
        (["--image-weight", "2", "--text", "red"], 2, "0<=x<=1"),
        (["--product", "nobody"], 5, "no product 'nobody'"),
        (["--image", "nowhere.jpg"], 5, "no photo at nowhere.jpg"),
        (["--image", "http://127.0.0.1/a.jpg"], 4, "not a public address"),
    ],
)
def test_a_wrong_question_has_its_exit_code_and_a_sentence(
    ask: Run, words: list[str], code: int, sentence: str
):
    result = ask("search", *words)
    assert (result.exit_code, result.stdout) == (code, "")
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr


def test_a_failure_is_json_where_json_was_asked_for(ask: Run):
    problem = json.loads(ask("search", "--product", "nobody", "--json").stderr)
    assert problem["status"] == 404
    assert problem["title"] == "Not found"


def test_a_catalog_that_is_not_there_is_not_made(run: Run, tmp_path: Path):
    result = run("search", "--text", "red", "--catalog", tmp_path / "none.db")
    assert result.exit_code == 5
    assert "lookalike import" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_environment_names_the_catalog(start: Callable[..., subprocess.Popen[str]], shop: Shop):
    out, err = start("search", "--text", "red", "--json", LOOKALIKE_CATALOG=shop.url).communicate()
    assert json.loads(out)["hits"], err


def test_a_search_loads_neither_server_nor_bar_nor_training(
    start: Callable[..., subprocess.Popen[str]], shop: Shop
):
    _, err = start(
        "search", "--text", "red", "--catalog", shop.url, PYTHONPROFILEIMPORTTIME="1"
    ).communicate()
    loaded = {line.rpartition("|")[2].strip() for line in err.splitlines() if line.startswith("import time")}
    assert "lookalike.catalog.catalog" in loaded
    assert not loaded & {"fastapi", "uvicorn", "rich", "torch", "sklearn", "pyarrow", "lookalike.cli.serve"}


@pytest.mark.parametrize(
    ("conditions", "where"),
    [
        (["gender=Women"], {"gender": {"in": ["Women"]}}),
        (["colour=Red, Navy Blue"], {"colour": {"in": ["Red", "Navy Blue"]}}),
        (["price>=10", "price<50"], {"price": {"gte": "10", "lt": "50"}}),
        (["brand != Acme"], {"brand": {"nin": ["Acme"]}}),
        (["stock?", "link!?"], {"stock": {"exists": True}, "link": {"exists": False}}),
        (["size=a=b"], {"size": {"in": ["a=b"]}}),
        ([], {}),
    ],
)
def test_conditions_become_a_filter(conditions: list[str], where: dict[str, Any]):
    assert read_where(conditions) == where


@given(st.lists(st.text(max_size=12), max_size=3))
def test_any_condition_is_read_or_refused(conditions: list[str]):
    with suppress(BadFilter):
        assert len(read_where(conditions)) <= len(conditions)


def test_a_misspelt_word_is_put_right_and_told(ask: Run):
    found = ask("search", "--text", "gren box", "-k", 1)
    assert "box-green" in found.stdout
    assert 'Showing results for "green box"' in found.stderr
    assert "Not in the catalog: gren" in ask("search", "--text", "gren box", "--literal").stderr


def test_what_is_typed_is_completed(ask: Run):
    found = json.loads(ask("suggest", "gre", "--json").stdout)
    assert found["completions"][0]["text"] == "green"


def test_how_words_are_searched_can_be_changed(ask: Run):
    assert "language auto, understand on" in ask("words").stdout
    changed = ask("words", "--language", "de", "--literal", "--weight", 0.5, "--json")
    assert json.loads(changed.stdout) == {"language": "de", "understand": False, "weight": 0.5}
    assert ask("words", "--language", "klingon").exit_code != 0
