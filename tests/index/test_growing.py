"""A matrix that grows: what was read once stays, and a small one takes little memory."""

from __future__ import annotations

import tracemalloc

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lookalike.index.memory.growing import BLOCK_ROWS, BlockMatrix

SIZES = st.integers(0, 500) | st.sampled_from([BLOCK_ROWS - 1, BLOCK_ROWS, BLOCK_ROWS + 1, 3 * BLOCK_ROWS])


@given(sizes=st.lists(SIZES, max_size=6), first=st.integers(0, 3))
def test_rows_are_read_as_they_came_in_however_they_came(sizes: list[int], first: int) -> None:
    rows = np.arange(sum(sizes), dtype=np.float32)[:, None]
    matrix = BlockMatrix(1, first)
    done = 0
    for size in sizes:
        matrix.append(rows[done : done + size])
        done += size
    one = np.ones(1, np.float32)
    assert np.array_equal(matrix.dot(one, matrix.length), rows[:, 0])
    some = np.arange(0, done, 97, dtype=np.intp)
    assert np.array_equal(matrix.some(some + first), rows[some])
    assert np.array_equal(matrix.dot_some(one, some + first), rows[some, 0])


def test_a_row_that_was_read_stays_when_the_matrix_grows() -> None:
    matrix = BlockMatrix(2)
    matrix.append(np.array([[1, 2]], np.float32))
    before = matrix.row(0)
    matrix.append(np.zeros((1000, 2), np.float32))
    assert before.tolist() == matrix.row(0).tolist() == [1, 2]


def test_a_small_matrix_takes_the_memory_of_its_rows() -> None:
    rows = np.zeros((100, 384), np.float32)
    tracemalloc.start()
    matrix = BlockMatrix(384)
    matrix.append(rows)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert matrix.length == 100
    assert held < 1.1 * rows.nbytes
