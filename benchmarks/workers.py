"""The same import by threads and by a Ray cluster: products a second, and whether the rows agree.

    python benchmarks/workers.py --products 1000 --workers "" "ray://local?workers=1" "ray://local?workers=2"

A rate counts from the first write to the last: starting a cluster costs the same few seconds for any feed.
An empty string stands for threads of the importing process, one for each core.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import tempfile
import time
from pathlib import Path

from part import Part
from timing import print_table

import lookalike
from lookalike import ImportReport, Recipe
from lookalike.catalog.copy import checksum

SHARED = Path(__file__).parent.parent.parent / "shared"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--feed", type=Path, default=SHARED / "data" / "fashion")
    parser.add_argument("--model", default=str(SHARED / "models" / "mobilenet_v2_imagenet.onnx"))
    parser.add_argument("--products", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", nargs="+", default=["", "ray://local?workers=2"])
    options = parser.parse_args()
    feed = Part(options.feed, options.products)
    rates: dict[str, list[float]] = {name: [] for name in options.workers}
    sums: dict[str, str] = {}
    for _ in range(options.rounds):
        for name in options.workers:
            rate, sums[name] = imported(feed, options.model, name)
            rates[name].append(rate)
    found = {name: statistics.median(each) for name, each in rates.items()}
    lines = [(name or "threads", f"{found[name]:.0f}", sums[name][:12]) for name in options.workers]
    title = f"Import of {options.products} products on {os.cpu_count()} cores"
    print_table(title, ("workers", "products/s", "checksum"), lines)
    for one, two in itertools.combinations(options.workers, 2):
        print(f"{two or 'threads'} is {found[two] / found[one]:.2f} x {one or 'threads'}")


def imported(feed: Part, model: str, workers: str) -> tuple[float, str]:
    """Products a second between the first write and the last, and the checksum of what was written."""
    writes: list[tuple[float, int]] = []

    def note(report: ImportReport) -> None:
        if report.added > (writes[-1][1] if writes else 0):
            writes.append((time.perf_counter(), report.added))

    recipe = Recipe("benchmark", "The network of the benchmark", image=model, text="tfidf")
    with (
        tempfile.TemporaryDirectory() as folder,
        lookalike.open(str(Path(folder) / "shop.db"), recipe) as shop,
    ):
        shop.add(feed, workers=workers, progress=note)
        (began, first), (ended, last) = writes[0], writes[-1]
        return (last - first) / (ended - began), checksum(shop.catalog.database)


if __name__ == "__main__":
    main()
