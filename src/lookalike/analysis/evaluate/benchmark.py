"""The benchmark of a recipe on a catalog: all tasks with confidence intervals, and the cost."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from lookalike.analysis.evaluate.intervals import Figure, figure, sample
from lookalike.analysis.evaluate.metrics import qrels_lines, run_lines, scored
from lookalike.analysis.evaluate.tasks import Examiner, Progress, Task
from lookalike.analysis.snapshot import Snapshot
from lookalike.errors import NotFound, UsageError
from lookalike.media.images import read_image
from lookalike.shop import Shop
from lookalike.types import Query

QUERIES = 400
TIMED_QUERIES = 50
TIMED_PHOTOS = 64
QUERY_HITS = 10


@dataclass(frozen=True, slots=True)
class Measured:
    """One measure of the benchmark, with its value for each query."""

    task: str
    part: str
    channel: str
    measure: str
    figure: Figure
    values: Mapping[str, float] = field(repr=False, compare=False)
    units: Mapping[str, str] = field(repr=False, compare=False)

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Identifies the measure across recipes."""
        return self.task, self.part, self.channel, self.measure


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost on this machine at this moment."""

    photos_a_second: float
    bytes_a_product: float
    ms_a_query: float


@dataclass(frozen=True, slots=True)
class Benchmark:
    """How good a recipe is on a catalog."""

    recipe: str
    products: int
    revision: int
    measured: tuple[Measured, ...]
    cost: Cost = field(compare=False)
    seconds: float = field(compare=False)
    notes: tuple[str, ...] = ()

    def value(self, task: str, part: str, channel: str, measure: str) -> Figure | None:
        """One measure, if available."""
        return next((m.figure for m in self.measured if m.key == (task, part, channel, measure)), None)

    def as_json(self) -> dict[str, Any]:
        """The benchmark as JSON. Apart from cost and seconds, every run gives the same."""
        return {
            "recipe": self.recipe,
            "products": self.products,
            "revision": self.revision,
            "measured": [
                {"task": m.task, "part": m.part, "by": m.channel, "measure": m.measure}
                | {name: _rounded(value) for name, value in asdict(m.figure).items()}
                for m in self.measured
            ],
            "cost": {name: round(value, 2) for name, value in asdict(self.cost).items()},
            "seconds": round(self.seconds, 1),
            "notes": list(self.notes),
        }


def benchmark(
    shop: Shop,
    *,
    queries: int = QUERIES,
    progress: Progress | None = None,
    trec: Path | None = None,
) -> Benchmark:
    """Measure a catalog by its own products, without any labels beyond its feed."""
    if queries < 1:
        raise UsageError(f"A benchmark needs at least one query, not {queries}.")
    began = time.monotonic()
    snapshot = Snapshot.of(shop)
    report = progress or _silent
    examiner = Examiner(shop, snapshot, queries, report)
    measured: list[Measured] = []
    for trial in examiner.trials():
        if trec is not None:
            write_trec(trial, trec, shop.recipe.name)
        for channel, scores in scored(trial.runs, trial.relevant, trial.measures).items():
            for measure in trial.measures:
                values = scores[measure]
                if values:
                    found = figure(values, trial.units)
                    measured.append(
                        Measured(trial.task, trial.part, channel, measure, found, values, trial.units)
                    )
    return Benchmark(
        recipe=shop.recipe.name,
        products=len(snapshot),
        revision=snapshot.revision,
        measured=tuple(measured),
        cost=_cost(shop, snapshot),
        seconds=time.monotonic() - began,
        notes=tuple(_notes(snapshot)),
    )


def write_trec(trial: Task, folder: Path, tag: str) -> None:
    """Write the judgements and runs of a task as TREC files."""
    folder.mkdir(parents=True, exist_ok=True)
    name = "-".join(word for word in f"{trial.task} {trial.part}".replace("+", " ").split())
    _write(folder / f"{name}.qrels", lambda file: file.writelines(qrels_lines(trial.relevant)))
    for channel, run in trial.runs.items():
        asked = {query: found for query, found in run.items() if query in trial.relevant}
        _write(
            folder / f"{name}-{channel}.run", lambda file, asked=asked: file.writelines(run_lines(asked, tag))
        )


def _write(path: Path, fill: Callable[[TextIO], None]) -> None:
    with path.open("w", encoding="utf-8") as file:
        fill(file)


def _cost(shop: Shop, snapshot: Snapshot) -> Cost:
    ids = sample(snapshot.ids, TIMED_QUERIES, "cost")
    taken: list[float] = []
    # A product without photo and text cannot be queried.
    asked = [id for id, seen in zip(snapshot.ids, snapshot.has_photo(), strict=True) if seen and id in ids]
    for id in asked:
        # Products may be removed while they are measured.
        with suppress(NotFound):
            taken.append(shop.answer(Query(product=id, k=QUERY_HITS)).took_ms)
    rows = snapshot.images.nbytes + (snapshot.texts.nbytes if snapshot.texts is not None else 0)
    rows += sum(each.columns.nbytes + each.values.nbytes for each in snapshot.sparse if each is not None)
    return Cost(
        photos_a_second=_speed(shop, snapshot),
        bytes_a_product=rows / max(len(snapshot), 1),
        ms_a_query=float(np.median(taken)) if taken else 0.0,
    )


def _speed(shop: Shop, snapshot: Snapshot) -> float:
    photos = [photo for photo in snapshot.first_photos() if photo][:TIMED_PHOTOS]
    if not photos or not shop.recipe.image:
        return 0.0
    pictures = [read_image(photo.data) for photo in shop.catalog.database.stored_photos(photos).values()]
    began = time.perf_counter()
    shop.catalog.pipeline.encode_images(pictures)
    return len(pictures) / (time.perf_counter() - began)


def _notes(snapshot: Snapshot) -> list[str]:
    """Notes on what could not be measured."""
    notes: list[str] = []
    if len(snapshot) < 2:
        return ["At least two products are needed. Import more."]
    if not snapshot.facets():
        notes.append(
            "No facet is shared by several products in at least two values, so agreement is not measured."
        )
    if not snapshot.has_photo().any():
        notes.append("No product has a photo, so altered photos are not measured.")
    elif len(np.unique(snapshot.images, axis=0)) == 1 and len(snapshot.images) > 1:
        notes.append("All photos are the same picture, so visual similarity is not measured.")
    if not any(product.title.strip() for product in snapshot.products):
        notes.append("No product has a title, so titles are not measured.")
    if not any(product.group for product in snapshot.products):
        notes.append("No product has a group, so variants are not measured.")
    return notes


def _silent(what: str, done: int, total: int) -> None:
    pass


def _rounded(value: float | int) -> float | int:
    return round(value, 5) if isinstance(value, float) else value
