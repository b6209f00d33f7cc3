"""Exact nearest neighbors and near pairs of many rows, in cache-sized blocks."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from lookalike.types import Vector

BLOCK = 1024
SAMPLED = 20_000
TRIED = 2000
KEPT = (16, 32, 64, 128)
# Checking a remaining pair costs as much as multiplying this many numbers.
CHECKING = 10_000

Places: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"
Similarities: TypeAlias = "np.ndarray[Any, np.dtype[np.float32]]"


def nearest(rows: Vector, count: int) -> tuple[Places, Similarities]:
    """Return the positions and inner products of each row's nearest other rows, best first."""
    count = min(count, len(rows) - 1)
    places = np.empty((len(rows), count), np.int64)
    similar = np.empty((len(rows), count), np.float32)
    for start in range(0, len(rows), BLOCK):
        stop = min(start + BLOCK, len(rows))
        products = rows[start:stop] @ rows.T
        products[np.arange(stop - start), np.arange(start, stop)] = -np.inf
        top = np.argpartition(-products, count - 1, axis=1)[:, :count] if count else places[start:stop]
        values = np.take_along_axis(products, top, axis=1)
        order = np.lexsort((top, -values), axis=1)
        places[start:stop] = np.take_along_axis(top, order, axis=1)
        similar[start:stop] = np.take_along_axis(values, order, axis=1)
    return places, similar


def near_pairs(rows: Vector, least: float) -> tuple[Places, Similarities]:
    """Return every pair of unit rows whose inner product reaches `least`.

    The rows are rotated so that their first dimensions hold most of the variance. The contribution of the
    rest
    is bounded by its lengths (Cauchy-Schwarz), so that a short product rules out nearly all pairs.
    """
    if len(rows) < 2:
        return np.empty((0, 2), np.int64), np.empty(0, np.float32)
    short = _shortened(rows, least)
    found: list[Places] = []
    # Reusing the block avoids page faults.
    block, near = np.empty((BLOCK, BLOCK), np.float32), np.empty((BLOCK, BLOCK), np.bool_)
    for start in range(0, len(rows), BLOCK):
        left = short[start : start + BLOCK]
        for other in range(start, len(rows), BLOCK):
            right = short[other : other + BLOCK]
            bound, enough = block[: len(left), : len(right)], near[: len(left), : len(right)]
            np.matmul(left, right.T, out=bound)
            # Rounding must not lose a pair exactly at the threshold.
            np.greater_equal(bound, least - 1e-4, out=enough)
            hits = np.flatnonzero(enough)
            if len(hits):
                one, two = np.divmod(hits, len(right))
                pairs = np.stack([one + start, two + other], axis=1)
                found.append(pairs[pairs[:, 0] < pairs[:, 1]])
    pairs = np.concatenate(found) if found else np.empty((0, 2), np.int64)
    similar = np.empty(len(pairs), np.float32)
    for start in range(0, len(pairs), BLOCK * 16):
        piece = pairs[start : start + BLOCK * 16]
        similar[start : start + len(piece)] = np.einsum("ij,ij->i", rows[piece[:, 0]], rows[piece[:, 1]])
    enough = similar >= least
    return pairs[enough], similar[enough]


def _shortened(rows: Vector, least: float) -> Vector:
    """Return the rows in their leading directions, with the length of the rest as one more dimension.

    The number of directions minimizes the cost on a sample: fewer are faster to multiply, but rule out less.
    """
    sampled = rows[:: max(1, len(rows) // SAMPLED)].astype(np.float64)
    _, directions = np.linalg.eigh(sampled.T @ sampled / len(sampled))
    turned = directions[:, ::-1].astype(np.float32)
    tried = rows[:: max(1, len(rows) // TRIED)]
    dim = rows.shape[1]
    costs = {
        kept: kept + CHECKING * _left(_cut(tried, turned[:, :kept]), least) for kept in KEPT if kept < dim
    }
    costs[dim] = dim + CHECKING * _left(tried, least)
    kept = min(costs, key=lambda kept: costs[kept])
    return rows if kept == dim else _cut(rows, turned[:, :kept])


def _cut(rows: Vector, directions: Vector) -> Vector:
    leading = rows @ directions
    rest = np.sqrt(np.maximum((rows**2).sum(axis=1) - (leading**2).sum(axis=1), 0))
    return np.concatenate([leading, rest[:, None]], axis=1).astype(np.float32)


def _left(rows: Vector, least: float) -> float:
    """The share of pairs that these rows do not rule out."""
    pairs = len(rows) * (len(rows) - 1)
    return (int(((rows @ rows.T) >= least).sum()) - len(rows)) / max(pairs, 1)
