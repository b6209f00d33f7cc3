"""How long a fresh process takes to its first answer on a large catalog.

    python benchmarks/opening.py --products 200000 --dim 256 --events 200000

The catalog is written once and its cells are built, as an import does. Each answer then comes from a
process of its own: by product, by vector (a photo without its encoder), by words, and a recommendation.
"second" is the same answer asked again in that process. "not prepared" deletes the files beside the catalog
first; `--prepared-only` leaves that out.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

import numpy as np
from ready_shop import Rows, ready_shop, unit_rows
from timing import print_table

import lookalike
from lookalike.types import Event

FAMILY = 200
SPREAD = 0.6
EVENTS_AT_ONCE = 10_000
ASKING = """
import sys, time
import lookalike
path, kind, dim = sys.argv[1:]
ask = {
    "product": lambda shop: shop.similar("000007", k=10),
    "vector": lambda shop: shop.search(vector=[float(n % 7 - 3) for n in range(int(dim))], k=10),
    "words": lambda shop: shop.search(text="red shirt", k=10),
    "recommendation": lambda shop: shop.recommend(shopper="s7", k=10),
}[kind]
began, used = time.perf_counter(), time.process_time()
with lookalike.open(path) as shop:
    assert len(ask(shop))
    first, used = time.perf_counter(), time.process_time() - used
    assert len(ask(shop))
    print(first - began, used, time.perf_counter() - first)
    sys.stdout.flush()
"""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--products", type=int, default=200_000)
    parser.add_argument("--dim", type=int, default=256)
    parser.add_argument("--events", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--prepared-only", action="store_true")
    parser.add_argument("--catalog", type=Path, help="where to keep the catalog for the next run")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.catalog or Path(folder) / "ready.db"
        if not path.exists():
            ready_shop(path, options.products, options.dim, clustered)
        with lookalike.open(str(path)) as shop:
            shop.engine.calibrate()
            began = time.perf_counter()
            shop.settle()
            print(f"prepared in {time.perf_counter() - began:.1f} s")  # noqa: T201
            if options.events and not shop.recommend(shopper="s7"):
                record(shop, options.events, options.products)
        kinds = ["product", "vector", "words", *(["recommendation"] if options.events else [])]
        lines = [(f"{kind}, prepared", *answered(path, kind, options.dim, options.rounds)) for kind in kinds]
        if not options.prepared_only:
            shutil.rmtree(f"{path}.index", ignore_errors=True)
            lines += [(f"{kind}, not prepared", *answered(path, kind, options.dim, 1)) for kind in kinds]
    title = f"First answer, {options.products} products of {options.dim} numbers, {options.events} events"
    print_table(title, ("", "first s", "processor s", "second s"), lines)


def clustered(count: int, dim: int, seed: int) -> Rows:
    """Directions in families, as products have them."""
    dice = np.random.default_rng(seed)
    centres = unit_rows(max(1, count // FAMILY), dim, seed)
    rows = centres[dice.integers(0, len(centres), count)]
    rows += SPREAD * unit_rows(count, dim, seed + 1)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def record(shop: lookalike.Shop, events: int, products: int) -> None:
    """Views of products by a tenth as many shoppers."""
    dice = Random(3)
    for start in range(0, events, EVENTS_AT_ONCE):
        shop.record(
            Event("view", f"s{dice.randrange(events // 10)}", f"{dice.randrange(products):06}")
            for _ in range(min(EVENTS_AT_ONCE, events - start))
        )


def answered(path: Path, kind: str, dim: int, rounds: int) -> tuple[str, str, str]:
    """Seconds to the first answer of a fresh process, on the clock and of processors, and to the second."""
    command = [sys.executable, "-c", ASKING, str(path), kind, str(dim)]
    runs = [
        [float(each) for each in subprocess.run(command, check=True, capture_output=True).stdout.split()]
        for _ in range(rounds)
    ]
    first, used, second = (statistics.median(times) for times in zip(*runs, strict=True))
    return f"{first:.2f}", f"{used:.2f}", f"{second:.3f}"


if __name__ == "__main__":
    main()
