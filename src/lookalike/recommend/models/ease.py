"""EASE: a linear item-to-item model in closed form.

Steck, *Embarrassingly Shallow Autoencoders for Sparse Data* (WWW 2019). Each shopper's row is predicted
from the row itself by a matrix with a zero diagonal. Its weights discount what items have in common, so
that popular items do not crowd out the rest. The matrix is the inverse of the items' Gram matrix, so the
model covers the items with the most shoppers and leaves the others to co-occurrence.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lookalike.recommend.models.neighbours import Floats, Ints, Neighbours

# Measured on a year of purchases: 1,500 to 3,659 items and 50 to 200 neighbors give the same NDCG.
MOST_ITEMS = 2_000
KEPT = 100
RIDGE = 70.0
# An item needs two shoppers before it can be related to another.
LEAST_SHOPPERS = 2
# Rows with more items than this are multiplied as dense blocks.
DENSE_FROM = 64
PAIRS_AT_ONCE = 4_000_000
DENSE_ROWS = 1_024


def fit_ease(
    shoppers: Ints, items: Ints, weights: Floats, most_items: int = MOST_ITEMS, ridge: float = RIDGE
) -> Neighbours:
    """Fit the model to one weighted cell per shopper and item.

    Args:
        shoppers, items, weights: columns of equal length; a (shopper, item) pair occurs once.
        most_items: how many items the model covers, those with the most shoppers first.
        ridge: how strongly weights are drawn towards zero.
    """
    if not len(items):
        return Neighbours.none()
    support = np.bincount(items)
    order = np.lexsort((np.arange(len(support)), -support))[:most_items]
    covered = np.sort(order[support[order] >= LEAST_SHOPPERS])
    if len(covered) < 2:
        return Neighbours.none()
    column = np.full(len(support), -1)
    column[covered] = np.arange(len(covered))
    some = column[items] >= 0
    gram = _gram(shoppers[some], column[items[some]], weights[some], len(covered))
    gram[np.diag_indices(len(covered))] += ridge
    inverse: NDArray[np.float32] = np.linalg.inv(gram)
    matrix = np.asarray(inverse / -np.diag(inverse), np.float32)
    np.fill_diagonal(matrix, 0.0)
    return _pruned(matrix, covered, KEPT)


def _gram(shoppers: Ints, items: Ints, weights: Floats, size: int) -> NDArray[np.float32]:
    """The product of the shopper-item matrix with itself; light rows as pairs, heavy ones as blocks."""
    order = np.lexsort((items, shoppers))
    shoppers, items, weights = shoppers[order], items[order], weights[order]
    _, begins, counts = np.unique(shoppers, return_index=True, return_counts=True)
    gram = np.zeros(size * size)
    light = np.flatnonzero(counts <= DENSE_FROM)
    for some in _in_chunks(light, counts[light].astype(np.int64) ** 2):
        left, right = row_pairs(begins[some], counts[some])
        cells = items[left] * size + items[right]
        gram += np.bincount(cells, weights[left] * weights[right], size * size)
    total = gram.reshape(size, size).astype(np.float32)
    heavy = np.flatnonzero(counts > DENSE_FROM)
    for start in range(0, len(heavy), DENSE_ROWS):
        some = heavy[start : start + DENSE_ROWS]
        block = np.zeros((len(some), size), np.float32)
        for row, place in enumerate(some.tolist()):
            span = slice(int(begins[place]), int(begins[place] + counts[place]))
            block[row, items[span]] = weights[span]
        total += block.T @ block
    return total


def row_pairs(begins: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """All ordered pairs of places within each span, a place with itself included."""
    owner = np.repeat(np.arange(len(begins)), counts.astype(np.int64) ** 2)
    first = np.cumsum(counts.astype(np.int64) ** 2) - counts.astype(np.int64) ** 2
    within = np.arange(len(owner)) - first[owner]
    return begins[owner] + within // counts[owner], begins[owner] + within % counts[owner]


def _in_chunks(places: Ints, costs: Ints) -> list[Ints]:
    """Places in stretches that cost no more than so many pairs each."""
    if not len(places):
        return []
    stretch = (np.cumsum(costs) - 1) // PAIRS_AT_ONCE
    return np.split(places, np.flatnonzero(np.diff(stretch)) + 1)


def _pruned(matrix: NDArray[np.float32], covered: Ints, kept: int) -> Neighbours:
    """The strongest weights of each row, by item number."""
    kept = min(kept, len(covered) - 1)
    columns = np.argpartition(-np.abs(matrix), kept - 1, axis=1)[:, :kept]
    rows = np.repeat(np.arange(len(covered)), kept)
    values = np.take_along_axis(matrix, columns, axis=1).ravel().astype(np.float64)
    return Neighbours.strongest(covered[rows], covered[columns.ravel()], values, kept)
