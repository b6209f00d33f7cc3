"""Products written as CSV: safe in a spreadsheet, and read back as they were."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lookalike.feeds import export_csv, read_feed
from lookalike.feeds.values import category_path, facet_of_text
from lookalike.types import Photo, Product

SHIRT = Product(
    id="1",
    title="Shirt",
    description="Blue, of cotton",
    facets={"colour": "blue", "sizes": ("S", "M"), "year": 2011, "weight": 0.5},
    price=12.5,
    currency="EUR",
    stock=3,
    group="shirts",
    link="https://shop.example/1",
    photos=(Photo("https://x/1.jpg"), Photo("https://x/2.jpg"), Photo(data=b"picture")),
)


def exported(*products: Product) -> str:
    stream = io.StringIO(newline="")
    export_csv(products, stream)
    return stream.getvalue()


def read_back(folder: Path, text: str) -> list[Product]:
    (folder / "feed.csv").write_bytes(text.encode())
    rows = list(read_feed(folder / "feed.csv"))
    assert not any(row.problem for row in rows)
    return [row.product for row in rows if row.product]


def test_what_is_exported_is_imported_again(tmp_path: Path) -> None:
    hat = Product(id="2", facets={"brim": "wide"})
    first, second = read_back(tmp_path, exported(SHIRT, hat))
    assert [photo.source for photo in first.photos] == ["https://x/1.jpg", "https://x/2.jpg"]
    assert (first.title, first.price, first.currency, first.stock) == ("Shirt", 12.5, "EUR", 3)
    assert (first.group, first.link, first.description) == (SHIRT.group, SHIRT.link, SHIRT.description)
    assert first.facets == SHIRT.facets
    assert second == hat


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "'=", "''="])
def test_no_cell_starts_as_a_formula_and_none_is_changed_by_the_way(tmp_path: Path, start: str) -> None:
    text = f'{start}cmd|"/C calc"!A0'
    product = Product(id=f"{start.strip()}1", title=text, description=text, facets={"note": text}, group=text)
    written = exported(product)
    for row in list(csv.reader(io.StringIO(written, newline="")))[1:]:
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in row)
    (back,) = read_back(tmp_path, written)
    assert back == product


def test_with_the_names_of_the_facets_products_are_written_as_they_come() -> None:
    stream = io.StringIO()

    def products() -> list[Product]:
        assert stream.getvalue().startswith("id,title,")
        return [SHIRT]

    export_csv((product for make in [products] for product in make()), stream, ["colour"])
    assert stream.getvalue().splitlines()[1].endswith(",blue")


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30).map(
    lambda text: text.strip(" \u00a0")
)


@given(
    texts,
    texts,
    texts.filter(lambda text: text and facet_of_text(text) == text and not category_path(text)),
)
@example("", "", "0>0")
def test_any_text_survives_export_and_import(
    tmp_path_factory: pytest.TempPathFactory, title: str, description: str, note: str
) -> None:
    product = Product(id="1", title=title, description=description, facets={"note": note})
    assert read_back(tmp_path_factory.mktemp("feed"), exported(product)) == [product]


def test_a_facet_that_is_called_as_a_field_is_neither_lost_nor_taken_for_it(tmp_path: Path) -> None:
    (back,) = read_back(tmp_path, exported(Product(id="1", title="Shirt", facets={"id": 7, "=x": "y"})))
    assert (back.id, back.title, back.facets) == ("1", "Shirt", {"id 2": 7, "=x": "y"})
