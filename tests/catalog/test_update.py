"""Changes to some fields: what is stored, what a search finds, and what is not embedded again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike import Photo, Product, ProductUpdate, Shop
from support.counting_encoders import CountingEncoders, Counts
from support.samples import goods, jpeg
from support.shop_host import ShopHost


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counts:
    """What the encoders of this test's catalogs embed."""
    encoders = CountingEncoders()
    monkeypatch.setattr("lookalike.catalog.pipeline.image_encoder", encoders.image_encoder)
    monkeypatch.setattr("lookalike.catalog.pipeline.text_encoder", encoders.text_encoder)
    return encoders.counts


@pytest.fixture
def counted(tmp_path: Path, counts: Counts) -> Iterator[Shop]:
    """The small shop behind counting encoders, with nothing counted yet."""
    with Shop.open(str(tmp_path / "counted.db")) as shop:
        shop.add(goods())
        assert counts.photos == 12
        shop.search(text="plate")
        counts.reset()
        yield shop


def update(shop: Shop, id: str, **fields: Any) -> tuple[int, int, int]:
    report = shop.update([ProductUpdate(id, fields)])
    return report.updated, report.unchanged, report.failed


def found(shop: Shop, **where: Any) -> list[str]:
    return sorted(hit.id for hit in shop.search(image=jpeg("red"), where=where, grouped=False, k=20))


def test_a_price_and_stock_embed_nothing_and_are_found_at_once(counted: Shop, counts: Counts) -> None:
    assert update(counted, "plate-red", price=7.5, stock=0, currency="EUR") == (1, 0, 0)
    assert (counts.photos, counts.texts) == (0, 0)
    assert found(counted, price={"lt": 8}) == ["plate-red"]
    assert found(counted, stock=0) == ["box-black", "plate-black", "plate-red", "slice-black"]
    assert counted.product("plate-red").currency == "EUR"


def test_a_title_embeds_its_text_and_no_photo(counted: Shop, counts: Counts) -> None:
    assert update(counted, "plate-red", title="Scarlet dish") == (1, 0, 0)
    assert (counts.photos, counts.texts) == (0, 1)
    assert counted.search(text="scarlet")[0].id == "plate-red"
    counts.reset()
    assert counted.search(image=jpeg("red"))[0].id == "plate-red"
    assert counts.photos == 1  # the query's


def test_a_photo_that_is_known_is_not_embedded_again(counted: Shop, counts: Counts) -> None:
    update(counted, "plate-red", photos=[Photo(data=jpeg("green"))])
    counted.add([Product("new", "Another red plate", photos=(Photo(data=jpeg("green")),))])
    assert counts.photos == 0
    update(counted, "plate-red", photos=[Photo(data=jpeg("green")), Photo(data=jpeg("purple"))])
    assert counts.photos == 1


def test_a_row_whose_price_changed_does_not_fetch_its_photo_again(
    host: ShopHost, tmp_path: Path, counts: Counts
) -> None:
    url = host.put("/red.jpg", jpeg("red"))
    product = Product("a", "Red plate", price=10.0, photos=(Photo(url),))
    with Shop.open(str(tmp_path / "shop.db")) as shop:
        shop.add([product])
        asked = len(host.asked)
        counts.reset()
        shop.add([replace(product, price=12.0)])
        update(shop, "a", title="Scarlet dish")
        assert len(host.asked) == asked
        assert (counts.photos, counts.texts) == (0, 1)
        assert shop.product("a").price == 12.0


def test_null_removes_a_field(shop: Shop) -> None:
    update(shop, "plate-red", price=None, group=None, description=None, **{"facets.brand": None})
    product = shop.product("plate-red")
    assert (product.price, product.group, product.description) == (None, "", "")
    assert product.facets == {"type": "Plate", "colour": "red"}


def test_one_facet_or_all_facets_are_set(shop: Shop) -> None:
    update(shop, "plate-red", **{"facets.season": ["Spring", "Summer"]})
    assert shop.product("plate-red").facets["season"] == ("Spring", "Summer")
    assert len(shop.product("plate-red").facets) == 4
    update(shop, "plate-red", facets={"colour": "pink", "brand": None})
    assert shop.product("plate-red").facets == {"colour": "pink"}


def test_an_update_that_changes_nothing_writes_nothing(shop: Shop) -> None:
    revision = shop.revision
    assert update(shop, "plate-red", price=10.0, stock=5) == (0, 1, 0)
    assert update(shop, "plate-red", title="Red Plate") == (0, 1, 0)
    assert shop.revision == revision


