"""The text tower's tokenizer keeps every script and never changes its numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.encoders.spec import HASH_BUCKETS, EncoderSpec, ModelFile, Tokens
from lookalike.encoders.text.hashing import MAX_TOKENS, MAX_WORDS, PADDING, batch_ids, token_ids, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nike Men's Air-Max", ["nike", "mens", "air", "max"]),
        ("लाल पोशाक", ["लाल", "पोशाक"]),
        ("赤いドレス", ["赤いドレス"]),
        ("красное ПЛАТЬЕ", ["красное", "платье"]),
        ("فستان أحمر", ["فستان", "أحمر"]),
        ("100% cotton", ["100", "cotton"]),
        (" \t\n", []),
        ("?!…", []),
    ],
)
def test_words_of_any_script_survive(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_numbers_are_the_same_on_every_machine() -> None:
    assert token_ids("red dress")[:3] == [13109, 4854, 8251]


def test_composed_and_decomposed_letters_are_one() -> None:
    assert token_ids("caf\u00e9") == token_ids("cafe\u0301")


def test_batch_is_padded_and_bounded() -> None:
    ids = batch_ids(["red", "", "word " * 500])
    assert ids.dtype == np.int64
    assert ids.shape[0] == 3
    assert ids.shape[1] <= MAX_TOKENS
    assert (ids[1] == PADDING).all()
    assert ids.max() < HASH_BUCKETS


def test_unpaired_surrogates_do_no_harm() -> None:
    assert token_ids("red \ud800 dress")


def test_more_rows_are_another_encoder_and_the_former_number_is_not() -> None:
    file = ModelFile("text.onnx")
    spaces = [
        EncoderSpec("some", "text", file, tokens=tokens).space("digest")
        for tokens in (Tokens(), Tokens(buckets=HASH_BUCKETS), Tokens(buckets=65_536))
    ]
    assert spaces[0] == spaces[1] == "some@5c3491a14d8b69aa"
    assert spaces[2] != spaces[0]
    assert max(token_ids("red dress of cotton", 65_536)) < 65_536


@given(st.text(st.characters(max_codepoint=127)))
def test_the_short_cut_for_ascii_finds_the_same_words(text: str) -> None:
    # A letter of another script takes the long way, and stands apart.
    assert words(f"{text} ж") == [*words(text), "ж"][:MAX_WORDS]
