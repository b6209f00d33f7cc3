"""Adapt the encoder to a shop: train on most of its products, judge on the rest, keep it only if better."""

from __future__ import annotations

import copy
import hashlib
import json
import logging
import threading
import time
from collections.abc import Collection, Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from lookalike.encoders import image_encoder, text_encoder
from lookalike.encoders.registry import BUILTIN_FOLDER, source
from lookalike.encoders.spec import Kind
from lookalike.errors import DatabaseBroken, UsageError
from lookalike.media.images import read_image
from lookalike.training import package, warm_start
from lookalike.training.augment import MILD
from lookalike.training.dataset import Library
from lookalike.training.interpolate import Mix, best_mix
from lookalike.training.loop import Plan, Towers, Trainer, encode_texts, raw_pixels
from lookalike.training.metrics import Figure, Rows, figure, neighbours
from lookalike.training.public_datasets import Example
from lookalike.training.shop_dataset import Shelves, Stock, read_stock
from lookalike.training.teacher import VIEWS, view_boxes
from lookalike.training.towers import Block, join_image
from lookalike.types import Recipe

log = logging.getLogger(__name__)

SIDE = 128
MOST_MINUTES = 12.0
PASSES = 25
_BATCH = 96
_MOST_TRIED = 1500
_TITLES = "title to photo R@10"


@dataclass(frozen=True)
class Judgement:
    """What the held-out products say of the encoder before and after, and of the difference."""

    before: dict[str, Figure]
    after: dict[str, Figure]
    gain: Figure

    @property
    def better(self) -> bool:
        """Whether the gain is more than chance: its whole interval lies above zero."""
        return self.gain.low > 0


@dataclass(frozen=True)
class Adapted:
    """An adapted encoder, the recipe that uses it, and how it was judged."""

    folder: Path
    recipe: Recipe
    judgement: Judgement
    learned_from: int
    held_out: int
    seconds: float


def adapt(
    catalog: Shelves,
    folder: Path,
    *,
    current: Recipe | None = None,
    start: Path | None = None,
    seed: int = 0,
    minutes: float = MOST_MINUTES,
    passes: int = PASSES,
    stop: threading.Event | None = None,
) -> Adapted | None:
    """Train from a catalogue in seven steps; None if it was stopped, to go on from there the next time."""
    began = time.monotonic()
    start = start or _towers_of(current)
    # 1. The products become examples, some kept aside by group; too few or too alike ends here.
    stock = read_stock(catalog, SIDE)
    log.info(
        "Learning from %d products, %d kept aside; facets: %s; %d products without a readable photo.",
        len(stock.learning),
        len(stock.held),
        ", ".join(stock.facets) or "none",
        stock.without_photo,
    )
    # 2. The old encoder is measured on what was kept aside, as it is served.
    before = recipe_of(start) if current is None else current
    old = _judged(catalog, before, stock)
    if not old:
        raise UsageError(
            f"No facet tells these products apart, and '{before.name}' does not compare words with photos: "
            "nothing would say which encoder is better. Run `lookalike switch builtin` first."
        )
    # 3. The shipped weights become trainable again; what they say is the teacher, so little is forgotten.
    trainer = _trainer(stock, folder, start, seed, passes)
    origin = copy.deepcopy(trainer.steady)
    # 4. Training, checked against the clock and resumable.
    _train(trainer, began + minutes * 60, stop)
    if stop is not None and stop.is_set():
        return None
    # 5. The best mix of old and new weights is written beside the catalogue, under a name of its own.
    mix = _mixed(origin, trainer.steady, start, stock)
    log.info(
        "Best on products not trained on: %.0f%% new, drawn to %s; %s.",
        mix.share * 100,
        mix.drawn_to,
        ", ".join(f"{block.name} weighs {block.weight:g}" for block in mix.blocks),
    )
    with _disk(folder):
        shipped, closeness = _ship(mix, stock, folder)
    log.info("Exported; cosine with the trained network: %.4f.", closeness)
    # 6. It is measured on the same products, also as it will be served.
    after = recipe_of(shipped)
    new = _judged(catalog, after, stock)
    both = old.keys() & new.keys()
    # 7. The judgement: paired by product, resampled by group.
    groups = [e.group for e in stock.held]
    judgement = Judgement(
        {name: known_figure(values, groups) for name, values in old.items()},
        {name: known_figure(values, groups) for name, values in new.items()},
        figure(_mean(new, both) - _mean(old, both), groups),
    )
    adapted = Adapted(
        shipped, after, judgement, len(stock.learning), len(stock.held), time.monotonic() - began
    )
    with _disk(folder):
        (shipped / "judgement.json").write_text(json.dumps(asdict(judgement), indent=2) + "\n", "utf-8")
        trainer.checkpoint.unlink(missing_ok=True)
    return adapted


