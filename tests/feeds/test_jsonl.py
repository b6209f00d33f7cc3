"""JSON lines: typed cells, nested ones, and lines that are none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.feeds import read_feed
from lookalike.types import FeedRow


def rows(path: Path, *lines: object) -> list[FeedRow]:
    path = path / "feed.jsonl"
    texts = [
        line if isinstance(line, bytes) else json.dumps(line, ensure_ascii=False).encode() for line in lines
    ]
    path.write_bytes(b"\n".join(texts) + b"\n")
    return list(read_feed(path))


def test_an_object_becomes_a_product(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    (row,) = rows(
        tmp_path,
        {
            "id": 15970,
            "name": "Shirt",
            "price": 12.5,
            "currency": "EUR",
            "stock": 3,
            "photos": ["a.jpg", {"url": "https://x/b"}, None],
            "facets": {"colour": "red", "sizes": ["S", "M"], "none": None},
            "fit": {"cut": "slim", "length": 70},
            "new": True,
            "season": "007",
            "year": 2011,
        },
    )
    product = row.product
    assert row.problem == ""
    assert product is not None
    assert (product.id, product.title, product.price, product.stock) == ("15970", "Shirt", 12.5, 3)
    assert [photo.source for photo in product.photos] == [str(tmp_path / "a.jpg"), "https://x/b"]
    assert product.facets == {
        "colour": "red",
        "sizes": ("S", "M"),
        "fit.cut": "slim",
        "fit.length": 70,
        "new": True,
        "season": "007",
        "year": 2011,
    }


def test_each_object_may_have_its_own_names(tmp_path: Path) -> None:
    found = rows(tmp_path, {"id": 1, "title": "a"}, {"sku": "2", "name": "b"}, {"id": 3, "colour": "red"})
    assert [(row.raw_id, row.product.title) for row in found if row.product] == [
        ("1", "a"),
        ("2", "b"),
        ("3", ""),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{broken", "is no JSON"),
        (b"[1]", "is no JSON object"),
        (b"1", "is no JSON object"),
        (b'{"id": 2, "price": NaN}', "NaN is not a number"),
        (b'{"id": 2, "title": "\\u0000"}', "NUL"),
        (b'{"id": 2, "title": "\\ud800"}', "no text"),
        (b'{"id": 2, "title": "\0"}', "NUL"),
        (b'{"id": 2, "title": "\xff"}', "no text"),
        (b'{"id": 2, "a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
        (b'{"id": 2, "title": "' + b"x" * 10_000_000 + b'"}', "longer than"),
        (b'{"id": ' + b"9" * 5000 + b"}", "is no JSON"),
        (b'{"title": "a"}', "no id"),
        (b'{"id": null}', "no id"),
        (b'{"id": 1}', "already on line 1"),
    ],
)
def test_a_wrong_line_is_reported_and_the_good_ones_go_in(tmp_path: Path, line: bytes, reason: str) -> None:
    found = rows(tmp_path, {"id": 1}, line, b"", {"id": 3})
    assert [row.raw_id for row in found if row.product] == ["1", "3"]
    assert [row.line for row in found] == [1, 2, 4]
    assert reason in found[1].problem


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
items = st.lists(scalars, max_size=3) | st.dictionaries(st.text(max_size=5), scalars, max_size=3)
values = scalars | items | st.lists(items, max_size=2)
names = st.sampled_from(["title", "price", "stock", "photos", "facets", "colour", "link"])


@settings(max_examples=40)
@given(st.lists(st.dictionaries(names, values, max_size=4), min_size=1, max_size=5))
def test_any_object_is_a_product_or_a_problem(
    tmp_path_factory: pytest.TempPathFactory, objects: list[dict[str, object]]
) -> None:
    lines = [json.dumps({**fields, "id": number}).encode() for number, fields in enumerate(objects)]
    found = rows(tmp_path_factory.mktemp("feed"), *lines)
    assert [row.line for row in found] == list(range(1, len(objects) + 1))
    for row in found:
        assert row.product is not None or row.problem
        for value in row.product.facets.values() if row.product else ():
            assert isinstance(value, str | int | float | bool | tuple)
            assert json.dumps(value, allow_nan=False).encode()
