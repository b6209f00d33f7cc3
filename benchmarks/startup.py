"""How long one command takes from a cold start of the process to its answer.

    python benchmarks/startup.py --feed ../shared/data/fashion --recipe pixels --rounds 9

Imports the folder once, then starts `lookalike search` again and again; beside it, Python alone and Python
with NumPy show what no command can be faster than.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from timing import medians, print_table

import lookalike

SHARED = Path(__file__).parent.parent.parent / "shared"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--feed", type=Path, default=SHARED / "data" / "fashion")
    parser.add_argument("--catalog", type=Path, help="a catalog that is imported already")
    parser.add_argument("--recipe", default=None)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.catalog or Path(folder) / "shop.db"
        with lookalike.open(str(path), recipe=options.recipe) as shop:
            if not options.catalog:
                shop.add(lookalike.read_feed(options.feed))
            count, recipe, product = len(shop), shop.recipe.name, shop.products(limit=1)[0].id
            photo = Path(folder) / "photo.jpg"
            photo.write_bytes(shop.photo(shop.product(product).photos[0].id).data)
        search = ("-m", "lookalike", "search", "--catalog", str(path), "--json")
        taken = medians(
            {
                "Python alone": started("-c", "pass"),
                "Python with NumPy": started("-c", "import numpy"),
                "search --product": started(*search, "--product", product),
                "search --text": started(*search, "--text", "navy blue shirt"),
                "search --image": started(*search, "--image", str(photo)),
            },
            options.rounds,
        )
    lines = [
        (name, f"{each:.0f}", f"{each / taken['Python with NumPy']:.1f}") for name, each in taken.items()
    ]
    print_table(f"Cold start, {count} products, recipe {recipe}", ("", "ms", "x NumPy's start"), lines)


def started(*arguments: str) -> Callable[[], object]:
    """A run of a fresh Python process."""
    return lambda: subprocess.run([sys.executable, *arguments], check=True, capture_output=True)


if __name__ == "__main__":
    main()
