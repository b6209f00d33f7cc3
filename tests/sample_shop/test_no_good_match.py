"""What the sample shop says to a first visitor who looks for something that it does not sell."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from lookalike import Shop
from lookalike.analysis.evaluate.out_of_domain import photos_in, refused
from lookalike.analysis.evaluate.out_of_domain_words import STRANGERS
from lookalike.search.confidence import GOOD
from lookalike.search.prior import shipped_prior
from lookalike_sample_shop import SAMPLES, offer, sample_photo
from lookalike_sample_shop.assortment import articles

EVERY_NTH = 4


def silent(what: str, done: int, total: int) -> None:
    pass


def packed_anew(photo: bytes) -> bytes:
    """The photo as another program would save it: larger, and compressed once more."""
    picture = Image.open(io.BytesIO(photo)).convert("RGB")
    buffer = io.BytesIO()
    picture.resize((picture.width * 2, picture.height * 2)).save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A part of the sample shop, right after its import."""
    with Shop.open(str(tmp_path_factory.mktemp("demo") / "demo.db")) as shop:
        shop.add(offer(article) for article in articles()[::EVERY_NTH])
        yield shop


@pytest.mark.parametrize("words", ["refrigerator", "laptop computer", "car tyre", "mountain bike", "qwerty"])
def test_words_for_other_things_have_no_good_match(shop: Shop, words: str) -> None:
    assert shop.search(text=words).good is False


@pytest.mark.parametrize(
    "words", ["red dress", "a warm jacket", "boots", "sneaker", "navy shirts for men", "office shirt"]
)
def test_words_for_what_is_sold_have_one(shop: Shop, words: str) -> None:
    assert shop.search(text=words).good is True


@pytest.mark.parametrize("words", ["sneekers", "jakcet", "trousres", "handbg", "sunglases"])
def test_misspelt_words_for_what_is_sold_have_one(shop: Shop, words: str) -> None:
    assert shop.search(text=words).good is True


@pytest.mark.parametrize(
    ("words", "kind"),
    [("trainers", "Sneakers"), ("rucksack", "Backpacks"), ("gown", "Dresses"), ("jumper", "Sweaters")],
)
def test_other_names_for_what_is_sold_have_one(shop: Shop, words: str, kind: str) -> None:
    found = shop.search(text=words)
    assert found.good is True
    assert found[0].product.facets["type"] == kind


@pytest.mark.parametrize("words", ["boat", "kitchen", "milk", "puzzle"])
def test_another_word_that_is_spelt_like_what_is_sold_has_none(shop: Shop, words: str) -> None:
    found = shop.search(text=words)
    assert found.good is False
    assert all(hit.match is not None and hit.match < GOOD for hit in found)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_photo_has_one(shop: Shop, name: str) -> None:
    assert shop.search(image=sample_photo(name)).good is True


def test_the_own_photo_of_a_product_has_one_whatever_it_looks_like(shop: Shop) -> None:
    photos = [packed_anew(shop.photo(product.photos[0].id).data) for product in shop.products(limit=100)]
    assert all(shop.search(image=photo).good for photo in photos)
    # Nor does the page decide whether the shop has it.
    assert all(shop.search(image=photo, offset=24).good for photo in photos[:10])


def test_the_prior_belongs_to_the_encoder_that_ships(shop: Shop) -> None:
    prior, encoding = shipped_prior(), shop.catalog.encoding
    assert (prior.image_space, prior.text_space) == (encoding.image_space, encoding.text_space)


def test_of_things_that_are_not_sold_hardly_any_has_one(shop: Shop) -> None:
    missed = [word for word in STRANGERS if shop.search(text=word).good is False]
    assert len(missed) > 0.9 * len(STRANGERS)


def test_most_real_photos_of_other_things_have_none_and_real_clothes_have_one(
    shop: Shop, shared: Path
) -> None:
    other = photos_in(shared / "data" / "objects")
    clothes = photos_in(shared / "data" / "clothing")
    assert refused(shop, other[:: len(other) // 100], silent) > 0.8
    assert refused(shop, clothes[:: len(clothes) // 60], silent) < 0.1


@pytest.mark.parametrize("words", ["tennis racket", "washing machine"])
def test_words_of_which_only_the_spelling_is_near_are_not_corrected_and_have_none(
    shop: Shop, words: str
) -> None:
    found = shop.search(text=words)
    assert found.good is False
    assert found.interpretation is not None
    assert found.interpretation.corrections == ()
