"""Which query words are replaced by words of the catalog, and which are not."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.lexical import Document, LexicalIndex, WordQuery, search
from lookalike.lexical.english import FILE, same_noun
from lookalike.lexical.query import Reading
from lookalike.types import Correction

TITLES = (
    "Home & garden chair",
    "Garden home lamp",
    "Tennis jacket for women",
    "Blue coat",
    "House boots",
    "Water heater with ratchet",
    "Grey jewelry box",
    "Hoodies and scarves",
    "Soft tooth brush",
    "Pet seat for the car",
    "Cabinet in a cabin",
    "Remote control, volume control, controller",
    "Stainless refrigerator",
)
NOUNS = [line.split()[0] for line in gzip.decompress(FILE.read_bytes()).decode().splitlines()]


def reading(text: str, titles: tuple[str, ...] = TITLES, language: str = "en") -> Reading:
    index = LexicalIndex(language)
    index.apply([Document(str(number), title) for number, title in enumerate(titles)], [], 1)
    return search(index.view(), WordQuery(text)).reading


@pytest.mark.parametrize(
    ("typed", "unsold"),
    [
        ("garden hose", "hose"),
        ("tennis racket", "racket"),
        ("boat", "boat"),
        ("blue goat", "goat"),
        ("horse boots", "horse"),
        ("carpet", "carpet"),
    ],
)
def test_a_noun_that_the_shop_does_not_sell_is_not_another_word(typed: str, unsold: str) -> None:
    found = reading(typed)
    assert found.corrected == ()
    assert unsold in found.unknown


def test_a_noun_is_not_half_typed_where_nothing_else_in_the_query_is_sold() -> None:
    jackets = ("Biker jacket", "Denim jacket")
    assert reading("mountain bike", jackets).unknown == ("mountain", "bike")
    assert reading("denim bike", jackets).unknown == ()


@given(st.sampled_from(NOUNS), st.sampled_from(NOUNS), st.booleans())
def test_nouns_are_only_corrected_to_themselves(typed: str, sold: str, beside: bool) -> None:
    found = reading(f"garden {typed}" if beside else typed, (f"garden {sold}",))
    assert all(same_noun(each.typed, each.meant) for each in found.corrected if " " not in each.meant)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("gray box", "grey"),
        ("jewellery", "jewelry"),
        ("woman jacket", "women"),
        ("womens jacket", "women"),
        ("scarf", "scarves"),
        ("hoodie", "hoodies"),
        ("hoody", "hoodies"),
        ("toothbrush", "tooth"),
    ],
)
def test_other_forms_and_spellings_of_a_noun_are_found(typed: str, found: str) -> None:
    index = LexicalIndex("en")
    index.apply([Document(title, title) for title in TITLES], [], 1)
    best = search(index.view(), WordQuery(typed)).best(1)
    assert found in best[0][0].lower()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("rachet", "ratchet"),
        ("heatr", "heater"),
        ("cabinnet", "cabinet"),
        ("refrigirater", "refrigerator"),
        ("refigaritor", "refrigerator"),
    ],
)
def test_misspelled_nouns_are_corrected(typed: str, meant: str) -> None:
    assert reading(typed).corrected == (Correction(typed, meant),)


def test_of_words_with_one_stem_the_closest_in_spelling_is_meant() -> None:
    assert reading("controler").groups[0].alternatives[0].word == "controller"


def test_english_nouns_are_ordinary_words_in_other_languages() -> None:
    assert reading("hose", ("Rote Hosen für Damen", "Hase"), "de").unknown == ()
    assert reading("boat", ("Rotes Boot",), "de").corrected == (Correction("boat", "boot"),)
