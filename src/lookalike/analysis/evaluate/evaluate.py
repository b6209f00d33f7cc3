"""The whole evaluation of a catalog, stored beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lookalike.analysis import results
from lookalike.analysis.evaluate import reliability, weight_tuning
from lookalike.analysis.evaluate.benchmark import Benchmark, benchmark
from lookalike.analysis.evaluate.compare_recipes import Compared, differences, made_with
from lookalike.analysis.evaluate.pca_sweep import Step
from lookalike.analysis.evaluate.pca_sweep import components as stepped
from lookalike.analysis.evaluate.reliability import ReliabilityReport
from lookalike.analysis.evaluate.tasks import Progress
from lookalike.analysis.evaluate.weight_tuning import Weight
from lookalike.analysis.snapshot import Snapshot
from lookalike.encoders.recipes import recipe
from lookalike.errors import BadQuery
from lookalike.shop import Shop


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The evaluation of a catalog's search."""

    benchmarks: tuple[Benchmark, ...]
    compared: tuple[Compared, ...] = ()
    reliability: ReliabilityReport | None = None
    weights: tuple[Weight, ...] = ()
    steps: tuple[Step, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The evaluation as JSON."""
        return {
            "benchmarks": [each.as_json() for each in self.benchmarks],
            "differences": [each.as_json() for each in self.compared],
            "calibration": self.reliability.as_json() if self.reliability else None,
            "weights": [asdict(each) for each in self.weights],
            "components": [each.as_json() for each in self.steps],
        }


def evaluate(
    shop: Shop,
    *,
    queries: int,
    progress: Progress,
    components: bool = False,
    trec: Path | None = None,
) -> Evaluation:
    """Measure a catalog's search: quality, accuracy of match percentages, best weights."""
    measured = benchmark(shop, queries=queries, progress=progress, trec=trec)
    snapshot = Snapshot.of(shop)
    steps = tuple(stepped(snapshot, measured.recipe)) if components else ()
    return Evaluation(
        benchmarks=(measured,),
        reliability=reliability.measure(shop, snapshot, progress),
        weights=tuple(weight_tuning.weigh(shop, snapshot, progress)),
        steps=steps,
    )


def evaluate_recipes(
    shop: Shop,
    names: Sequence[str],
    *,
    queries: int,
    progress: Progress,
    components: bool = False,
    trec: Path | None = None,
) -> Evaluation:
    """Measure several recipes on the products of a catalog, each against the first."""
    if not names:
        raise BadQuery("Name the recipes to compare: `--recipes builtin,pixels`.")
    # Check all names before measuring any.
    wanted = [recipe(name) for name in dict.fromkeys(names)]
    benchmarks: list[Benchmark] = []
    steps: list[Step] = []
    for each in wanted:
        folder = trec / each.name if trec is not None else None
        with made_with(shop, each, progress) as other:
            measured = benchmark(other, queries=queries, progress=progress, trec=folder)
            benchmarks.append(measured)
            if components:
                progress("components", len(benchmarks), len(wanted))
                steps += stepped(Snapshot.of(other), measured.recipe)
    return Evaluation(tuple(benchmarks), tuple(differences(benchmarks)), steps=tuple(steps))


def keep(shop: Shop, evaluation: Evaluation) -> None:
    """Store the evaluation for the web application, and the tuned weights."""
    weight_tuning.keep(shop, evaluation.weights)
    results.keep(shop.catalog.database, results.BENCHMARKS, evaluation.as_json())
