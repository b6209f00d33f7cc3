"""Make the built-in encoder: from a folder of data sets to a trained checkpoint."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from lookalike.errors import UsageError
from lookalike.training import metrics, pictures, teacher
from lookalike.training.augment import MILD
from lookalike.training.dataset import Library
from lookalike.training.interpolate import mixed
from lookalike.training.loop import Plan, Trainer, encode_pixels, encode_texts
from lookalike.training.package import Closeness, ship
from lookalike.training.public_datasets import Example, read_folder

log = logging.getLogger(__name__)

SIDE = 144
SERVED = 128
_TAUGHT = 256

# First everything that a shopper's camera may do to a photo; then mostly the photos of shops, hardly bent.
PLANS = (
    Plan(steps=5400),
    Plan(steps=3600, seed=3, sizes=((1.0, SERVED),), studio=84, home=28, objects=8, bent=MILD, rate=1.2e-3),
)


def prepare(
    data: Path, work: Path, model: Path | None, *, everything: bool = False
) -> tuple[Library, list[Example], torch.Tensor]:
    """Read data, decode pictures and ask the teacher; return what to train on and what to hold out."""
    examples = read_folder(data, everything=everything)
    pictured = [e for e in examples if e.picture is not None]
    if not any(e.kind == "studio" for e in pictured):
        raise UsageError(
            f"{data} holds no fashion/styles.csv with images/ beside it: there is nothing to learn."
        )
    written = [e for e in examples if e.picture is None]
    paths = [e.picture for e in pictured if e.picture is not None]
    pixels = pictures.load(paths, [e.kind == "studio" for e in pictured], SIDE, work / "pixels.npy")
    boxes = teacher.view_boxes(len(pictured), 0)
    train = np.flatnonzero([e.split == "train" for e in pictured])
    held = np.flatnonzero([e.split != "train" for e in pictured])
    taught = None
    if model is not None:
        features = teacher.teach(pictured, boxes, model, work / "teacher")
        taught = _condense(torch.from_numpy(features[train]))
    rows = [*(pictured[i] for i in train), *(e for e in written if e.split == "train")]
    library = Library(rows, pixels[torch.from_numpy(train)], boxes[train], taught)
    return library, [pictured[i] for i in held], pixels[torch.from_numpy(held)]


def look(
    trainer: Trainer, held: list[Example], pixels: torch.Tensor, split: str, size: int
) -> dict[str, metrics.Figure]:
    """Measure the averaged towers on one held-out split."""
    rows = [i for i, e in enumerate(held) if e.split == split]
    anchors = trainer.steady.heads.anchors
    vectors = encode_pixels(trainer.steady.image, pixels[torch.tensor(rows)], size, anchors)
    chosen = [held[i] for i in rows]
    studio = [i for i, e in enumerate(chosen) if e.kind == "studio"]
    home = [i for i, e in enumerate(chosen) if e.kind == "home"]
    products, photos = [chosen[i] for i in studio], [chosen[i] for i in home]
    figures = metrics.studio_figures(vectors[studio], products)
    figures |= metrics.home_figures(vectors[home], photos, vectors[studio], products)
    figures |= metrics.text_figures(
        lambda texts: encode_texts(trainer.steady.text, texts), vectors[studio], products
    )
    return figures


@dataclass(frozen=True)
class Order:
    """What to build the encoder from, where to work and where to put it."""

    data: Path
    work: Path
    out: Path | None = None
    teacher: Path | None = None
    plans: tuple[Plan, ...] = PLANS
    every: int = 900
    everything: bool = False
    as_it_is: bool = False


def planned(steps: int | None = None, seed: int = 0) -> tuple[Plan, ...]:
    """The runs that made the shipped weights, or the same with other dice and fewer steps in all."""
    whole = sum(plan.steps for plan in PLANS)
    return tuple(
        replace(plan, seed=plan.seed + seed, steps=max(1, plan.steps * (steps or whole) // whole))
        for plan in PLANS
    )


def build(order: Order) -> Mapping[str, Closeness]:
    """Train in four steps, going on where an earlier run stopped; as_it_is ships without training more."""
    # 1. The data: what to train on and what to measure on.
    library, held, pixels = prepare(order.data, order.work, order.teacher, everything=order.everything)

    def report(trainer: Trainer) -> None:
        for split in ("dev", "test") if held else ():
            figures = look(trainer, held, pixels, split, SERVED)
            line = ", ".join(f"{name} {value.value:.3f}" for name, value in figures.items())
            log.info("%s at %d: %s", split, SERVED, line)

    # 2. One run after the other, each new or resumed, with the held-out figures now and then.
    runs: list[Trainer] = []
    for turn, plan in enumerate(order.plans, 1):
        trainer = Trainer(plan, library, order.work / f"run-{turn}")
        if not trainer.resume() and runs:
            trainer.begin_from(runs[-1].folder)
        log.info("run %d at step %d: %s", turn, trainer.step, plan)
        if not order.as_it_is:
            trainer.run(order.every, report)
        runs.append(trainer)
    # 3. Half way between where the runs ended finds more than either end.
    last = runs[-1]
    for earlier in reversed(runs[:-1]):
        last.steady.load_state_dict(mixed(earlier.steady, last.steady, 0.5).state_dict())
    report(last)
    # 4. Graphs and records.
    if order.out is None:
        return {}
    kinds = [library.rows_of(kind) for kind in ("studio", "home")]
    shown = torch.cat([rows[:: max(1, len(rows) // 128)] for rows in kinds])
    shown = shown[torch.randperm(len(shown), generator=torch.Generator().manual_seed(0))]
    found = ship(
        order.out,
        "builtin",
        last.steady.image,
        last.steady.text,
        library.pixels[shown],
        [title for title in library.titles[:4000] if title][:500],
        SERVED,
        licence="MIT",
        summary="Lookalike's own two towers, trained on fashion",
        anchors=last.steady.heads.anchors,
    )
    for name, close in found.items():
        log.info(
            "%s: cosine with the trained network at least %.4f, mean %.5f", name, close.lowest, close.mean
        )
    return found


def main() -> None:
    """Train the built-in encoder, or continue where an earlier run stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with fashion/, clothing/, objects/")
    parser.add_argument("--work", type=Path, required=True, help="folder of checkpoints and caches")
    parser.add_argument("--out", type=Path, help="folder to write the encoder to")
    parser.add_argument("--teacher", type=Path, help="ONNX file of a network to learn from")
    parser.add_argument("--steps", type=int, help="fewer steps, shared out between the runs")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--every", type=int, default=900, help="steps between measurements")
    parser.add_argument("--everything", action="store_true", help="train on the held-out examples too")
    parser.add_argument("--as-it-is", action="store_true", help="write the last checkpoint, train no more")
    asked = vars(parser.parse_args())
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    plans = planned(asked.pop("steps"), asked.pop("seed"))
    build(Order(**asked, plans=plans))


def _condense(features: torch.Tensor) -> torch.Tensor:
    flat = features.float()
    middle = flat[:, 0].mean(0)
    centred = flat - middle
    _, vectors = torch.linalg.eigh(centred[:, 0].T @ centred[:, 0])
    best = vectors[:, -_TAUGHT:]
    return (centred.reshape(-1, flat.shape[-1]) @ best).reshape(flat.shape[0], flat.shape[1], -1)


if __name__ == "__main__":
    main()
