"""Compare recipes on the same products and tasks, with significance."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
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
    """One number of the benchmark for two recipes: how much the second is better than the first."""

    recipe: str
    baseline: str
    task: str
    part: str
    channel: str
    measure: str
    difference: Difference

    def as_json(self) -> dict[str, Any]:
        """The comparison as programs read it."""
        names = ("recipe", "baseline", "task", "part", "measure")
        found = {name: getattr(self, name) for name in names} | {"by": self.channel}
        return found | {
            name: round(value, 5) if isinstance(value, float) else value
            for name, value in asdict(self.difference).items()
        }


def differences(benchmarks: Sequence[Benchmark]) -> list[Compared]:
    """How much each benchmark after the first differs from it, number by number."""
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

    def tell(report: ImportReport) -> None:
        if progress is not None:
            progress(f"embedding by {wanted.name}", report.seen, total)

    with (
        TemporaryDirectory(prefix="lookalike-") as folder,
        Shop.open(str(Path(folder) / "other.db"), recipe=wanted) as other,
    ):
        other.add(_entire(shop), progress=tell)
        yield other


def _entire(shop: Shop) -> Iterator[Product]:
    """The products with the bytes of their stored photos."""
    after = ""
    while page := shop.products(after=after, limit=PAGE):
        stored = shop.catalog.database.stored_photos(
            [photo.id for product in page for photo in product.photos]
        )
        for product in page:
            photos = tuple(
                Photo(data=stored[photo.id].data) for photo in product.photos if photo.id in stored
            )
            yield Product(
                id=product.id,
                title=product.title,
                description=product.description,
                facets=product.facets,
                price=product.price,
                currency=product.currency,
                stock=product.stock,
                group=product.group,
                link=product.link,
                photos=photos,
            )
        after = page[-1].id