def test_an_import_of_the_old_row_keeps_the_update_and_a_new_row_replaces_it(shop: Shop) -> None:
    update(shop, "plate-red", price=7.5, title="Scarlet dish")
    assert shop.add(goods()).unchanged == 12
    assert (shop.product("plate-red").price, shop.product("plate-red").title) == (7.5, "Scarlet dish")
    shop.add([replace(goods()[0], price=11.0)])
    assert (shop.product("plate-red").price, shop.product("plate-red").title) == (11.0, "Red Plate")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"prize": 1}, "'prize' is not a field. Did you mean 'price'?"),
        ({"price": "cheap"}, "'price' must be a number"),
        ({"price": -1}, "'price' must be a number"),
        ({"price": float("nan")}, "'price' must be a number"),
        ({"stock": 1.5}, "'stock' must be a whole number"),
        ({"stock": True}, "'stock' must be a whole number"),
        ({"title": 7}, "'title' must be text"),
        ({"title": "a\0b"}, "'title' must be text without NUL"),
        ({"facets": {"a": {"b": 1}}}, "'facets' must be an object"),
        ({"facets.colour": {"b": 1}}, "'facets.colour' must be text"),
        ({"facets.colour": "a\0b"}, "NUL"),
        ({"photos": ["a.jpg"]}, "'photos' must be a list of photos"),
    ],
)
def test_a_wrong_update_is_reported_and_the_others_are_done(
    shop: Shop, fields: dict[str, Any], sentence: str
) -> None:
    before = shop.product("plate-red")
    report = shop.update([ProductUpdate("plate-red", fields), ProductUpdate("box-red", {"stock": 1})])
    assert (report.updated, report.failed) == (1, 1)
    assert sentence in report.problems[0].reason
    assert shop.product("plate-red") == before


@pytest.mark.parametrize("fields", [{"price": 1.0}, {"title": "New"}])
def test_an_unknown_product_is_reported(shop: Shop, fields: dict[str, Any]) -> None:
    report = shop.update([ProductUpdate("none", fields)])
    assert report.failed == 1
    assert report.problems[0].reason == "There is no product 'none'. Import it, or check the id."
    assert len(shop) == 12


def test_two_updates_of_a_product_are_both_done(shop: Shop) -> None:
    shop.update([ProductUpdate("plate-red", {"price": 1.0}), ProductUpdate("plate-red", {"title": "Dish"})])
    assert (shop.product("plate-red").price, shop.product("plate-red").title) == (1.0, "Dish")


fields = st.fixed_dictionaries(
    {},
    optional={
        "price": st.none() | st.integers(0, 99),
        "stock": st.none() | st.integers(0, 99),
        "title": st.none() | st.sampled_from(["Dish", "Bowl"]),
        "facets.colour": st.none() | st.sampled_from(["red", "pink"]),
        "link": st.none() | st.just("https://shop.example/x"),
    },
)


@settings(max_examples=20)
@given(st.lists(st.tuples(st.sampled_from(["plate-red", "box-red", "none"]), fields), max_size=6))
def test_updates_in_one_go_do_what_they_do_one_by_one(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[str, dict[str, Any]]]
) -> None:
    folder = tmp_path_factory.mktemp("shops")
    updates = [ProductUpdate(id, fields) for id, fields in changes]
    shops = [Shop.open(str(folder / name), "pixels") for name in ("together.db", "apart.db")]
    for shop in shops:
        shop.add(
            [Product("plate-red", "Plate", price=1.0), Product("box-red", "Box", facets={"colour": "red"})]
        )
    shops[0].update(updates)
    for each in updates:
        shops[1].update([each])
    assert shops[0].products() == shops[1].products()
    for shop in shops:
        shop.close()


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_facts_are_updated_in_every_database(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("postgres_url") if database == "postgres" else str(tmp_path / "shop.db")
    with Shop.open(url, "pixels") as shop:
        shop.add(goods())
        changes = {id: {"price": 3.0, "stock": None} for id in ("plate-red", "box-red", "none")}
        written = shop.catalog.database.update_facts(changes)
        assert (written.changed, written.unchanged) == ({"plate-red", "box-red"}, frozenset())
        assert shop.catalog.database.update_facts(changes).unchanged == {"plate-red", "box-red"}
        assert found(shop, price=3.0) == ["box-red", "plate-red"]
        assert shop.product("box-red").stock is None


@pytest.mark.parametrize("fields", [{"price": 7.5}, {"title": "Scarlet dish"}])
def test_an_undo_of_an_import_keeps_what_was_updated_since(shop: Shop, fields: dict[str, Any]) -> None:
    class Feed(list[Product]):
        name = "feed.csv"

    shop.add(Feed([replace(goods()[0], price=11.0), replace(goods()[1], price=12.0)]))
    update(shop, "plate-red", **fields)
    undone = shop.undo_import()
    assert (undone.restored, undone.kept) == (1, 1)
    assert {name: getattr(shop.product("plate-red"), name) for name in fields} == fields
    assert shop.product("plate-green").price == 20.0
