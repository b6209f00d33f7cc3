"""What adapting gains in a shop of things that the built-in encoder knows, but of products it has not seen.

    python benchmarks/adapting.py ../shared/data/fashion

The products that were kept aside when the built-in was made become a shop. It is adapted several times, each
time with other products kept aside to judge by, as `lookalike adapt` does it.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from pathlib import Path

import numpy as np

from lookalike import Shop, read_feed
from lookalike.training.finetune import Adapted, adapt
from lookalike.training.public_datasets import read_folder

TURNS = 4


def main() -> None:
    """Print one line for each turn, and their mean."""
    fashion = Path(sys.argv[1]).resolve()
    gains: list[float] = []
    with tempfile.TemporaryDirectory() as temporary:
        for turn in range(TURNS):
            folder = Path(temporary) / str(turn)
            made = adapted(unseen(fashion, folder, turn), folder)
            gain = made.judgement.gain
            gains.append(gain.value)
            print(
                f"{made.learned_from} products, {made.held_out} kept aside, {made.seconds:.0f} s: "
                f"{gain.value:+.4f} ({gain.low:+.4f} to {gain.high:+.4f})",
                flush=True,
            )
            for name, before in made.judgement.before.items():
                print(f"    {name:24} {before.value:.3f} {made.judgement.after[name].value:.3f}")
    error = np.std(gains, ddof=1) / len(gains) ** 0.5
    print(f"mean gain {np.mean(gains):+.4f}, standard error {error:.4f}")


def unseen(fashion: Path, folder: Path, turn: int) -> Path:
    """A feed of the unseen products whose groups are named anew each turn, and so divided anew."""
    kept = {e.picture.stem for e in read_folder(fashion.parent) if e.picture and e.split != "train"}
    folder.mkdir()
    (folder / "images").symlink_to(fashion / "images")
    with (fashion / "styles.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["id"] in kept]
    with (folder / "styles.csv").open("w", encoding="utf-8", newline="") as written:
        table = csv.DictWriter(written, [*rows[0], "group"])
        table.writeheader()
        table.writerows(row | {"group": f"{turn} {row['productDisplayName'].casefold()}"} for row in rows)
    return folder / "styles.csv"


def adapted(feed: Path, folder: Path) -> Adapted:
    """Import the feed and adapt the encoder to it."""
    with Shop.open(str(folder / "shop.db")) as shop:
        shop.add(read_feed(str(feed)))
        made = adapt(shop, folder / "adapted", current=shop.recipe)
    assert made is not None
    return made


if __name__ == "__main__":
    main()
