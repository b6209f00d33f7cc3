"""Bytes that changed on the disk are noticed; they cost their row and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from lookalike import Photo, Product, Shop
from lookalike.errors import BadText
from support.samples import jpeg

COLOURS = ("red", "green", "blue", "yellow")


@pytest.fixture
def feed(tmp_path: Path) -> list[Product]:
    products: list[Product] = []
    for colour in COLOURS:
        file = tmp_path / f"{colour}.jpg"
        file.write_bytes(jpeg(colour))
        products.append(Product(colour, f"{colour} box", photos=(Photo(str(file)),)))
    return products


@pytest.fixture
def path(tmp_path: Path, feed: list[Product]) -> Path:
    file = tmp_path / "shop.db"
    with Shop.open(file, "builtin") as shop:
        shop.add(feed)
    return file


def flip(path: Path, table: str, column: str, key: str) -> None:
    """Change one bit of a stored value behind the program's back."""
    raw = apsw.Connection(str(path))
    ((data,),) = raw.execute(f"SELECT {column} FROM {table} WHERE {key}").fetchall()
    raw.execute(
        f"UPDATE {table} SET {column} = ? WHERE {key}", (data[:-7] + bytes([data[-7] ^ 4]) + data[-6:],)
    )
    raw.close()


def number_of(path: Path, product: str) -> str:
    raw = apsw.Connection(str(path))
    ((photo,),) = raw.execute(
        "SELECT f.photo FROM product_photos f JOIN products p ON p.number = f.product WHERE p.id = ?",
        (product,),
    ).fetchall()
    raw.close()
    return str(photo)


def test_a_damaged_photo_is_not_shown_and_comes_back_with_the_next_import(
    path: Path, feed: list[Product]
) -> None:
    photo = number_of(path, "red")
    flip(path, "photos", "data", f"id = '{photo}'")
    with Shop.open(path) as shop:
        assert shop.catalog.database.photo(photo) is None
        assert shop.catalog.database.photo(number_of(path, "blue")) is not None
        report = shop.catalog.database.verify()
        assert [(each.table, each.products) for each in report.damaged] == [("photos", ("red",))]
        shop.add(feed)
        assert shop.catalog.database.photo(photo) is not None
        assert shop.catalog.database.verify().sound


def test_a_damaged_vector_disables_its_row_alone(path: Path, feed: list[Product]) -> None:
    photo = number_of(path, "red")
    flip(path, "photo_vectors", "vector", f"photo = '{photo}'")
    with Shop.open(path) as shop:
        found = [hit.id for hit in shop.search(image=jpeg("red"), k=4)]
        assert set(found[:3]) == {"blue", "green", "yellow"}
        assert [each.table for each in shop.catalog.database.verify().damaged] == ["photo_vectors"]
        shop.add(feed)
        assert shop.search(image=jpeg("red"), k=1)[0].id == "red"
        assert shop.catalog.database.verify().sound


def test_damaged_facets_hide_the_product_and_are_reported(path: Path) -> None:
    raw = apsw.Connection(str(path))
    raw.execute("UPDATE products SET facets = '{broken' WHERE id = 'red'")
    raw.close()
    with Shop.open(path) as shop:
        assert sorted(product.id for product in shop.catalog.database.all_products()) == [
            "blue",
            "green",
            "yellow",
        ]
        assert [each.table for each in shop.catalog.database.verify().damaged] == ["products"]


@pytest.mark.parametrize("field", ["id", "title", "description", "currency", "group", "link"])
def test_a_nul_character_is_rejected_with_its_field(path: Path, field: str) -> None:
    with Shop.open(path) as shop:
        report = shop.add([replace(Product("n", "Shoe"), **{field: "nul\0here"}), Product("fine", "Hat")])
        assert (report.added, report.failed) == (1, 1)
        assert f"'{field}' contains a NUL character" in report.problems[0].reason


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_a_nul_character_in_what_is_asked_is_rejected(
    request: pytest.FixtureRequest, tmp_path: Path, backend: str
) -> None:
    url = str(tmp_path / "n.db") if backend == "sqlite" else request.getfixturevalue("postgres_url")
    with Shop.open(url, "pixels") as shop:
        database = shop.catalog.database
        for ask in (database.photo, database.jobs.get, shop.catalog.product):
            with pytest.raises(BadText, match="NUL"):
                ask("a\0b")
