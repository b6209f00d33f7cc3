"""Adapt the encoder to a shop: train on most of its products, judge on the rest, keep it only if better."""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL.Image import Image

from lookalike.encoders import image_encoder, text_encoder
from lookalike.encoders.base import TextEncoder
from lookalike.encoders.files import Source
from lookalike.encoders.registry import BUILTIN_FOLDER, source
from lookalike.encoders.spec import Kind
from lookalike.encoders.text.hashing import batch_ids
from lookalike.errors import BadModel, DatabaseBroken, UsageError
from lookalike.media.images import read_image
from lookalike.training.features import FeatureReader
from lookalike.training.loop import BATCH, CHECKPOINT, Trainer
from lookalike.training.metrics import Figure, Rows, figure, neighbours
from lookalike.training.onnx_files import (
    has_readout,
    read_readout,
    read_text_tower,
    text_graph,
    write,
    write_readout,
)
from lookalike.training.package import write_records
from lookalike.training.shop_dataset import Example, ProductSource, Stock, read_stock
from lookalike.training.towers import Readout, TextTower, join_text
from lookalike.types import Recipe

log = logging.getLogger(__name__)

MOST_MINUTES = 12.0
PASSES = 40
FEWEST_STEPS = 200
# How far from the old weights to the new: of equals the first wins, which is the nearest to the old.
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
_TITLES = "title to photo R@10"
_CLOSE = 0.999
_CHECKED = 64


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
    """An adapted encoder, the recipe that uses it, and how it was evaluated."""

    folder: Path
    recipe: Recipe
    judgement: Judgement
    learned_from: int
    held_out: int
    seconds: float


@dataclass(frozen=True)
class Towers:
    """What is trained of an encoder, and the share of training that it holds."""

    readout: Readout
    text: TextTower
    share: float = 0.0

    def images(self, features: torch.Tensor) -> Rows:
        """Return a unit row for each row of features."""
        with torch.no_grad():
            return self.readout(features).numpy()

    def texts(self, texts: Sequence[str]) -> Rows:
        """Return a unit row for each text."""
        with torch.no_grad():
            return join_text(self.text(torch.from_numpy(batch_ids(texts, self.text.buckets)))).numpy()


