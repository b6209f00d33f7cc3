"""Adapts the encoder to a shop: trains on most products, and keeps the result only if the rest improve."""

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
# Interpolation steps from the old to the new weights; of equals, the nearest to the old wins.
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
_TITLES = "title to photo R@10"
_CLOSE = 0.999
_CHECKED = 64


@dataclass(frozen=True)
class Judgement:
    """The evaluation on the held-out products: before, after, and the difference."""

    before: dict[str, Figure]
    after: dict[str, Figure]
    gain: Figure

    @property
    def better(self) -> bool:
        """Whether the gain is significant: its whole interval lies above zero."""
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
    """The trainable part of an encoder, and its share of the work."""

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
    """Train on a catalog in six steps; None if stopped, in which case the next call resumes."""
    began = time.monotonic()
    start = start or _towers_of(current)
    image, text = (_source(start, kind) for kind in ("image", "text"))
    towers = Towers(read_readout(_verified(image)), read_text_tower(_verified(text)))
    before = recipe_of(start) if current is None else current
    reader = FeatureReader(image)
    # 1. The products become examples; some groups are held out. Raises if there are too few or too similar.
    stock = read_stock(catalog, reader.side)
    if not stock.facets and not before.joint:
        raise UsageError(
            f"No facet distinguishes these products, and '{before.name}' does not compare words with photos, "
            "so encoders cannot be compared. Run `lookalike switch builtin` first."
        )
    log.info(
        "Training on %d products, %d held out; facets: %s; %d products without a readable photo.",
        len(stock.learning),
        len(stock.held),
        ", ".join(stock.facets) or "none",
        stock.without_photo,
    )

    def open_photo(photo: str) -> Image:
        return read_image(catalog.photo(photo).data, reader.side)

    # 2. The network embeds every photo once; training uses only these features.
    with _disk(folder):
        features = reader.read(stock.photos, open_photo, folder, stop)
    if features is None:
        return None
    old = _served_before(before, start, towers, features, stock, open_photo)
    # 3. Training stops at a time limit, and can be resumed.
    count = stock.trained
    steps = max(FEWEST_STEPS, passes * count // BATCH)
    trainer = Trainer(
        towers.readout, towers.text, features[:count], stock.learning[:count], stock.facets, steps, seed
    )
    with _disk(folder):
        if trainer.resume(folder):
            log.info("Resuming at step %d of %d.", trainer.step, trainer.steps)
        trainer.run(folder, began + minutes * 60, stop, log.info)
    if stop is not None and stop.is_set():
        return None
    # 4. The best interpolation of old and new weights is written beside the catalog, under its own name.
    best = best_mix(towers, Towers(trainer.readout, trainer.text), features, stock)
    log.info("Best on held-out products: %.0f%% of the way to the new weights.", best.share * 100)
    with _disk(folder):
        shipped = _ship(best, image, folder)
    # 5. It is evaluated on the held-out products, as it will be served.
    after = recipe_of(shipped)
    _check(after, best, features, stock, open_photo)
    new = _judged(best.images(features), best.texts, stock)
    # 6. The comparison is paired by product and resampled by group.
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
    """Return the recipe for the encoder in a folder."""
    return Recipe(
        name="adapted",
        summary="the built-in towers, adapted to this shop's own products",
        image=_record(folder, "image"),
        text=_record(folder, "text"),
        joint=True,
        steps=("both towers trained further on this catalog", "cosine in one space"),
    )


def best_mix(old: Towers, new: Towers, features: torch.Tensor, stock: Stock) -> Towers:
    """Choose the interpolation that finds similar products best, on products that were not trained on."""
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
    """Evaluate the catalog's present encoder on the held-out products."""
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
    """Return P@5 of every facet for each held-out product, and whether its title finds it."""
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
    """Raise unless the exported files give the trained vectors."""
    photos = stock.photos[:_CHECKED]
    served = image_encoder(recipe.image).encode_images([open_photo(photo) for photo in photos])
    lowest = float((served * towers.images(features[: len(photos)])).sum(1).min())
    if lowest < _CLOSE:
        raise BadModel(f"The exported encoder differs from the trained one: cosine {lowest:.4f}.")


def _found(
    queries: Rows, gallery: Rows, asking: Sequence[Example], stored: Sequence[Example], facets: Sequence[str]
) -> dict[str, NDArray[np.float64]]:
    """Return per query the share of its five nearest, without its own group, that share its facet value."""
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
    """Return per query whether its title finds a photo of its group among the first ten."""
    mine, theirs = np.array([e.group for e in asking]), np.array([e.group for e in stored])
    found = (theirs[neighbours(words, gallery, 10)] == mine[:, None]).any(1)
    return np.where([bool(e.title.strip()) for e in asking], found, np.nan)


def known_figure(values: NDArray[np.float64], groups: Sequence[str]) -> Figure:
    """Return the mean over the products that have the facet."""
    known = ~np.isnan(values)
    return figure(values[known], np.array(groups)[known])


def _mean(scores: dict[str, NDArray[np.float64]], names: Collection[str]) -> NDArray[np.float64]:
    stacked = np.stack([scores[name] for name in sorted(names)])
    known = ~np.isnan(stacked)
    return np.where(known, stacked, 0).sum(0) / np.maximum(1, known.sum(0))


def _towers_of(recipe: Recipe | None) -> Path:
    """Return the folder of trainable towers: the recipe's own, or the built-in ones."""
    own = Path(recipe.image).parent if recipe and recipe.joint else BUILTIN_FOLDER
    whole = (own / "image.onnx").is_file() and (own / "text.onnx").is_file()
    # Encoders adapted from the former built-in encoder have no readout: start from the present one.
    return own if whole and has_readout(own / "image.onnx") else BUILTIN_FOLDER


def _source(folder: Path, kind: Kind) -> Source:
    return source(_record(folder, kind), kind)


def _verified(found: Source) -> Path:
    """Return the graph of an encoder, verified against its record."""
    return found.verified(found.record.file)[0]


def _record(folder: Path, kind: str) -> str:
    return str((folder / f"{kind}.json").resolve())


@contextmanager
def _disk(folder: Path) -> Generator[None]:
    """Explain a failed write."""
    try:
        yield
    except OSError as error:
        raise DatabaseBroken(
            f"Cannot write to {folder} ({error}). Make room there and run the same "
            "command again. The catalog is unchanged."
        ) from error
