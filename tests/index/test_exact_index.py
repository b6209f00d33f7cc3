"""What only the exact index does: distances, and words that are counted."""

from __future__ import annotations

import numpy as np
import pytest

from lookalike.index import Changes, Entry, ExactIndex, Probe
from lookalike.vectors.sparse import SparseRow


def test_distance_orders_a_euclidean_index() -> None:
    rows = np.array([[0, 0], [3, 4], [1, 0]], np.float32)
    index = ExactIndex(2, 0, "euclidean")
    index.apply(Changes([Entry(f"{n}", photos=("x",), images=rows[n : n + 1]) for n in range(3)], [], 1))
    answer = index.search(Probe(image=np.array([1, 1], np.float32)))
    assert [(match.id, round(match.score, 4)) for match in answer.matches] == [
        ("2", -1),
        ("0", -2),
        ("1", -13),
    ]


def test_words_in_a_euclidean_index_count_by_their_distance() -> None:
    def row(**words: float) -> SparseRow:
        columns = np.array([ord(word) - ord("a") for word in words], np.int32)
        return SparseRow(columns, np.array(list(words.values()), np.float32), 26)

    index = ExactIndex(2, 0, "euclidean")
    photo = np.array([[1, 0]], np.float32)
    index.apply(
        Changes(
            [
                Entry("x", photos=("p",), images=photo, text=row(a=0.6, c=0.8)),
                Entry("z", photos=("p",), images=photo),
            ],
            [],
            1,
        )
    )
    probe = Probe(image=np.array([0, 1], np.float32), text=row(a=1.0), image_weight=0.75, text_weight=0.25)
    found = {match.id: match for match in index.search(probe).matches}
    assert (found["x"].image, found["x"].text) == pytest.approx((-2, -(0.4**2 + 0.8**2)))
    assert found["x"].score == pytest.approx(0.75 * -2 + 0.25 * -0.8)
    assert found["z"].score == pytest.approx(0.75 * -2 + 0.25 * -1)


def test_sparse_words_score_by_what_they_share() -> None:
    def row(**words: float) -> SparseRow:
        columns = np.array([ord(word) - ord("a") for word in words], np.int32)
        return SparseRow(columns, np.array(list(words.values()), np.float32), 26)

    index = ExactIndex(0, 0)
    index.apply(Changes([Entry("x", text=row(a=0.6, c=0.8)), Entry("y", text=row(b=1.0)), Entry("z")], [], 1))
    answer = index.search(Probe(text=row(a=1.0, z=0.5), image_weight=0, text_weight=1, min_score=0.01))
    assert [(match.id, round(match.text or 0, 4)) for match in answer.matches] == [("x", 0.6)]