def adapt(
    catalog: ProductSource,
    folder: Path,
    *,
    current: Recipe | None = None,
    start: Path | None = None,
    seed: int = 0,
    minutes: float = MOST_MINUTES,
    passes: int = PASSES,
    stop: threading.Event | None = None,
) -> Adapted | None:
    """Train from a catalogue in six steps; None if it was stopped, to go on from there the next time."""
    began = time.monotonic()
    start = start or _towers_of(current)
    image, text = (_source(start, kind) for kind in ("image", "text"))
    towers = Towers(read_readout(_verified(image)), read_text_tower(_verified(text)))
    before = recipe_of(start) if current is None else current
    reader = FeatureReader(image)
    # 1. The products become examples, some kept aside by group; too few or too alike ends here.
    stock = read_stock(catalog, reader.side)
    if not stock.facets and not before.joint:
        raise UsageError(
            f"No facet distinguishes these products, and '{before.name}' does not compare words with photos: "
            "nothing would say which encoder is better. Run `lookalike switch builtin` first."
        )
    log.info(
        "Learning from %d products, %d kept aside; facets: %s; %d products without a readable photo.",
        len(stock.learning),
        len(stock.held),
        ", ".join(stock.facets) or "none",
        stock.without_photo,
    )

    def open_photo(photo: str) -> Image:
        return read_image(catalog.photo(photo).data, reader.side)

    # 2. The network looks at every photo once; all else is trained on what it saw.
    with _disk(folder):
        features = reader.read(stock.photos, open_photo, folder, stop)
    if features is None:
        return None
    old = _served_before(before, start, towers, features, stock, open_photo)
    # 3. Training, checked against the clock and resumable.
    count = stock.trained
    steps = max(FEWEST_STEPS, passes * count // BATCH)
    trainer = Trainer(
        towers.readout, towers.text, features[:count], stock.learning[:count], stock.facets, steps, seed
    )
    with _disk(folder):
        if trainer.resume(folder):
            log.info("Going on at step %d of %d.", trainer.step, trainer.steps)
        trainer.run(folder, began + minutes * 60, stop, log.info)
    if stop is not None and stop.is_set():
        return None
    # 4. The best mix of old and new weights is written beside the catalogue, under a name of its own.
    best = best_mix(towers, Towers(trainer.readout, trainer.text), features, stock)
    log.info("Best on products not trained on: %.0f%% of the way to the new weights.", best.share * 100)
    with _disk(folder):
        shipped = _ship(best, image, folder)
    # 5. It is measured on the products kept aside, as it will be served.
    after = recipe_of(shipped)
    _check(after, best, features, stock, open_photo)
    new = _judged(best.images(features), best.texts, stock)
    # 6. The judgement: paired by product, resampled by group.
    both = old.keys() & new.keys()
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
        (folder / CHECKPOINT).unlink(missing_ok=True)
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


def best_mix(old: Towers, new: Towers, features: torch.Tensor, stock: Stock) -> Towers:
    """The mix under which products that were not trained on find their like best, over all facets."""
    learned = len(stock.learning)
    asking = stock.learning[stock.trained :]
    best, liked = old, -1.0
    for share in SHARES:
        towers = Towers(old.readout.mixed(new.readout, share), old.text.mixed(new.text, share), share)
        vectors = towers.images(features[:learned])
        found = _found(vectors[stock.trained :], vectors, asking, stock.learning, stock.facets)
        if any(e.title.strip() for e in asking):
            words = towers.texts([e.title for e in asking])
            found[_TITLES] = _found_by_title(words, vectors, asking, stock.learning)
        score = float(_mean(found, found.keys()).mean())
        if score > liked:
            best, liked = towers, score
    return best


def _served_before(
    recipe: Recipe,
    start: Path,
    towers: Towers,
    features: torch.Tensor,
    stock: Stock,
    open_photo: Callable[[str], Image],
) -> dict[str, NDArray[np.float64]]:
    """How the catalogue's encoder of today does on the products kept aside."""
    if recipe.image == _record(start, "image") or (recipe.image == "builtin" and start == BUILTIN_FOLDER):
        return _judged(towers.images(features), towers.texts, stock)
    images = image_encoder(recipe.image or "builtin")
    parts = [images.encode_images([open_photo(photo)]) for photo in stock.photos]
    words = _encode_texts(text_encoder(recipe.text)) if recipe.joint else None
    return _judged(np.concatenate(parts), words, stock)


def _encode_texts(encoder: TextEncoder) -> Callable[[Sequence[str]], Rows]:
    def encode(texts: Sequence[str]) -> Rows:
        rows = encoder.encode_texts(texts)
        assert isinstance(rows, np.ndarray)
        return rows

    return encode


def _judged(
    shop: Rows, words: Callable[[Sequence[str]], Rows] | None, stock: Stock
) -> dict[str, NDArray[np.float64]]:
    """Per product kept aside: P@5 of every facet in the whole catalogue, and whether its title finds it."""
    everything = [*stock.learning, *stock.held]
    scores = _found(shop[len(stock.learning) :], shop, stock.held, everything, stock.facets)
    if words is not None and any(e.title.strip() for e in stock.held):
        said = words([e.title for e in stock.held])
        scores[_TITLES] = _found_by_title(said, shop, stock.held, everything)
    return scores


def _ship(towers: Towers, image: Source, folder: Path) -> Path:
    new = folder / "encoder-new"
    new.mkdir(parents=True, exist_ok=True)
    write_readout(_verified(image), towers.readout, new / "image.onnx")
    write(text_graph(towers.text), new / "text.onnx")
    pixels, licence = image.record.pixels, image.record.licence
    write_records(
        new,
        "adapted",
        pixels,
        towers.text.buckets,
        licence=licence,
        summary="the built-in towers, adapted to this shop",
    )
    content = (new / "image.onnx").read_bytes() + (new / "text.onnx").read_bytes()
    place = folder / f"encoder-{hashlib.sha256(content).hexdigest()[:8]}"
    if not place.exists():
        new.rename(place)
    return place


def _check(
    recipe: Recipe, towers: Towers, features: torch.Tensor, stock: Stock, open_photo: Callable[[str], Image]
) -> None:
    """The files say what was trained, or are not used."""
    photos = stock.photos[:_CHECKED]
    served = image_encoder(recipe.image).encode_images([open_photo(photo) for photo in photos])
    lowest = float((served * towers.images(features[: len(photos)])).sum(1).min())
    if lowest < _CLOSE:
        raise BadModel(f"The exported encoder differs from the trained one: cosine {lowest:.4f}.")


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


def known_figure(values: NDArray[np.float64], groups: Sequence[str]) -> Figure:
    """The figure over the products that have the facet."""
    known = ~np.isnan(values)
    return figure(values[known], np.array(groups)[known])


def _mean(scores: dict[str, NDArray[np.float64]], names: Collection[str]) -> NDArray[np.float64]:
    stacked = np.stack([scores[name] for name in sorted(names)])
    known = ~np.isnan(stacked)
    return np.where(known, stacked, 0).sum(0) / np.maximum(1, known.sum(0))


def _towers_of(recipe: Recipe | None) -> Path:
    """The folder of towers that can be trained further: the recipe's own, or the built-in ones."""
    own = Path(recipe.image).parent if recipe and recipe.joint else BUILTIN_FOLDER
    whole = (own / "image.onnx").is_file() and (own / "text.onnx").is_file()
    # What was adapted from the former built-in encoder has no readout: it starts from the present one.
    return own if whole and has_readout(own / "image.onnx") else BUILTIN_FOLDER


def _source(folder: Path, kind: Kind) -> Source:
    return source(_record(folder, kind), kind)


def _verified(found: Source) -> Path:
    """The graph of an encoder, after comparing it with its record."""
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
