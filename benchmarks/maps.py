"""How long maps and near-duplicates take at size, and what near-duplicates miss against brute force.

    python benchmarks/maps.py [pairs] [pca] [tsne] [umap] [--rows 44000] [--pairs 100000]

Vectors are drawn: a few thousand groups in 256 numbers, as an encoder gives them, and near copies. Beside the
seconds stand the seconds of the processor, which a busy machine does not change; --twice draws each map again
and compares.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from lookalike.analysis.explore.maps import METHODS, Method, draw
from lookalike.types import Vector
from lookalike.vectors.neighbours import near_pairs

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


def pairs(rows: Vector) -> str:
    """Near pairs, and their recall on some rows that are compared with all others."""
    spent = Spent()
    found, _ = near_pairs(rows, LEAST)
    line = f"near pairs of {len(rows)}: {spent}, {len(found)} pairs"
    known = {tuple(pair) for pair in found.tolist()}
    true = {
        (min(place, other), max(place, other))
        for place in range(0, len(rows), max(1, len(rows) // CHECKED))
        for other in np.flatnonzero(rows @ rows[place] >= LEAST).tolist()
        if other != place
    }
    return f"{line}, recall against brute force {len(true & known) / max(len(true), 1):.4f} of {len(true)}"


def drawn_map(rows: Vector, method: Method, twice: bool) -> str:
    """A map, and whether it is the same when it is drawn again."""
    spent = Spent()
    found = draw(rows, method)
    line = f"{method} of {len(rows)}: {spent}, {found.kept:.1%} of neighbours kept"
    if twice:
        same = np.array_equal(found.points, draw(rows, method).points)
        line += ", the same again" if same else ", NOT the same again"
    return line


class Spent:
    """The seconds since it was made, on the wall and on the processor."""

    def __init__(self) -> None:
        self._wall, self._processor = time.perf_counter(), time.process_time()

    def __str__(self) -> str:
        wall, processor = time.perf_counter() - self._wall, time.process_time() - self._processor
        return f"{wall:.0f} s ({processor:.0f} s of processor)"


def main() -> None:
    """Measure what was asked for and print."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("stages", nargs="*", metavar="STAGE", help="pairs, pca, tsne or umap; all without")
    asked.add_argument("--rows", type=int, default=44_000, help="rows of a map")
    asked.add_argument("--pairs", type=int, default=100_000, help="rows among which pairs are sought")
    asked.add_argument("--twice", action="store_true", help="draw each map again and compare")
    given = asked.parse_args()
    stages = given.stages or ["pairs", *METHODS]
    if strange := set(stages) - {"pairs", *METHODS}:
        asked.error(f"there is no stage called {strange.pop()}: pairs, {', '.join(METHODS)}")
    if "pairs" in stages:
        print(pairs(drawn(given.pairs)), flush=True)
    for method in METHODS:
        if method in stages:
            print(drawn_map(drawn(given.rows), method, given.twice), flush=True)


if __name__ == "__main__":
    main()
