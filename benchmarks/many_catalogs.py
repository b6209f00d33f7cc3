"""Resident memory of a server with many small catalogs, beside that of a server with one.

    python benchmarks/many_catalogs.py --catalogs 50 --products 100

A fresh process serves some of the catalogs, answers a search by photo and one by words in each, then reads
what it holds from the kernel. The alternative is a server for each catalog.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from timing import print_table

CHIEF = {"X-API-Key": "chief"}


def main() -> None:
    """Print the table, or answer in one process and print what it holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--catalogs", type=int, default=50)
    parser.add_argument("--products", type=int, default=100)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.folder:
        print(*answered(options.folder, options.catalogs))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        data = filled(folder, options.catalogs, options.products)
        lines = [held(folder, count) for count in (1, 2, options.catalogs)]
    (_, one), (_, two), (_, all_of_them) = lines
    each = (all_of_them - two) / (options.catalogs - 2)
    print_table(
        f"Memory of a server, {options.products} products in each catalog; a file has {data:.1f} MB",
        ("catalogs that were searched", "resident MB"),
        [(str(count), f"{resident:.0f}") for count, resident in lines],
    )
    print(f"One more catalog: {each:.2f} MB; one more server: {one:.0f} MB.")


def filled(folder: Path, count: int, products: int) -> float:
    """Write catalogs that differ in their files only; returns the megabytes of one."""
    import lookalike
    from lookalike_sample_shop import SampleShop

    first = folder / "catalogs" / "c0.db"
    first.parent.mkdir()
    with lookalike.open(first) as shop:
        shop.add(itertools.islice(SampleShop(), products))
    for number in range(1, count):
        shutil.copy(first, folder / "catalogs" / f"c{number}.db")
    return first.stat().st_size / 1e6


def held(folder: Path, count: int) -> tuple[int, float]:
    """How many catalogs a fresh process searched, and the megabytes that it holds."""
    command = [sys.executable, __file__, "--folder", str(folder), "--catalogs", str(count)]
    output = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    return count, int(output) * 1024 / 1e6


def answered(folder: Path, count: int) -> tuple[int]:
    """Search so many catalogs; returns the kilobytes that this process holds afterwards."""
    from starlette.testclient import TestClient

    import lookalike
    from lookalike.server.app import create_app
    from lookalike.settings import Settings
    from lookalike_sample_shop import SAMPLES, sample_photo

    with lookalike.open(folder / "shop.db") as shop:
        asked = Settings(catalog=shop.url, catalogs=str(folder / "catalogs"), admin_key="chief")
        client = TestClient(create_app(shop, asked), headers=CHIEF)
        photo = sample_photo(next(iter(SAMPLES)))
        for number in range(count):
            path = f"/v1/catalogs/c{number}/search"
            for sent in ({"json": {"text": "red dress"}}, {"files": {"image": photo}}):
                answer = client.post(path, **sent)
                assert answer.status_code == 200, answer.text
        gc.collect()
        lines = Path("/proc/self/status").read_text().splitlines()
    return (next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")),)


if __name__ == "__main__":
    main()
