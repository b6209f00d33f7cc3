"""Measure the built-in encoder beside free networks, on photos and classes that it was not trained on.

    python -m research.builtin_encoder.figures --data DATA --work WORK [--network FILE:SIDE:SCALE ...]

FILE is an ONNX network with an input `images` and an output `features`; SCALE says what it reads: `lite` for
(x - 127) / 128, `mobile` for x / 127.5 - 1. Vectors are kept in WORK: the same command goes on.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from lookalike.encoders import image_encoder, text_encoder
from lookalike.media.images import read_image
from lookalike.training.metrics import Figure, Rows
from research.builtin_encoder.dataset import GOODS_CLOTHES, Example, read_all
from research.builtin_encoder.measure import (
    fashion_figures,
    grocery_figures,
    home_figures,
    kind_figure,
    phrase_figure,
    title_figure,
)

_OBJECTS = 0.35
_SCALES = {"lite": (127.0, 128.0), "mobile": (127.5, 127.5)}
_DEPARTMENTS = ("Apparel", "Footwear", "Accessories", "Personal Care")
EncodePhoto = Callable[[Path], Rows]


@dataclass(frozen=True)
class Part:
    """The examples of one measurement, with their vectors."""

    examples: list[Example]
    rows: Rows


def held_out(data: Path) -> list[Example]:
    """Return the photos that are measured: none of them, and none of their groups, was trained on."""
    dice = random.Random(0)
    return [
        e
        for e in read_all(data)
        if e.photo is not None
        and (e.split == "test" or e.labels.get("kind") == "catalogue")
        and e.source != "fashion-small"
        and (e.source != "objects" or dice.random() < _OBJECTS)
        and (e.source != "goods" or e.labels["label"] not in GOODS_CLOTHES)
    ]


def measured(examples: Sequence[Example], rows: Rows) -> dict[str, Figure]:
    """Return every figure that photos alone allow."""
    shop = _part(examples, rows, lambda e: e.source in ("fashion", "fashion-more"))
    home = _part(examples, rows, lambda e: e.source == "clothing")
    stored = _part(examples, rows, lambda e: e.source == "grocery" and e.split == "test")
    shelf = _part(examples, rows, lambda e: e.labels.get("kind") == "catalogue")
    objects = _part(examples, rows, lambda e: e.source == "objects")
    goods = _part(examples, rows, lambda e: e.source == "goods")
    return {
        **fashion_figures(shop.rows, shop.examples),
        **home_figures(home.rows, home.examples, shop.rows, shop.examples),
        **grocery_figures(
            stored.rows, stored.examples, shelf.rows, [e.labels["product"] for e in shelf.examples]
        ),
        "objects, same kind": kind_figure(objects.rows, [e.labels["object"] for e in objects.examples]),
        "goods, same shelf": kind_figure(goods.rows, [e.labels["label"] for e in goods.examples]),
    }


def said(examples: Sequence[Example], rows: Rows) -> dict[str, Figure]:
    """Return how words find photos."""
    encoder = text_encoder("builtin")

    def encode(texts: Sequence[str]) -> Rows:
        found = encoder.encode_texts(texts)
        assert isinstance(found, np.ndarray)
        return found

    shop = _part(examples, rows, lambda e: e.source in ("fashion", "fashion-more"))
    stored = _part(examples, rows, lambda e: e.labels.get("kind") == "store photo")
    objects = _part(examples, rows, lambda e: e.source == "objects")
    departments = [e.labels.get("department", "") for e in shop.examples]
    departments = [name if name in _DEPARTMENTS else "" for name in departments]
    kinds = [e.labels.get("type", "") for e in shop.examples]
    colours = [e.labels.get("colour", "") for e in shop.examples]
    return {
        "title to photo, first ten": title_figure(encode, shop.rows, shop.examples),
        "departments, P@10": phrase_figure(encode, shop.rows, departments),
        "types, P@10": phrase_figure(encode, shop.rows, kinds),
        "colours, P@10": phrase_figure(encode, shop.rows, colours),
        "name of a grocery, P@5": phrase_figure(
            encode, stored.rows, [e.labels["product"] for e in stored.examples], k=5
        ),
        "name of an object, P@5": phrase_figure(
            encode, objects.rows, [e.labels["object"].replace("_", " ") for e in objects.examples], k=5
        ),
    }


def vectors(name: str, encode: EncodePhoto, examples: Sequence[Example], work: Path) -> Rows:
    """Return unit rows of photos, going on from what was kept."""
    file = work / f"{name}.npy"
    rows = list(np.load(file)) if file.exists() else []
    work.mkdir(parents=True, exist_ok=True)
    for place in range(len(rows), len(examples)):
        photo = examples[place].photo
        assert photo is not None
        rows.append(encode(photo))
        if place % 500 == 499 or place == len(examples) - 1:
            np.save(file, np.stack(rows))
            print(f"{name}: {place + 1} of {len(examples)}", file=sys.stderr)
    found = np.stack(rows)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def main() -> None:
    """Measure and print a table."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--data", type=Path, required=True)
    asked.add_argument("--work", type=Path, required=True)
    asked.add_argument("--network", action="append", default=[], help="FILE:SIDE:SCALE")
    given = asked.parse_args()
    examples = held_out(given.data)
    columns = {"built-in": vectors(f"builtin-{_space()}", _builtin(), examples, given.work)}
    for network in given.network:
        file, side, scale = network.rsplit(":", 2)
        name = f"{Path(file).stem}-{side}"
        columns[name] = vectors(name, _network(Path(file), int(side), scale), examples, given.work)
    figures = {name: measured(examples, rows) for name, rows in columns.items()}
    figures["built-in"] |= said(examples, columns["built-in"])
    print("| figure | " + " | ".join(columns) + " | queries |")
    print("|---" * (len(columns) + 2) + "|")
    for figure, found in figures["built-in"].items():
        cells = [str(figures[name].get(figure, "")) for name in columns]
        print(f"| {figure} | " + " | ".join(cells) + f" | {found.queries} |")


def _builtin() -> EncodePhoto:
    encoder = image_encoder("builtin")
    return lambda photo: encoder.encode_images([read_image(photo, encoder.input_side)])[0]


def _space() -> str:
    return image_encoder("builtin").space.rsplit("@", 1)[1]


def _network(file: Path, side: int, scale: str) -> EncodePhoto:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    mean, spread = _SCALES[scale]

    def encode(photo: Path) -> Rows:
        picture = read_image(photo).convert("RGB").resize((side, side), Image.Resampling.BICUBIC)
        batch = ((np.asarray(picture, np.float32) - mean) / spread).transpose(2, 0, 1)[None]
        return np.asarray(session.run(["features"], {"images": batch})[0][0], np.float32)

    return encode


def _part(examples: Sequence[Example], rows: Rows, wanted: Callable[[Example], bool]) -> Part:
    chosen = [place for place, example in enumerate(examples) if wanted(example)]
    return Part([examples[place] for place in chosen], rows[chosen])


if __name__ == "__main__":
    main()
