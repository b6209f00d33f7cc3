"""Make the built-in encoder: `python -m research.builtin_encoder.train --data DATA --work WORK`.

Each step leaves its result in WORK, and a step whose result is there is not done again: after an interruption
the same command goes on. `fashion` wants a GPU; the other steps do without.

    pack     photos and titles, small enough to travel to another machine: WORK/packs
    fashion  the fashion branch and the words about fashion: WORK/fashion.pt
    readout  the general block and the gate: WORK/readout.pt
    words    the text tower for goods of every kind: WORK/text.pt
    package  int8 graphs and their records: OUT

`--smoke` runs every step on a few photos and words, in minutes and on any machine: it shows that the command
works, and its encoder is good for nothing.
"""

from __future__ import annotations

import argparse
import logging
import math
import os
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from PIL import Image

from lookalike.encoders.registry import BUILTIN_FOLDER
from lookalike.encoders.spec import Preprocessing
from lookalike.training.onnx_files import text_graph, write
from lookalike.training.package import write_records
from lookalike.training.towers import FASHION_DIM, Readout, TextTower
from research.builtin_encoder import lite2
from research.builtin_encoder.corpus import Corpus, Texts
from research.builtin_encoder.dataset import Example, read_all
from research.builtin_encoder.export import image_graph
from research.builtin_encoder.features import fashion_features, imagenet_features
from research.builtin_encoder.general_block import GeneralBlock
from research.builtin_encoder.lessons import lessons_of
from research.builtin_encoder.losses import ANCHORING
from research.builtin_encoder.pack import write_pack, write_table
from research.builtin_encoder.quantize import quantize
from research.builtin_encoder.readout import MOST, Space, fit_gate, fit_general
from research.builtin_encoder.texts import write_texts
from research.builtin_encoder.towers import BUCKETS, FASHION_HEAD, FashionBranch
from research.builtin_encoder.train_fashion import Plan, Trainer
from research.builtin_encoder.train_words import teach
from research.builtin_encoder.vocabulary import imagenet_names

log = logging.getLogger(__name__)

SIDE = 224
SOURCES = ("fashion", "fashion-more", "fashion-small", "clothing", "grocery", "goods", "objects")
PIXELS = Preprocessing(
    side=SIDE, resize="squash", filter="bicubic", scale=1.0, mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0)
)
LICENCE = "MIT, and Apache-2.0 for what came from EfficientNet-Lite2 (NOTICE)"
# How many photos of each set the ranges of int8 are read from.
_CALIBRATION = {"fashion": 24, "fashion-more": 6, "clothing": 24, "grocery": 24, "goods": 9, "objects": 33}


@dataclass(frozen=True)
class Extent:
    """How much each step does; `examples` of each set and part of the split, `words` of the vocabulary."""

    plan: Plan
    word_steps: int
    examples: int | None = None
    words: int | None = None
    calibration: int | None = None


WHOLE = Extent(Plan(), word_steps=6000)
SMOKE = Extent(
    Plan(steps=2, shop=32, small=8, home=24, other=16), word_steps=3, examples=90, words=1500, calibration=1
)


