"""Resident memory of a process that searches a large catalog.

    python benchmarks/memory.py --products 100000 --dim 512

A fresh process opens the catalog, answers a few queries, and reads what it holds from the kernel; another
one only imports what a search imports.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from ready_shop import ready_shop
from timing import print_table

SEARCHING = """
import sys
import numpy as np
import lookalike
path, dim = sys.argv[1], int(sys.argv[2])
if dim:
    with lookalike.open(path) as shop:
        for seed in range(20):
            query = np.random.default_rng(seed).standard_normal(dim, dtype=np.float32)
            assert len(shop.search(vector=query, where={"gender": "Women"}, count=("colour",)))
        held = open("/proc/self/status").read()
else:
    from lookalike.catalog.catalog import catalog
    held = open("/proc/self/status").read()
kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in held.splitlines() if line.startswith("Vm")}
print(kilobytes["VmRSS"], kilobytes["VmHWM"])
"""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--dim", type=int, default=512)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ready.db"
        ready_shop(path, options.products, options.dim)
        lines = [("imports only", *held(path, 0)), ("searching", *held(path, options.dim))]
    vectors = options.products * options.dim * 4 / 1e6
    print_table(
        f"Memory, {options.products} x {options.dim}; the vectors alone are {vectors:.0f} MB",
        ("", "resident MB", "at most MB"),
        lines,
    )


def held(path: Path, dim: int) -> tuple[str, str]:
    """Megabytes that a fresh process holds, and the most it held."""
    command = [sys.executable, "-c", SEARCHING, str(path), str(dim)]
    output = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()
    resident, most = (f"{int(kilobytes) * 1024 / 1e6:.0f}" for kilobytes in output)
    return resident, most


if __name__ == "__main__":
    main()
