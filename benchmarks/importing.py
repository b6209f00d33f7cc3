"""Import of a folder of photos through a network, beside the network alone on tensors that lie in memory.

    python benchmarks/importing.py --feed fashion/ --model mobilenet_v2.onnx

The import reads the feed, decodes the photos, makes thumbnails, embeds, writes and syncs. ONNX Runtime alone
runs the same network on ready tensors of noise, once as one session on all cores in batches and once as a
session of one thread for each core; the faster counts. Then the same feed is imported again, unchanged.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
from part import Part
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
    parser.add_argument("--products", type=int, help="only that many of the feed")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clock", choices=tuple(CLOCKS), default="wall")
    options = parser.parse_args()
    clock = CLOCKS[options.clock]
    feed = Part(options.feed, options.products)
    count = sum(1 for _ in feed)
    imported: list[float] = []
    again: list[float] = []
    batches: list[float] = []
    cores: list[float] = []
    for _ in range(options.rounds):
        batches.append(alone_in_batches(options.model, count, clock))
        cores.append(alone_on_each_core(options.model, count, clock))
        first, second = import_twice(feed, options.model, clock)
        imported.append(first)
        again.append(second)
    best = max(statistics.median(batches), statistics.median(cores))
    ours = statistics.median(imported)
    lines = [
        ("ONNX Runtime alone, batches", f"{statistics.median(batches):.0f}", ""),
        ("ONNX Runtime alone, one thread for each core", f"{statistics.median(cores):.0f}", ""),
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
    """What goes in, what comes out, and a tensor of the right shape."""
    entry = session.get_inputs()[0]
    shape = [batch, *(side if isinstance(side, int) else 224 for side in entry.shape[1:])]
    noise = np.random.default_rng(0).random(shape, dtype=np.float32) * 2 - 1
    return entry.name, session.get_outputs()[0].name, noise


if __name__ == "__main__":
    main()
