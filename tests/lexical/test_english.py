"""Which words are English nouns, and therefore not misspelled."""

import pytest

from lookalike.lexical.english import is_noun


@pytest.mark.parametrize("word", ["boat", "Boats", "kitchen", "boxes"])
def test_nouns_are_known_in_both_numbers(word: str) -> None:
    assert is_noun(word)


@pytest.mark.parametrize("word", ["sneekers", "jakcet", "trousres", "", "qwerty1"])
def test_misspelt_words_are_not(word: str) -> None:
    assert not is_noun(word)
