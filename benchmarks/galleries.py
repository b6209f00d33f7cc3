"""How P@5 grows with the number of products to find among, for unseen photos of the fashion set.

    python benchmarks/galleries.py ../shared/data builtin ../shared/models/mobilenet_v2_imagenet.onnx

The held-out part is small (1,173 photos, dev and test together), and a small gallery holds few products of a
rare type: nobody can find five of them there. An encoder that was never trained on any of these photos is
measured among 3,000 as well, which shows what the size alone is worth.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from lookalike.encoders import encoder
from lookalike.training.metrics import studio_figures
from lookalike.training.public_datasets import Example, read_folder

SIZES = (150, 300, 600, 1173)
LARGE = 3000
DRAWS = 12


def main() -> None:
    """Print one table for each encoder."""
    data, names = Path(sys.argv[1]), sys.argv[2:] or ["builtin"]
    examples = [e for e in read_folder(data) if e.picture is not None and e.kind == "studio"]
    unseen = [e for e in examples if e.split != "train"]
    for name in names:
        which = encoder(name)
        vectors = which.images([e.picture for e in unseen])
        found = {size: drawn(unseen, vectors, size) for size in SIZES}
        if name != "builtin":
            some = [examples[i] for i in np.random.default_rng(0).permutation(len(examples))[:LARGE]]
            found[LARGE] = drawn(some, which.images([e.picture for e in some]), LARGE)
        print(f"\n{name}\n\n| products | " + " | ".join(found[SIZES[0]]) + " |")
        print("|" + "---|" * (len(found[SIZES[0]]) + 1))
        for size, figures in found.items():
            print(f"| {size:,} | " + " | ".join(f"{value:.3f}" for value in figures.values()) + " |")


def drawn(examples: list[Example], vectors: np.ndarray, size: int) -> dict[str, float]:
    """P@5 in random galleries of one size, the mean over the draws."""
    dice = np.random.default_rng(size)
    draws = 1 if size >= len(examples) else DRAWS
    rows = [dice.permutation(len(examples))[:size] for _ in range(draws)]
    figures = [studio_figures(vectors[row], [examples[i] for i in row]) for row in rows]
    return {name: float(np.mean([f[name].value for f in figures])) for name in figures[0]}


if __name__ == "__main__":
    main()
