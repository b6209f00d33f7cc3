"""Exact nearest neighbours and near pairs of many rows, in blocks that fit the processor's cache."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from lookalike.records import Vector

BLOCK = 1024
SAMPLED = 20_000
MOST_KEPT = 0.8

Places: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"
Similarities: TypeAlias = "np.ndarray[Any, np.dtype[np.float32]]"


def nearest(rows: Vector, count: int) -> tuple[Places, Similarities]:
    """For each row the places of the nearest other rows, best first, and their inner products."""
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
    """Every pair of unit rows whose inner product reaches `least`: none is missed.

    The rows are turned so that their first numbers hold most of them; what the rest can add to an inner
    product is bounded by its lengths (Cauchy-Schwarz), so a short product rules out nearly all pairs.
    """
    if len(rows) < 2:
        return np.empty((0, 2), np.int64), np.empty(0, np.float32)
    short = _shortened(rows, least)
    found: list[Places] = []
    for start in range(0, len(rows), BLOCK):
        left = short[start : start + BLOCK]
        for other in range(start, len(rows), BLOCK):
            bound = left @ short[other : other + BLOCK].T
            # Rounding must not cost a pair that lies exactly on the threshold.
            hits = np.flatnonzero(bound.ravel() >= least - 1e-4)
            if len(hits):
                one, two = np.divmod(hits, bound.shape[1])
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
    """The rows in their leading directions, and the length of what was cut off as one more number.

    So many directions are kept that what is cut off could hardly lift a pair to the threshold.
    """
    step = max(1, len(rows) // SAMPLED)
    sampled = rows[::step].astype(np.float64)
    energies, directions = np.linalg.eigh(sampled.T @ sampled / len(sampled))
    left = np.cumsum(energies)
    cut = int(np.searchsorted(left, (1 - least) / 2))
    kept = rows.shape[1] - cut
    if kept >= MOST_KEPT * rows.shape[1]:
        return rows
    leading = rows @ directions[:, cut:].astype(np.float32)
    rest = np.sqrt(np.maximum((rows**2).sum(axis=1) - (leading**2).sum(axis=1), 0))
    return np.concatenate([leading, rest[:, None]], axis=1).astype(np.float32)
