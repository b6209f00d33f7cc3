"""`lookalike update`: one product by words, many from a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from lookalike import Shop

Run = Callable[..., Result]


def test_fields_of_one_product_change(ask: Run, shop: Shop) -> None:
    done = ask(
        "update", "plate-red", "price=9,99 EUR", "stock=0", "title=Scarlet dish", "season=Spring", "brand="
    )
    assert (done.exit_code, done.stdout) == (0, "1 updated, 0 unchanged, 0 failed.\n")
    product = shop.product("plate-red")
    assert (product.price, product.currency, product.stock, product.title) == (9.99, "EUR", 0, "Scarlet dish")
    assert product.facets == {"type": "Plate", "colour": "red", "season": "Spring"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("changes.csv", "id,price,colour,title\nplate-red,7,,\nbox-red,null,pink,Big box\nnone,1,,\n"),
        (
            "changes.jsonl",
            '{"id": "plate-red", "price": 7}\n'
            '{"id": "box-red", "price": null, "colour": "pink", "title": "Big box"}\n'
            '{"id": "none", "price": 1}\n',
        ),
    ],
)
def test_changes_come_from_a_file(ask: Run, shop: Shop, tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    done = ask("update", "--from", tmp_path / name, "--json")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["updated"], report["failed"]) == (3, 2, 1)
    assert report["problems"][0]["reason"].startswith("There is no product 'none'")
    red, box = shop.product("plate-red"), shop.product("box-red")
    assert (red.price, red.title, red.facets["colour"]) == (7.0, "Red Plate", "red")
    assert (box.price, box.title, box.facets["colour"]) == (None, "Big box", "pink")


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        ((), 2, "Give an id and FIELD=VALUE"),
        (("plate-red",), 2, "Name what changes"),
        (("plate-red", "price"), 2, "'price' changes nothing"),
        (("plate-red", "price=call us"), 3, "'call us' is not a price"),
        (("none", "price=1"), 3, "There is no product 'none'"),
    ],
)
def test_what_cannot_be_done_is_said(
    ask: Run, shop: Shop, words: tuple[str, ...], code: int, sentence: str
) -> None:
    before = shop.products()
    refused = ask("update", *words)
    assert (refused.exit_code, sentence in refused.stderr) == (code, True)
    assert shop.products() == before