@dataclass(frozen=True)
class Order:
    """What to make, and from what."""

    data: Path
    work: Path
    out: Path
    names: Path
    minilm: Path
    seconds: float
    extent: Extent = WHOLE

    def examples(self) -> list[Example]:
        """The examples of all sets, or a few of each set and part of the split."""
        found, few = read_all(self.data), self.extent.examples
        if few is None:
            return found
        members: dict[tuple[str, str], list[Example]] = defaultdict(list)
        for example in found:
            members[example.source, example.split].append(example)
        return [each for group in members.values() for each in group[:: -(-len(group) // few)]]

    @property
    def packs(self) -> Path:
        """Where photos and titles lie for training."""
        return self.work / "packs"


def pack(order: Order) -> None:
    """Pack photos and titles."""
    examples = order.examples()
    order.packs.mkdir(parents=True, exist_ok=True)
    for source in SOURCES:
        write_pack([e for e in examples if e.source == source], order.packs / f"{source}.pack")
    write_texts(examples, order.packs / "texts.npz")
    write_table(examples, order.packs / "table.json.gz")


def fashion(order: Order) -> None:
    """Train the fashion branch."""
    device = _device()
    corpus = Corpus(order.packs, device, os.cpu_count() or 2)
    trainer = Trainer(order.extent.plan, corpus, Texts(order.packs / "texts.npz"), _network(), device)
    if trainer.resume(order.work):
        log.info("Going on at step %d.", trainer.step)
    trainer.run(order.work, time.monotonic() + order.seconds)
    rows = torch.tensor([i for i, e in enumerate(corpus.examples) if e.photo], device=device)
    raw, _ = fashion_features(trainer.trunk, trainer.steady.branch, corpus, rows, SIDE)
    np.save(order.work / "fashion-rows.npy", raw.cpu().numpy())
    torch.save(trainer.steady.cpu().state_dict(), order.work / "fashion.pt")


def readout(order: Order) -> None:
    """Fit the general block and the gate to features of the untouched network."""
    corpus = Corpus(order.packs, _device(), os.cpu_count() or 2)
    rows = [i for i, e in enumerate(corpus.examples) if e.photo and e.source != "fashion-small"]
    examples = [corpus.examples[row] for row in rows]
    network = _network()
    found = imagenet_features(network, corpus, torch.tensor(rows, device=corpus.device), SIDE).cpu().numpy()
    sample = np.random.default_rng(0).permutation(len(rows))[:12_000]
    classifier = (network.cpu().classifier.weight, network.classifier.bias)
    space = Space.of(found, sample, *(value.detach().numpy() for value in classifier))
    general, gate = fit_general(space, examples), fit_gate(space, examples, imagenet_names(order.names))
    space.save(order.work / "space.npz")
    state = torch.load(order.work / "fashion.pt", weights_only=True)
    made = _empty_readout(state)
    with torch.no_grad():
        made.general.weight.copy_(torch.from_numpy(general[0]))
        made.general.bias.copy_(torch.from_numpy(general[1]))
        made.fashion.weight.copy_(state["branch.project.weight"])
        made.fashion.bias.copy_(state["branch.project.bias"])
        # The gate reads the features that nobody trained: they know goods that no clothes shop sells.
        made.gate.weight.zero_()
        made.gate.weight[0, : lite2.FEATURES] = torch.from_numpy(gate[0])
        made.gate.bias.fill_(gate[1])
    torch.save(made.state_dict(), order.work / "readout.pt")


def words(order: Order) -> None:
    """Teach the text tower."""
    state = torch.load(order.work / "fashion.pt", weights_only=True)
    heard = TextTower(BUCKETS, outputs=FASHION_DIM)
    heard.load_state_dict(_part(state, "text."))
    made = torch.load(order.work / "readout.pt", weights_only=True)
    general = GeneralBlock(
        Space.load(order.work / "space.npz"), made["general.weight"].numpy(), made["general.bias"].numpy()
    )
    lessons = lessons_of(order.work, order.data, order.names, order.minilm, general, most=order.extent.words)
    until = time.monotonic() + 10 * order.seconds
    tower = teach(heard, lessons, order.extent.word_steps, 0, until, device=_device())
    torch.save(tower.cpu().state_dict(), order.work / "text.pt")


def package(order: Order) -> None:
    """Write the graphs in int8, and their records."""
    state = torch.load(order.work / "fashion.pt", weights_only=True)
    network, start = _network(), order.extent.plan.start
    branch = FashionBranch(network, start)
    branch.load_state_dict(
        {k.removeprefix("branch."): v for k, v in state.items() if k.startswith("branch.")}
    )
    made = _empty_readout(state)
    made.load_state_dict(torch.load(order.work / "readout.pt", weights_only=True))
    tower = TextTower(BUCKETS)
    tower.load_state_dict(torch.load(order.work / "text.pt", weights_only=True))
    whole = image_graph(network, start, branch.eval(), made)
    onnx.save(whole, order.work / "image-float32.onnx")
    order.out.mkdir(parents=True, exist_ok=True)
    write(quantize(whole, _calibration(order)), order.out / "image.onnx")
    write(text_graph(tower), order.out / "text.onnx")
    summary = "Lookalike's own two towers, for goods of every kind"
    write_records(order.out, "builtin", PIXELS, BUCKETS, licence=LICENCE, summary=summary)


STEPS: dict[str, tuple[Callable[[Order], None], str]] = {
    "pack": (pack, "packs/table.json.gz"),
    "fashion": (fashion, "fashion.pt"),
    "readout": (readout, "readout.pt"),
    "words": (words, "text.pt"),
    "package": (package, ""),
}


def main() -> None:
    """Do what is not done yet."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--data", type=Path, required=True, help="the folder of the public sets")
    asked.add_argument("--work", type=Path, required=True)
    asked.add_argument("--out", type=Path, default=BUILTIN_FOLDER)
    asked.add_argument("--names", type=Path, required=True, help="timm/data/_info: ImageNet's names")
    asked.add_argument("--minilm", type=Path, required=True, help="the unpacked all-MiniLM-L6-v2")
    asked.add_argument("--seconds", type=float, default=math.inf, help="train the fashion branch no longer")
    asked.add_argument("--smoke", action="store_true", help="only see that every step runs; needs --out")
    given = asked.parse_args()
    if given.smoke and given.out == BUILTIN_FOLDER:
        asked.error("--smoke makes an encoder that is good for nothing: name another folder with --out")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    extent = SMOKE if given.smoke else WHOLE
    order = Order(given.data, given.work, given.out, given.names, given.minilm, given.seconds, extent)
    for name, (step, result) in STEPS.items():
        if result and (order.work / result).exists():
            log.info("%s: done before.", name)
            continue
        log.info("%s", name)
        step(order)


def _calibration(order: Order) -> np.ndarray:
    examples = order.examples()
    dice = np.random.default_rng(0)
    images: list[np.ndarray] = []
    for source, count in _CALIBRATION.items():
        photos = [e.photo for e in examples if e.source == source and e.split == "train" and e.photo]
        for place in dice.permutation(len(photos))[: order.extent.calibration or count]:
            with Image.open(photos[place]) as opened:
                image = opened.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BICUBIC)
            images.append(np.asarray(image, np.float32).transpose(2, 0, 1))
    return np.stack(images)


def _empty_readout(state: dict[str, torch.Tensor]) -> Readout:
    anchors = {block: state[f"heads.prototypes.of {task}"].float() for task, block in ANCHORING.items()}
    return Readout(lite2.FEATURES, FASHION_HEAD, anchors, MOST)


def _part(state: dict[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}


def _network() -> lite2.Lite2:
    return lite2.load(lite2.weights_file())


def _device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


if __name__ == "__main__":
    main()
