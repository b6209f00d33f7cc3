"""TF-IDF counts as scikit-learn does, and can be kept in a database."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.encoders.base import TextEncoder
from lookalike.encoders.text.tfidf import TfIdf
from lookalike.errors import Conflict
from lookalike.vectors.sparse import SparseRows

TEXTS = ["Navy Blue Shirt", "Red dress, red shoes", "blue JEANS for men", "", "Kurta été 2012"]
WORDS = st.lists(st.text(alphabet="abÉß1 ,-_\ud800", max_size=12), min_size=1, max_size=8)


def dense(rows: SparseRows) -> np.ndarray:
    table = np.zeros((len(rows), rows.dim), np.float32)
    for number in range(len(rows)):
        row = rows[number]
        table[number, row.columns] = row.values
    return table


@given(WORDS, WORDS)
def test_vectors_equal_those_of_scikit_learn(known, asked):
    text = pytest.importorskip("sklearn.feature_extraction.text")
    theirs = text.TfidfVectorizer()
    try:
        theirs.fit(known)
    except ValueError:
        assert TfIdf.fit(known).dim == 0
        return
    ours = TfIdf.fit(known)

    assert list(ours.words) == list(theirs.get_feature_names_out())
    assert np.allclose(dense(ours.encode_texts(asked)), theirs.transform(asked).toarray(), atol=1e-6)


def test_it_is_a_text_encoder_of_unit_rows():
    encoder = TfIdf.fit(TEXTS)

    lengths = np.linalg.norm(dense(encoder.encode_texts(TEXTS)), axis=1)

    assert isinstance(encoder, TextEncoder)
    assert lengths == pytest.approx([1, 1, 1, 0, 1])


def test_a_fit_survives_the_database():
    encoder = TfIdf.fit(TEXTS)
    again = TfIdf.loads(encoder.dumps())

    assert again.space == encoder.space
    assert np.array_equal(dense(again.encode_texts(TEXTS)), dense(encoder.encode_texts(TEXTS)))


def test_another_fit_has_another_space():
    assert TfIdf.fit(TEXTS).space == TfIdf.fit(list(TEXTS)).space
    assert TfIdf.fit(TEXTS).space != TfIdf.fit([*TEXTS, "hat"]).space
    assert TfIdf.fit(TEXTS).space != TfIdf.fit([*TEXTS, ""]).space


def test_only_the_most_frequent_words_are_kept_on_request():
    assert set(TfIdf.fit(TEXTS, most=2).words) == {"blue", "red"}


def test_drift_is_the_share_of_unknown_words():
    encoder = TfIdf.fit(TEXTS)

    assert encoder.drift(["navy blue"]) == 0
    assert encoder.drift(["navy hat", "green dress"]) == 0.5
    assert encoder.drift([""]) == 0


@pytest.mark.parametrize("data", [b"", b"nonsense", b"x\x9c\x03\x00\x00\x00\x00\x01"])
def test_a_damaged_fit_is_refused_with_a_sentence(data):
    with pytest.raises(Conflict, match="Import its feed again"):
        TfIdf.loads(data)
