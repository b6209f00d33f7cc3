"""Which source lists which product, through every database there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lookalike.database import Batch, Database, Written, open_database
from lookalike.database.rows import RowsDatabase
from lookalike.types import Product


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "shop.db") if request.param == "sqlite" else request.getfixturevalue("postgres_url")


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    with closing(open_database(url)) as database:
        yield database


def put(database: Database, *products: Product) -> None:
    database.write(Batch(products=[Written(product, b"digest") for product in products]))


def test_a_product_belongs_to_the_sources_that_list_it(database: Database) -> None:
    put(database, *map(Product, ("a", "b", "c", "d")))
    listings = database.source_products
    listings.note("one", ["a", "b", "unknown"])
    listings.note("two", ["b", "c"])
    listings.note("one", ["a"])
    assert sorted(listings.ids("one")) == ["a", "b"]
    assert (listings.count("one"), listings.count("two"), listings.count("three")) == (2, 2, 0)
    assert listings.among("one", ["c", "b"]) == ["b"]
    assert listings.listed_only_by("one", ["a", "b", "c", "d"]) == ["a"]
    listings.forget("one", ["b", "c"])
    assert listings.listed_only_by("two", ["b"]) == ["b"]
    listings.remove("two")
    assert listings.ids("two") == []


def test_a_product_that_is_changed_keeps_its_source_and_one_that_is_removed_does_not(
    database: Database,
) -> None:
    put(database, Product("a"), Product("b"))
    database.source_products.note("one", ["a", "b"])
    put(database, Product("a", "Lamp"))
    database.remove(["b"])
    put(database, Product("b"))
    assert database.source_products.ids("one") == ["a"]


def test_products_are_found_by_their_groups_however_long(database: Database) -> None:
    long = "g" * 5000
    put(database, Product("a", group="1"), Product("b", group="2"), Product("c", group=long))
    put(database, Product("d", group=long + "x"), Product("e", group="1"))
    listings = database.source_products
    listings.note("one", ["a", "b", "c", "d"])
    assert sorted(listings.in_groups("one", ["1", long])) == ["a", "c"]
    assert listings.in_groups("one", []) == []


def test_many_products_are_noted_and_found(database: Database) -> None:
    ids = [f"p{number}" for number in range(1_234)]
    put(database, *(Product(id, group=id) for id in ids))
    listings = database.source_products
    listings.note("one", ids)
    assert sorted(listings.ids("one")) == sorted(listings.in_groups("one", ids)) == sorted(ids)


@pytest.fixture
def written_earlier(url: str) -> Callable[..., None]:
    """A catalog as the version before this table wrote it, with these sources."""

    def write(*sources: str) -> None:
        with closing(open_database(url)) as database:
            put(database, Product("a"), Product("b"))
            for source in sources:
                database.sources.put(source, "https://shop.example/feed")
            assert isinstance(database, RowsDatabase)
            with database.connections.write() as session:
                session.rows("DROP TABLE source_products")
                session.rows("ALTER TABLE sources DROP COLUMN full_read")
                session.rows("DELETE FROM migrations WHERE name = '0012-source-products'")

    return write


def test_an_earlier_catalog_with_one_source_has_all_products_from_it(
    url: str, written_earlier: Callable[..., None]
) -> None:
    written_earlier("one")
    with closing(open_database(url)) as database:
        assert sorted(database.source_products.ids("one")) == ["a", "b"]
        assert [source.full_read for source in database.sources.all()] == [0.0]


@pytest.mark.parametrize("sources", [(), ("one", "two")])
def test_an_earlier_catalog_with_no_source_or_several_has_products_of_none(
    url: str, written_earlier: Callable[..., None], sources: tuple[str, ...]
) -> None:
    written_earlier(*sources)
    with closing(open_database(url)) as database:
        assert [database.source_products.count(source) for source in sources] == [0] * len(sources)
        assert database.count() == 2
