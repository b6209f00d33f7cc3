"""Search results in another order than best first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as some

import lookalike
from lookalike import Photo, Product, Rule, Shop
from lookalike.errors import BadQuery
from support.samples import goods, jpeg

EVERYTHING = -1e9


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Twelve products, one without a price, and three that know their year."""
    years = [
        Product(
            id=f"year-{year}",
            title=f"Of {year}",
            facets={"year": float(year)},
            photos=(Photo(data=jpeg("red")),),
        )
        for year in (2011, 2013, 2012)
    ]
    file = tmp_path_factory.mktemp("ordering") / "shop.db"
    with lookalike.open(str(file), recipe="pixels") as shop:
        shop.add([*goods(), *years])
        yield shop


def prices(results: lookalike.Results) -> list[float | None]:
    return [hit.product.price for hit in results]


@pytest.mark.parametrize(("sort", "backwards"), [("price", False), ("-price", True)])
def test_all_that_passes_is_sorted_and_what_has_no_price_comes_last(
    shop: Shop, sort: str, backwards: bool
) -> None:
    found = shop.search(image=jpeg("red"), sort=sort, min_score=EVERYTHING, grouped=False, k=50)
    assert len(found) == found.total == 15
    known = [price for price in prices(found) if price is not None]
    assert known == sorted(known, reverse=backwards)
    assert prices(found)[-3:] == [None] * 3


def test_titles_are_sorted_as_people_sort_them_and_facets_by_their_values(shop: Shop) -> None:
    by_title = [hit.title for hit in shop.search(text="box", sort="title", grouped=False)]
    assert by_title == sorted(by_title, key=str.casefold)
    latest = shop.search(image=jpeg("red"), sort="-year", min_score=EVERYTHING)
    assert [hit.id for hit in latest][:3] == ["year-2013", "year-2012", "year-2011"]


def test_what_came_into_the_catalog_last_is_newest(shop: Shop) -> None:
    newest = [hit.id for hit in shop.search(image=jpeg("red"), sort="newest", min_score=EVERYTHING, k=50)]
    assert newest[:3] == ["year-2012", "year-2013", "year-2011"]
    oldest = shop.search(image=jpeg("red"), sort="-newest", min_score=EVERYTHING, k=50)
    assert [hit.id for hit in oldest] == newest[::-1]


def test_only_what_comes_near_is_sorted_unless_a_least_score_is_given(shop: Shop) -> None:
    near = shop.search(image=jpeg("blue", "Box"), sort="price", k=50)
    assert "box-blue" in [hit.id for hit in near]
    assert near.total == len(near) < 10
    best = shop.search(image=jpeg("blue", "Box"), k=50)
    left_out = {hit.id: hit.score for hit in best if hit.id not in {each.id for each in near}}
    assert max(left_out.values()) < min(hit.score for hit in near)


@given(k=some.integers(1, 6))
def test_pages_follow_each_other_without_a_gap(shop: Shop, k: int) -> None:
    whole = shop.search(image=jpeg("red"), sort="price", k=50)
    pages = [
        hit.id
        for offset in range(0, whole.total, k)
        for hit in shop.search(image=jpeg("red"), sort="price", k=k, offset=offset)
    ]
    assert pages == [hit.id for hit in whole]


def test_what_nothing_can_be_sorted_by_is_refused_with_what_there_is(shop: Shop) -> None:
    with pytest.raises(BadQuery, match=r"(?i)sort by title, "):
        shop.search(text="box", sort="weight")


def test_a_question_without_an_answer_stays_without_one_when_sorted(shop: Shop) -> None:
    assert shop.search(text="umbrella", sort="price").total == 0


def test_of_the_rules_only_what_is_hidden_counts_in_a_sorted_answer(shop: Shop) -> None:
    shop.put_rules(
        [
            Rule("recall", "hide", products=("box-red",)),
            Rule("first", "pin", products=("box-black",), position=1),
        ]
    )
    found = shop.search(text="box", sort="price", min_score=EVERYTHING, grouped=False, k=50)
    shop.put_rules([])
    assert "box-red" not in [hit.id for hit in found]
    assert [price for price in prices(found) if price] == sorted(price for price in prices(found) if price)
