"""How long maps and near-duplicates take at size, and what near-duplicates miss against brute force.

    python benchmarks/maps.py [--rows 44000] [--pairs 100000]

Vectors are drawn: a few thousand groups in 256 numbers, as an encoder gives them, and near copies.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from lookalike.explore.maps import METHODS, draw
from lookalike.explore.nearest import near_pairs
from lookalike.records import Vector

DIM = 256
LEAST = 0.95
CHECKED = 2000


def drawn(count: int) -> Vector:
    """Unit rows in groups, a tenth of them near copies of others; early directions count most."""
    dice = np.random.default_rng(0)
    centres = dice.normal(0, 1, (max(count // 40, 1), DIM))
    rows = centres[dice.integers(0, len(centres), count)] + dice.normal(0, 0.6, (count, DIM))
    rows *= np.linspace(1, 0.1, DIM)
    copies = dice.permutation(count)[: count // 5]
    half = len(copies) // 2
    rows[copies[:half]] = rows[copies[half : 2 * half]] + dice.normal(0, 0.08, (half, DIM)) * np.linspace(
        1, 0.1, DIM
    )
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--rows", type=int, default=44_000)
    asked.add_argument("--pairs", type=int, default=100_000)
    given = asked.parse_args()
    rows = drawn(given.pairs)
    began = time.perf_counter()
    pairs, _ = near_pairs(rows, LEAST)
    seconds = time.perf_counter() - began
    found = {tuple(pair) for pair in pairs.tolist()}
    step = max(1, len(rows) // CHECKED)
    true = {
        (min(place, other), max(place, other))
        for place in range(0, len(rows), step)
        for other in np.flatnonzero(rows @ rows[place] >= LEAST).tolist()
        if other != place
    }
    recall = len(true & found) / max(len(true), 1)
    print(f"near pairs of {len(rows)}: {seconds:.0f} s, {len(pairs)} pairs")
    print(f"recall against brute force: {recall:.4f} of {len(true)} true pairs")
    rows = drawn(given.rows)
    for method in METHODS:
        began = time.perf_counter()
        found_map = draw(rows, method)
        seconds = time.perf_counter() - began
        print(f"{method} of {len(rows)}: {seconds:.0f} s, {found_map.kept:.1%} of neighbours kept")


if __name__ == "__main__":
    main()
