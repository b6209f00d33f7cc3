"""Compare recipes on the same products and tasks, with significance."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lookalike.analysis.evaluate.benchmark import Benchmark
from lookalike.analysis.evaluate.intervals import Difference, difference, holm_corrected
from lookalike.analysis.evaluate.tasks import Progress
from lookalike.shop import Shop
from lookalike.types import ImportReport, Photo, Product, Recipe

PAGE = 200


@dataclass(frozen=True, slots=True)
class Compared:
    """The difference of one metric between two recipes."""

    recipe: str
    baseline: str
    task: str
    part: str
    channel: str
    measure: str
    difference: Difference

    def as_json(self) -> dict[str, Any]:
        """The comparison as JSON."""
        names = ("recipe", "baseline", "task", "part", "measure")
        found = {name: getattr(self, name) for name in names} | {"by": self.channel}
        return found | {
            name: round(value, 5) if isinstance(value, float) else value
            for name, value in asdict(self.difference).items()
        }


def differences(benchmarks: Sequence[Benchmark]) -> list[Compared]:
    """The difference of each benchmark from the first one, by metric."""
    found: list[Compared] = []
    baseline = benchmarks[0]
    before = {measured.key: measured for measured in baseline.measured}
    for other in benchmarks[1:]:
        for measured in other.measured:
            base = before.get(measured.key)
            if base is not None:
                delta = difference(measured.values, base.values, measured.units)
                found.append(Compared(other.recipe, baseline.recipe, *measured.key, delta))
    real = holm_corrected([each.difference for each in found])
    return [
        Compared(each.recipe, each.baseline, each.task, each.part, each.channel, each.measure, delta)
        for each, delta in zip(found, real, strict=True)
    ]


@contextmanager
def made_with(shop: Shop, wanted: Recipe, progress: Progress | None = None) -> Generator[Shop]:
    """The shop's products under another recipe, in a temporary catalog."""
    if wanted == shop.recipe:
        yield shop
        return
    total = len(shop)

    def show_progress(report: ImportReport) -> None:
        if progress is not None:
            progress(f"embedding by {wanted.name}", report.seen, total)

    with (
        TemporaryDirectory(prefix="lookalike-") as folder,
        Shop.open(str(Path(folder) / "other.db"), recipe=wanted) as other,
    ):
        other.add(_with_photos(shop), progress=show_progress)
        yield other


def _with_photos(shop: Shop) -> Iterator[Product]:
    """All products, with the bytes of their stored photos."""
    products = shop.catalog.all_products()
    while page := list(islice(products, PAGE)):
        ids = [photo.id for product in page for photo in product.photos]
        stored = shop.catalog.database.stored_photos(ids)
        for product in page:
            photos = tuple(
                Photo(data=stored[photo.id].data) for photo in product.photos if photo.id in stored
            )
            yield replace(product, photos=photos)
