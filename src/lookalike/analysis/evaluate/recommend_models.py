"""Ranks the installed models by search quality on a catalog's own products."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lookalike.analysis.evaluate.benchmark import Benchmark, benchmark
from lookalike.analysis.evaluate.compare_recipes import made_with
from lookalike.analysis.evaluate.tasks import Progress
from lookalike.encoders.recipes import RECIPES, recipe
from lookalike.encoders.registry import KINDS, WITHOUT_FILES, source
from lookalike.encoders.zoo import MODELS
from lookalike.shop import Shop
from lookalike.types import Recipe

# The headline number of each kind of question; their mean ranks the models.
HEADLINES = {
    "agreement": "P@5",
    "altered photo": "hit@1",
    "phrase": "P@10",
    "variants": "R@10",
    "title to photo": "hit@10",
    "next product": "hit@10",
}


@dataclass(frozen=True, slots=True)
class MeasuredModel:
    """A model's mean over the headline numbers of `evaluate`, from 0 to 1, and its cost."""

    recipe: str
    quality: float
    photos_a_second: float
    licence: str
    current: bool


def measured_models(shop: Shop, *, queries: int, progress: Progress) -> list[MeasuredModel]:
    """Measure the catalog's recipe and every installed model, best first."""
    found: list[tuple[Recipe, Benchmark]] = []
    for each in candidates(shop):
        with made_with(shop, each, progress) as other:
            found.append((each, benchmark(other, queries=queries, progress=progress)))
    # Tasks that a model cannot do, such as text search, do not count for it.
    shared = set[str](HEADLINES)
    for _, measured in found:
        shared &= {each.task for each in measured.measured}
    rows = [
        MeasuredModel(
            recipe=each.name,
            quality=_quality(measured, shared),
            photos_a_second=measured.cost.photos_a_second,
            licence=_licence(each),
            current=each == shop.recipe,
        )
        for each, measured in found
    ]
    return sorted(rows, key=lambda row: (-row.quality, row.recipe))


def candidates(shop: Shop) -> Iterator[Recipe]:
    """The catalog's recipe, the baseline without a network, and every installed model."""
    yield shop.recipe
    names = ["builtin", "pixels", *dict.fromkeys(each.name for each in MODELS if each.kind == "image")]
    seen = {(shop.recipe.image, shop.recipe.text)}
    for name in names:
        each = RECIPES.get(name) or recipe(name)
        if (each.image, each.text) not in seen and _complete(each):
            seen.add((each.image, each.text))
            yield each


def _complete(recipe: Recipe) -> bool:
    pairs = zip(KINDS, (recipe.image, recipe.text), strict=True)
    return all(source(name, kind).complete() for kind, name in pairs if name and name not in WITHOUT_FILES)


def _quality(measured: Benchmark, tasks: set[str]) -> float:
    """The mean over tasks, each the mean of its parts."""
    means: list[float] = []
    for task in sorted(tasks):
        values = [
            each.figure.value
            for each in measured.measured
            if each.task == task and each.measure == HEADLINES[task] and each.channel != "words"
        ]
        if values:
            means.append(sum(values) / len(values))
    return sum(means) / len(means) if means else 0.0


def _licence(recipe: Recipe) -> str:
    return (
        source(recipe.image, "image").record.licence
        if recipe.image and recipe.image not in WITHOUT_FILES
        else ""
    )