def recipe_of(folder: Path) -> Recipe:
    """The recipe that uses the encoder of a folder."""
    return Recipe(
        name="adapted",
        summary="the built-in towers, adapted to this shop's own products",
        image=_record(folder, "image"),
        text=_record(folder, "text"),
        joint=True,
        steps=("both towers trained further on this catalogue", "cosine in one space"),
    )


def _trainer(stock: Stock, folder: Path, start: Path, seed: int, passes: int) -> Trainer:
    image, text = (
        warm_start.image_tower(_verified(start, "image")),
        warm_start.text_tower(_verified(start, "text")),
    )
    count = stock.trained
    pixels = stock.pixels[:count]
    with torch.no_grad():
        image.eval()
        raw = torch.cat([image(part[:, :3].float())[0] for part in pixels.split(64)])
    # The teacher sees every product once, whole: the same for all crops is what an anchor should be.
    taught = join_image(raw)[:, None].expand(-1, VIEWS, -1)
    library = Library(stock.learning[:count], pixels, view_boxes(count, seed), taught)
    steps = max(60, passes * count // _BATCH)
    plan = Plan(
        steps=steps,
        seed=seed,
        sizes=((1.0, SIDE),),
        studio=_BATCH,
        home=0,
        objects=0,
        bent=MILD,
        rate=5e-4,
        average=0.98,
    )
    trainer = Trainer(plan, library, folder, image, text)
    trainer.towers.heads.start_from(raw, library.allowed_of(torch.arange(count)))
    trainer.steady.load_state_dict(trainer.towers.state_dict())
    return trainer


def _train(trainer: Trainer, until: float, stop: threading.Event | None) -> None:
    folder = trainer.folder
    with _disk(folder):
        if trainer.resume(as_planned=True):
            log.info("Going on at step %d of %d.", trainer.step, trainer.plan.steps)
        trainer.pace(until)
        trainer.run(every=trainer.plan.steps, look=lambda _: None, until=until, stop=stop)


def _ship(mix: Mix, stock: Stock, folder: Path) -> tuple[Path, float]:
    new = folder / "encoder-new"
    titles = [e.title for e in stock.learning if e.title.strip()][:500]
    found = package.ship(
        new,
        "adapted",
        mix.towers.image,
        mix.towers.text,
        stock.pixels[: len(stock.learning)],
        titles or ["product"],
        SIDE,
        summary="the built-in towers, adapted to this shop",
        anchors=mix.anchors,
        blocks=mix.blocks,
    )
    content = (new / "image.onnx").read_bytes() + (new / "text.onnx").read_bytes()
    place = folder / f"encoder-{hashlib.sha256(content).hexdigest()[:8]}"
    if not place.exists():
        new.rename(place)
    return place, found["image, int8"].mean


def _judged(catalog: Shelves, recipe: Recipe, stock: Stock) -> dict[str, NDArray[np.float64]]:
    """Per product kept aside: P@5 of every facet in the whole catalogue, and whether its title finds it."""
    images = image_encoder(recipe.image or "builtin")
    rows: list[Rows] = []
    for start in range(0, len(stock.photos), 64):
        ids = stock.photos[start : start + 64]
        rows.append(images.encode_images([read_image(catalog.photo(p).data, images.input_side) for p in ids]))
    shop = np.concatenate(rows)
    judged = _found(
        shop[len(stock.learning) :], shop, stock.held, [*stock.learning, *stock.held], stock.facets
    )
    if recipe.joint and any(e.title.strip() for e in stock.held):
        words = text_encoder(recipe.text).encode_texts([e.title for e in stock.held])
        assert isinstance(words, np.ndarray)
        judged[_TITLES] = _found_by_title(words, shop, stock.held, [*stock.learning, *stock.held])
    return judged


def _found(
    queries: Rows, gallery: Rows, asking: Sequence[Example], stored: Sequence[Example], facets: Sequence[str]
) -> dict[str, NDArray[np.float64]]:
    """Per query: the share of its five nearest, its own group left out, that have its value of a facet."""
    mine, theirs = np.array([e.group for e in asking]), np.array([e.group for e in stored])
    near = neighbours(queries, gallery, 5, mine[:, None] == theirs[None, :])
    found: dict[str, NDArray[np.float64]] = {}
    for name in facets:
        wanted = np.array([e.labels.get(name, "") for e in asking])
        labels = np.array([e.labels.get(name, "") for e in stored])
        hits = (labels[near] == wanted[:, None]).mean(1)
        found[f"{name} P@5"] = np.where(wanted == "", np.nan, hits)
    return found


def _found_by_title(
    words: Rows, gallery: Rows, asking: Sequence[Example], stored: Sequence[Example]
) -> NDArray[np.float64]:
    """Per query: whether its title finds a photo of its group among the first ten."""
    mine, theirs = np.array([e.group for e in asking]), np.array([e.group for e in stored])
    found = (theirs[neighbours(words, gallery, 10)] == mine[:, None]).any(1)
    return np.where([bool(e.title.strip()) for e in asking], found, np.nan)


def _mixed(old: Towers, new: Towers, start: Path, stock: Stock) -> Mix:
    """The mix under which products that were not trained on find their like best, over all facets."""
    tried = len(stock.learning) - stock.trained
    rows = [*range(stock.trained)[:_MOST_TRIED], *range(stock.trained, len(stock.learning))]
    examples = [stock.learning[row] for row in rows]
    asking, pixels = examples[-tried:], stock.pixels[torch.tensor(rows)]

    def judge(towers: Towers, vectors: Rows, blocks: Sequence[Block]) -> float:
        found = _found(vectors[-tried:], vectors, asking, examples, stock.facets)
        if any(e.title.strip() for e in asking):
            words = encode_texts(towers.text, [e.title for e in asking], blocks)
            found[_TITLES] = _found_by_title(words, vectors, asking, examples)
        return float(_mean(found, found.keys()).mean())

    kept = warm_start.anchors(start / "image.onnx")
    return best_mix(old, new, kept, lambda towers: raw_pixels(towers.image, pixels, SIDE), judge)


def known_figure(values: NDArray[np.float64], groups: Sequence[str]) -> Figure:
    """The figure over the products that have the facet."""
    known = ~np.isnan(values)
    return figure(values[known], np.array(groups)[known])


def _mean(judged: dict[str, NDArray[np.float64]], names: Collection[str]) -> NDArray[np.float64]:
    stacked = np.stack([judged[name] for name in sorted(names)])
    known = ~np.isnan(stacked)
    return np.where(known, stacked, 0).sum(0) / np.maximum(1, known.sum(0))


def _towers_of(recipe: Recipe | None) -> Path:
    """The folder of towers that can be trained further: the recipe's own, or the built-in ones."""
    own = Path(recipe.image).parent if recipe and recipe.joint else BUILTIN_FOLDER
    return own if (own / "image.onnx").is_file() and (own / "text.onnx").is_file() else BUILTIN_FOLDER


def _verified(folder: Path, kind: Kind) -> Path:
    """The graph of a folder, after comparing it with its record."""
    found = source(_record(folder, kind), kind)
    return found.verified(found.record.file)[0]


def _record(folder: Path, kind: str) -> str:
    return str((folder / f"{kind}.json").resolve())


@contextmanager
def _disk(folder: Path) -> Generator[None]:
    """Say in one sentence that the disk refused."""
    try:
        yield
    except OSError as error:
        raise DatabaseBroken(
            f"The adaptation could not be written to {folder} ({error}): make room there and run the same "
            "command again; the catalogue is as it was."
        ) from error
