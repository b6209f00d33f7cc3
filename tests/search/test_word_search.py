"""Words and vectors together: what is typed, what is searched, and what the catalog makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import lookalike
from lookalike import Photo, Product, Rule, Shop
from lookalike.errors import BadQuery
from lookalike.types import WordSettings
from support.samples import goods, jpeg


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """Twelve products, and one that has no photo."""
    with lookalike.open(tmp_path / "shop.db", recipe="pixels") as shop:
        shop.add([*goods(), Product(id="cup-1", title="Porcelain cup with a handle", facets={"type": "Cup"})])
        yield shop


def ids(results: lookalike.Results) -> list[str]:
    return [hit.id for hit in results]


def test_a_typo_finds_what_the_right_word_finds(shop: Shop) -> None:
    assert (
        ids(shop.search(text="gren plate", k=1))
        == ids(shop.search(text="green plate", k=1))
        == ["plate-green"]
    )


def test_a_product_without_a_photo_is_found_first_by_its_words(shop: Shop) -> None:
    assert ids(shop.search(text="porcelain cup", k=1)) == ["cup-1"]


def test_words_follow_every_write(shop: Shop) -> None:
    assert not shop.search(text="teapot", k=1)[:1] or shop.search(text="teapot", k=1).interpretation.unknown
    shop.add([Product(id="pot-1", title="Iron teapot", photos=(Photo(data=jpeg("black")),))])
    assert ids(shop.search(text="teapot", k=1)) == ["pot-1"]
    shop.catalog.remove(["pot-1"])
    assert "pot-1" not in ids(shop.search(text="teapot", k=20))


def test_the_weight_of_words_goes_from_meaning_alone_to_words_alone(shop: Shop) -> None:
    words = shop.search(text="green", k=3, word_weight=1.0)
    assert all("words" in hit.parts for hit in words)
    meaning = shop.search(text="green", k=3, word_weight=0.0)
    assert meaning[0].score == pytest.approx(meaning[0].parts["text"], abs=1e-5)
    with pytest.raises(BadQuery, match="word_weight"):
        shop.search(text="green", word_weight=1.5)


def test_an_excluded_word_is_in_no_hit_that_carries_the_others(shop: Shop) -> None:
    found = shop.search(text="plate -green", k=20)
    assert all("Green" not in hit.title for hit in found if hit.named)
    assert found.total == 3


def test_a_filter_that_is_asked_for_outright_goes_before_one_in_the_words(shop: Shop) -> None:
    found = shop.search(text="box under 15", where={"price": {"gt": 15}}, k=20)
    assert {hit.id for hit in found if hit.named} == {"box-green", "box-blue", "box-black"}


def test_where_no_word_is_known_the_nearest_are_the_answer(shop: Shop) -> None:
    found = shop.search(text="xqzzyw", k=5, count=("colour",))
    assert found.interpretation is not None
    assert found.interpretation.unknown == ("xqzzyw",)
    assert not any(hit.named for hit in found)


def test_a_synonym_finds_what_its_word_finds(shop: Shop) -> None:
    shop.put_rules([Rule(id="dish", action="synonym", words=("dish", "plate"))])
    assert {hit.id for hit in shop.search(text="red dish", k=1)} == {"plate-red"}


def test_suggestions_come_with_categories_brands_and_photos(shop: Shop) -> None:
    found = shop.suggest("pla")
    assert found.completions[0].text == "plate"
    assert [(each.field, each.value, each.products) for each in found.categories] == [("type", "Plate", 4)]
    assert all(hit.photo for hit in found.products)
    assert [each.value for each in shop.suggest("acm").brands] == ["Acme"]
    with pytest.raises(BadQuery, match="k must be"):
        shop.suggest("pla", k=0)


def test_the_language_of_the_words_can_be_changed(shop: Shop) -> None:
    shop.add([Product(id="schuh", title="Rote Schuhe", photos=(Photo(data=jpeg("red")),))])
    shop.put_word_settings(WordSettings(language="de"))
    found = shop.search(text="roter schuh", k=1)
    assert (ids(found), found[0].named) == (["schuh"], True)
    with pytest.raises(BadQuery, match="klingon"):
        shop.search(text="schuh", language="klingon")


@pytest.mark.parametrize("text", ["...", "\0", '"', "a" * 1999, "-red", "under 5", "👠 مرحبا"])
def test_any_text_is_answered(shop: Shop, text: str) -> None:
    assert len(shop.search(text=text, k=3)) <= 3


def test_a_text_that_is_too_long_is_refused(shop: Shop) -> None:
    with pytest.raises(BadQuery, match="2000 letters"):
        shop.search(text="a" * 2001)
