"""Import of a folder of photos through a network, beside the network alone on tensors that lie in memory.

    python benchmarks/importing.py --feed fashion/ --model mobilenet_v2.onnx
    python benchmarks/importing.py --enlarged 1200x1600 --products 600

The import reads the feed, decodes the photos, makes thumbnails, embeds, writes and syncs. ONNX Runtime alone
runs the same network on ready tensors of noise, once as one session on all cores in batches and once as a
session of one thread for each core; the faster counts. Then the same feed is imported again, unchanged.
`--enlarged` imports the photos in another size, with noise as cameras make it. A simple loop beside it reads
each file, decodes it to a fraction, resizes it and runs the network, on a thread for each core. It keeps
nothing.
"""

from __future__ import annotations

import argparse
import io
import os
import statistics
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
from part import Part
from PIL import Image
from timing import CLOCKS, Clock, print_table

import lookalike
from lookalike import Recipe

SHARED = Path(__file__).parent.parent.parent / "shared"
BATCH = 32


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--feed", type=Path, default=SHARED / "data" / "fashion")
    parser.add_argument("--model", type=Path, default=SHARED / "models" / "mobilenet_v2_imagenet.onnx")
    parser.add_argument("--enlarged", metavar="WxH", help="give the photos this size")
    parser.add_argument("--products", type=int, help="only that many of the feed")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clock", choices=tuple(CLOCKS), default="wall")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.enlarged:
            wide, high = map(int, options.enlarged.split("x"))
            options.feed = enlarged(options.feed, options.products, (wide, high), Path(folder))
        measure(options)


def measure(options: argparse.Namespace) -> None:
    """Rounds in which everything has its turn."""
    clock = CLOCKS[options.clock]
    feed = Part(options.feed, options.products)
    paths = [Path(photo.source) for row in feed if row.product for photo in row.product.photos[:1]]
    count = sum(1 for _ in feed)
    imported: list[float] = []
    again: list[float] = []
    batches: list[float] = []
    cores: list[float] = []
    simple: list[float] = []
    for _ in range(options.rounds):
        batches.append(alone_in_batches(options.model, count, clock))
        cores.append(alone_on_each_core(options.model, count, clock))
        simple.append(simple_loop(options.model, paths, clock))
        first, second = import_twice(feed, options.model, clock)
        imported.append(first)
        again.append(second)
    best = max(statistics.median(batches), statistics.median(cores))
    ours = statistics.median(imported)
    lines = [
        ("ONNX Runtime alone, batches", f"{statistics.median(batches):.0f}", ""),
        ("ONNX Runtime alone, one thread for each core", f"{statistics.median(cores):.0f}", ""),
        ("a simple loop: decode, resize, embed", f"{statistics.median(simple):.0f}", ""),
        ("lookalike import", f"{ours:.0f}", f"{ours / best:.0%}"),
        ("lookalike import, nothing changed", f"{statistics.median(again):.0f}", ""),
    ]
    print_table(
        f"Import, {count} products, {options.clock} time", ("", "products/s", "of the best alone"), lines
    )


def import_twice(feed: Part, model: Path, clock: Clock) -> tuple[float, float]:
    """Products a second of a first import and of the same again."""
    recipe = Recipe("benchmark", "The network of the benchmark", image=str(model), text="tfidf")
    with (
        tempfile.TemporaryDirectory() as folder,
        lookalike.open(str(Path(folder) / "shop.db"), recipe) as shop,
    ):
        rates: list[float] = []
        for _ in range(2):
            began = clock()
            report = shop.add(feed)
            rates.append(report.seen / (clock() - began))
        if report.updated:
            raise SystemExit(f"{report.updated} products were updated by the same feed")
    return rates[0], rates[1]


def enlarged(feed: Path, products: int | None, size: tuple[int, int], folder: Path) -> Path:
    """The photos of a feed in another size, in a folder of their own."""
    noise = np.random.default_rng(0).normal(0, 6, (size[1], size[0], 3))
    for number, row in enumerate(Part(feed, products)):
        if row.product is None or not row.product.photos:
            continue
        with Image.open(row.product.photos[0].source) as image:
            large = np.asarray(image.convert("RGB").resize(size, Image.Resampling.BICUBIC))
        noisy = Image.fromarray(np.clip(large + noise, 0, 255).astype(np.uint8))
        noisy.save(folder / f"{number:06}.jpg", quality=85)
    return folder


def simple_loop(model: Path, paths: list[Path], clock: Clock) -> float:
    """Photos a second of a loop that a programmer writes in ten minutes, on all cores."""
    cores = os.cpu_count() or 1
    sessions = [opened(model, 1) for _ in range(cores)]
    name, output, _ = inputs(sessions[0], 1)

    def run(core: int) -> None:
        for path in paths[core::cores]:
            with Image.open(io.BytesIO(path.read_bytes())) as image:
                image.draft("RGB", (224, 224))
                pixels = np.asarray(image.convert("RGB").resize((224, 224)), np.float32)
            tensor = np.ascontiguousarray(pixels.transpose(2, 0, 1))[None] / 127.5 - 1
            sessions[core].run([output], {name: tensor})

    began = clock()
    with ThreadPoolExecutor(cores) as pool:
        list(pool.map(run, range(cores)))
    return len(paths) / (clock() - began)


def alone_in_batches(model: Path, count: int, clock: Clock) -> float:
    """Photos a second of one session on all cores."""
    session = opened(model, os.cpu_count() or 1)
    name, output, tensor = inputs(session, BATCH)
    began = clock()
    for _ in range(0, count, BATCH):
        session.run([output], {name: tensor})
    return -(-count // BATCH) * BATCH / (clock() - began)


def alone_on_each_core(model: Path, count: int, clock: Clock) -> float:
    """Photos a second of a session of one thread for each core, photo by photo."""
    cores = os.cpu_count() or 1
    sessions = [opened(model, 1) for _ in range(cores)]
    name, output, tensor = inputs(sessions[0], 1)

    def run(session: onnxruntime.InferenceSession) -> None:
        for _ in range(count // cores):
            session.run([output], {name: tensor})

    began = clock()
    with ThreadPoolExecutor(cores) as pool:
        list(pool.map(run, sessions))
    return count // cores * cores / (clock() - began)


def opened(model: Path, threads: int) -> onnxruntime.InferenceSession:
    """A session that is warm."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    name, output, tensor = inputs(session, 1)
    session.run([output], {name: tensor})
    return session


def inputs(session: onnxruntime.InferenceSession, batch: int) -> tuple[str, str, np.ndarray]:
    """The inputs and outputs of a model, and a tensor of the right shape."""
    entry = session.get_inputs()[0]
    shape = [batch, *(side if isinstance(side, int) else 224 for side in entry.shape[1:])]
    noise = np.random.default_rng(0).random(shape, dtype=np.float32) * 2 - 1
    return entry.name, session.get_outputs()[0].name, noise


if __name__ == "__main__":
    main()
