"""Text is read the same however it is written: case, accents, hyphens, apostrophes, scripts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.lexical import languages
from lookalike.lexical.analysis import LONGEST_WORD, fold, spans, split_token, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Men’s T-Shirt", ["mens", "t", "shirt"]),
        ("ÉCLAIR straße Größe", ["eclair", "strasse", "grosse"]),
        ("43,2 cm und 43.2", ["43.2", "cm", "und", "43.2"]),
        ("Black/White, red", ["black", "white", "red"]),
        ("dv7-1211ea", ["dv7", "1211ea"]),
        ("東京タワー", ["東京", "京タ", "タワ", "ワー"]),
        ("靴", ["靴"]),
        ("कपड़े", [fold("कपड़े")]),
        ("حقيبة جلدية", ["حقيبة", "جلدية"]),
        ("👠 shoes 👢", ["shoes"]),
        ("... -- !?", []),
        ("", []),
    ],
)
def test_a_text_is_read_as_its_words(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_a_hyphenated_word_is_also_one_word_and_alternatives_are_not() -> None:
    assert split_token("T-Shirt").joined == "tshirt"
    assert split_token("dv7-1211ea").joined == "dv71211ea"
    assert split_token("Black/White").joined == ""


@given(st.text(max_size=300))
def test_any_text_can_be_read_and_every_span_lies_in_it(text: str) -> None:
    end = 0
    for span in spans(text):
        assert end <= span.start < span.end <= len(text)
        end = span.end
        for word in span.words.words:
            assert 0 < len(word) <= LONGEST_WORD
            assert fold(word) == word


@pytest.mark.parametrize(
    ("words", "singular"),
    [("shoes", "shoe"), ("dresses", "dress"), ("dress", "dress"), ("watches", "watch"), ("babies", "baby")],
)
def test_an_english_plural_is_searched_as_its_singular(words: str, singular: str) -> None:
    assert languages.base("en")(words) == singular


def test_english_words_of_one_stem_stay_apart_and_other_languages_go_by_their_stem() -> None:
    assert languages.base("en")("gaming") != languages.base("en")("games")
    assert languages.base("de")("schuhe") == languages.base("de")("schuh")
    assert languages.base("fr")("chaussures") == languages.base("fr")("chaussure")
    assert languages.base("xx")("words") == "words"
