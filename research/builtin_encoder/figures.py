"""Measure an encoder as it is served on the held-out part of a folder of data sets."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from lookalike.encoders import encoder
from lookalike.encoders.encoder import Encoder
from lookalike.errors import UsageError
from lookalike.training.metrics import Figure, Rows, home_figures, studio_figures, text_figures
from lookalike.training.public_datasets import Example, read_folder

_CROWD = 3000


def measured(which: Encoder, data: Path, split: str) -> dict[str, Figure]:
    """Return every figure that an encoder reaches on one held-out split."""
    examples = [e for e in read_folder(data) if e.picture is not None]
    products = [e for e in examples if e.kind == "studio" and e.split == split]
    photos = [e for e in examples if e.kind == "home" and e.split == split]
    if not products or not photos:
        raise UsageError(f"{data} holds no data sets to measure with: it needs fashion/ and clothing/.")
    shop, home = _rows(which, products), _rows(which, photos)
    figures = studio_figures(shop, products) | home_figures(home, photos, shop, products)
    try:
        figures |= text_figures(which.texts, shop, products)
    except UsageError:
        return figures
    # Photos of the training part stand in the way of the right one as those of a larger shop would.
    known = [e for e in examples if e.kind == "studio" and e.split == "train"]
    crowd = _rows(which, known[: max(0, _CROWD - len(products))])
    return figures | text_figures(which.texts, shop, products, crowd)


def speed(which: Encoder, examples: Sequence[Example]) -> float:
    """Return pictures a second from files to vectors, one after the other."""
    paths = [e.picture for e in examples if e.picture is not None]
    which.images(paths[:20])
    started = time.perf_counter()
    which.images(paths)
    return len(paths) / (time.perf_counter() - started)


def main() -> None:
    """Print the figures of an encoder as a table, or as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--encoder", default="builtin")
    parser.add_argument("--split", default="test", choices=("dev", "test"))
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    figures = measured(encoder(asked.encoder), asked.data, asked.split)
    if asked.json:
        sys.stdout.write(json.dumps({name: asdict(f) for name, f in figures.items()}, indent=2) + "\n")
        return
    sys.stdout.write("| figure | value | 95% interval | queries |\n|---|---|---|---|\n")
    for name, f in figures.items():
        sys.stdout.write(f"| {name} | {f.value:.3f} | {f.low:.3f} to {f.high:.3f} | {f.queries} |\n")


def _rows(which: Encoder, examples: Sequence[Example]) -> Rows:
    parts: list[Rows] = []
    for start in range(0, len(examples), 256):
        paths = [e.picture for e in examples[start : start + 256] if e.picture is not None]
        parts.append(which.images(paths))
    return np.concatenate(parts)


if __name__ == "__main__":
    main()
