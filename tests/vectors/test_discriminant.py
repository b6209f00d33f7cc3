"""A head on frozen rows tells apart what it was taught, also on rows that it has not seen."""

from __future__ import annotations

import numpy as np
import pytest

from lookalike.errors import UsageError
from lookalike.vectors.discriminant import fit_head
from lookalike.vectors.pca import unit

WIDTH, KINDS = 40, 5


def drawn(count: int, seed: int) -> tuple[np.ndarray, list[str]]:
    """Rows in which a weak signal tells five kinds apart, and a strong one means nothing."""
    random = np.random.default_rng(seed)
    kinds = random.integers(0, KINDS, count)
    rows = random.normal(size=(count, WIDTH)) * np.r_[np.full(20, 6.0), np.full(20, 0.6)]
    rows[np.arange(count), 20 + kinds] += 3
    return rows.astype(np.float32), [f"kind {kind}" for kind in kinds]


def accuracy(rows: np.ndarray, labels: list[str]) -> float:
    similar = unit(rows) @ unit(rows).T
    np.fill_diagonal(similar, -np.inf)
    own = np.array(labels)
    return float((own[similar.argmax(axis=1)] == own).mean())


def test_it_finds_the_weak_signal_on_rows_it_was_not_learned_from():
    head = fit_head(*drawn(400, 1))
    rows, labels = drawn(200, 2)

    assert accuracy(head.transform(rows), labels) > accuracy(rows, labels) + 0.3


def test_rows_without_a_label_teach_nothing():
    rows, labels = drawn(200, 3)
    strange = np.full((10, WIDTH), 1e6, np.float32)

    with_them = fit_head(np.concatenate([rows, strange]), [*labels, *[""] * 10])

    assert with_them.space == fit_head(rows, labels).space


def test_one_label_tells_nothing_apart():
    with pytest.raises(UsageError, match="at least two values"):
        fit_head(drawn(10, 4)[0], ["same"] * 10)
