"""Match percentages and "No good match": there from the first import, and never in contradiction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lookalike import Photo, Product, Recipe, Results, Rule, Shop
from lookalike.catalog.state import CALIBRATION
from lookalike.encoders.recipes import RECIPES
from lookalike.search.calibration import Calibration, Scale
from lookalike.search.confidence import GOOD, descending
from lookalike.search.out_of_domain import ShopClassifier, Usual, unlike
from lookalike.search.word_coverage import asked_words, carried_share
from support.crowd import crowd, drawing, item, saved


def consistent(results: Results) -> bool:
    """Whether the matches fall, and the verdict is what the best of them says."""
    matches = [hit.match for hit in results]
    known = all(match is not None and 0 <= match <= 1 for match in matches)
    falling = all((one or 0) >= (other or 0) for one, other in pairwise(matches))
    verdict = results.good is (bool(matches) and (matches[0] or 0) >= GOOD)
    return known and falling and verdict


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with Shop.open(tmp_path_factory.mktemp("confidence") / "crowd.db") as shop:
        shop.add(crowd(60))
        yield shop


def test_right_after_the_first_import_photos_and_words_have_a_verdict(shop: Shop):
    assert shop.search(image=drawing("Box", "red", 500)).good is True
    assert shop.search(text="red box").good is True
    assert shop.search(text="red box", image=drawing("Box", "red", 501)).good is True


@pytest.mark.parametrize("words", ["iphone", "sour cream", "helicopter", "xyzzy plugh"])
def test_words_that_no_product_carries_have_no_good_match(shop: Shop, words: str):
    assert shop.search(text=words).good is False


def test_the_own_photo_of_a_product_has_a_good_match_in_any_size(shop: Shop):
    photo = drawing("Ring", "green", 5).resize((280, 280))
    assert shop.search(image=saved(photo, 80)).good is True


@pytest.mark.parametrize("image", [True, False])
@pytest.mark.parametrize("text", ["red box", "green", "but black", "helicopter", ""])
def test_the_match_never_increases_down_the_list_and_agrees_with_the_verdict(
    shop: Shop, text: str, image: bool
):
    if not text and not image:
        return
    photo = drawing("Box", "red", 77) if image else None
    for k in (1, 7, 60):
        assert consistent(shop.search(text=text or None, image=photo, k=k))


def test_every_page_of_a_search_says_the_same(shop: Shop):
    pages = [
        shop.search(image=drawing("Plate", "blue", 88), k=12, offset=offset) for offset in range(0, 60, 12)
    ]
    assert len({page.good for page in pages}) == 1
    matches = [hit.match or 0 for page in pages for hit in page]
    assert matches == sorted(matches, reverse=True)


def test_neither_the_order_nor_the_length_of_the_page_changes_a_match(shop: Shop):
    long = shop.search(text="red box", k=20)
    assert [hit.match for hit in shop.search(text="red box", k=3)] == [hit.match for hit in long][:3]
    by_price = shop.search(text="red box", k=20, sort="price")
    assert by_price.good == long.good
    assert all((hit.match or 0) <= (long[0].match or 0) for hit in by_price)


def test_a_search_writes_nothing_and_another_process_reads_what_the_import_stored(shop: Shop):
    revision = shop.revision
    with Shop.open(shop.url) as other:
        assert other.search(text="red box").hits == shop.search(text="red box").hits
        assert other.revision == revision


def test_a_list_that_rules_reorder_stays_consistent(tmp_path: Path):
    with Shop.open(tmp_path / "ruled.db") as shop:
        shop.add(crowd(40))
        worst = shop.search(text="red box", k=40)[-1].id
        shop.put_rules([Rule("pin", "pin", products=(worst,))])
        found = shop.search(text="red box", k=20)
        assert found[0].id == worst
        assert consistent(found)


def one(shop: Shop) -> None:
    shop.add(crowd(1))


def copies_of_one_photo(shop: Shop) -> None:
    photo = saved(drawing("Box", "red", 1))
    shop.add(item(number, "Box", "red", photo) for number in range(30))


def without_titles(shop: Shop) -> None:
    shop.add(replace(each, title="", facets={}) for each in crowd(24))


def identical_titles(shop: Shop) -> None:
    shop.add(replace(each, title="Thing") for each in crowd(24))


def thai(shop: Shop) -> None:
    shop.add(replace(each, title=f"กล่องสีแดง {number}", facets={}) for number, each in enumerate(crowd(24)))


def without_photos(shop: Shop) -> None:
    shop.add(replace(each, photos=()) for each in crowd(24))


@pytest.mark.parametrize(
    "fill", [one, copies_of_one_photo, without_titles, identical_titles, thai, without_photos]
)
def test_odd_shops_answer_with_a_match_and_a_verdict(tmp_path: Path, fill: object):
    with Shop.open(tmp_path / "odd.db") as shop:
        assert callable(fill)
        fill(shop)
        assert consistent(shop.search(image=drawing("Box", "red", 1)))
        assert consistent(shop.search(text="red box"))
        assert consistent(shop.search(text="กล่องสีแดง"))
        assert consistent(shop.search(text="helicopter"))


def test_copies_of_one_photo_are_found_by_it(tmp_path: Path):
    with Shop.open(tmp_path / "odd.db") as shop:
        copies_of_one_photo(shop)
        assert shop.search(image=saved(drawing("Box", "red", 1))).good is True


def made_by(**changes: object) -> Recipe:
    return replace(RECIPES["pixels"], name="other", **changes)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    "recipe",
    [
        RECIPES["pixels"],
        made_by(metric="euclidean"),
        made_by(metric="dot"),
        made_by(text=""),
        made_by(image=""),
        replace(RECIPES["builtin"], components=16),
        replace(RECIPES["builtin"], metric="euclidean"),
    ],
    ids=["pixels", "euclidean", "dot", "no text", "no photos", "reduced", "builtin euclidean"],
)
def test_other_recipes_judge_too(tmp_path: Path, recipe: Recipe):
    with Shop.open(tmp_path / "other.db", recipe) as shop:
        shop.add(crowd(36))
        if recipe.image:
            assert consistent(shop.search(image=drawing("Box", "red", 1)))
        if recipe.text:
            assert consistent(shop.search(text="red box"))
            assert shop.search(text="red box").good is True
            assert shop.search(text="helicopter").good is False


@pytest.mark.parametrize("words", ["but green", "green", "helicopter"])
def test_words_on_top_of_a_photo_have_no_verdict_where_they_are_in_another_space(tmp_path: Path, words: str):
    with Shop.open(tmp_path / "pixels.db", "pixels") as shop:
        shop.add(crowd(36))
        found = shop.search(image=drawing("Box", "blue", 1), text=words)
        assert found.good is None
        assert {hit.match for hit in found} == {None}


def test_a_catalog_that_doubles_overnight_with_other_goods_is_learned_anew(tmp_path: Path):
    with Shop.open(tmp_path / "night.db") as shop:
        shop.add(crowd(30))
        stored = shop.catalog.settings[CALIBRATION]
        shop.add([item(500, "Box", "red", saved(drawing("Box", "red", 500)))])
        assert shop.catalog.settings[CALIBRATION] == stored
        other = [Product(f"n{n}", f"Noise {n}", photos=(Photo(data=saved(noise(n))),)) for n in range(31)]
        shop.add(other)
        assert shop.catalog.settings[CALIBRATION] != stored
        assert shop.search(image=noise(3)).good is True
        assert shop.search(image=drawing("Box", "red", 7)).good is True


def noise(number: int) -> Image.Image:
    pixels = np.random.default_rng(number).integers(0, 255, (140, 140, 3)).astype(np.uint8)
    return Image.fromarray(pixels)


@given(st.lists(st.floats(0, 1), max_size=30))
def test_the_projection_falls_and_keeps_the_mean(matches: list[float]):
    found = descending(matches)
    assert all(one >= other - 1e-12 for one, other in pairwise(found))
    assert sum(found) == pytest.approx(sum(matches))
    if matches == sorted(matches, reverse=True):
        assert found == matches


def test_what_was_learned_comes_back_from_bytes(shop: Shop):
    stored = shop.catalog.database.fit(shop.catalog.settings[CALIBRATION])
    assert stored is not None
    found = Calibration.loads(stored)
    assert Calibration.loads(found.dumps()).dumps() == found.dumps()
    assert found.fits(shop.catalog.encoding)
    assert not found.fits(replace(shop.catalog.encoding, image_space="another"))


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_a_classifier_tells_the_shop_from_the_world_and_leaves_out_what_is_like_the_shop():
    dice = np.random.default_rng(0)

    def drawn(count: int, towards: int) -> np.ndarray:
        return unit(dice.normal(0, 0.3, (count, 24)) + np.eye(24)[towards])

    own, strange = drawn(200, 0), np.concatenate([drawn(40, towards) for towards in range(1, 8)])
    world = np.concatenate([drawn(60, 0), strange])
    assert len(set(range(60)) & set(unlike(own, world).tolist())) < 30
    found = ShopClassifier.fit(own, world, Usual(0.8, 0.5))
    assert np.mean([found.place(row) > -1.5 for row in drawn(100, 0)]) > 0.9
    assert np.mean([found.place(row) < -1.5 for row in drawn(100, 3)]) > 0.9


def test_few_values_are_pulled_towards_other_shops():
    elsewhere = Usual(0.9, 0.1)
    assert Usual.of(np.zeros(0), elsewhere) == elsewhere
    assert Usual.of(np.array([0.5]), elsewhere).middle > 0.85
    assert Usual.of(np.full(2000, 0.5), elsewhere).middle < 0.51


def test_without_evidence_the_scale_of_the_prior_holds():
    assert Scale().match(0.0) == 0.5


@pytest.mark.parametrize(
    ("words", "share"),
    [("a red box", 1.0), ("boxes", 1.0), ("BOX", 1.0), ("ox", 0.0), ("foxes", 0.0), ("blue box", 0.5)],
)
def test_the_share_of_words_that_a_product_carries(words: str, share: float):
    product = Product("1", title="A set of red boxes", facets={"type": "Box"})
    assert carried_share(asked_words(words), product) == share


def test_a_word_that_only_the_description_says_counts_half():
    jeans = Product("1", title="Slim jeans", description="A soft wash.", facets={"color": "blue"})
    assert carried_share(("washing", "machine"), jeans) == 0.25
    assert carried_share(("blue", "jeans"), jeans) == 1.0
