"""The whole evaluation of a catalogue: measured, learned, and kept beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from lookalike.analysis import results
from lookalike.analysis.evaluate import calibration as calibrating
from lookalike.analysis.evaluate import weight_tuning
from lookalike.analysis.evaluate.benchmark import Benchmark, benchmark
from lookalike.analysis.evaluate.calibration import CalibrationReport
from lookalike.analysis.evaluate.compare_recipes import Compared, differences, made_with
from lookalike.analysis.evaluate.out_of_domain import known_outsiders, learned_outsiders, photos_in
from lookalike.analysis.evaluate.pca_sweep import Step
from lookalike.analysis.evaluate.pca_sweep import components as stepped
from lookalike.analysis.evaluate.tasks import Progress
from lookalike.analysis.evaluate.weight_tuning import Weight
from lookalike.analysis.snapshot import Snapshot
from lookalike.encoders.recipes import recipe
from lookalike.errors import BadQuery
from lookalike.search.out_of_domain import OutOfDomainClassifier
from lookalike.shop import Shop


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All that is known about how good a catalogue's search is."""

    benchmarks: tuple[Benchmark, ...]
    compared: tuple[Compared, ...] = ()
    calibration: CalibrationReport | None = None
    weights: tuple[Weight, ...] = ()
    steps: tuple[Step, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The evaluation as programs read it."""
        return {
            "benchmarks": [each.as_json() for each in self.benchmarks],
            "differences": [each.as_json() for each in self.compared],
            "calibration": calibrating.as_json(self.calibration) if self.calibration else None,
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
    outside: Path | None = None,
    inside: Path | None = None,
) -> Evaluation:
    """Measure a catalogue by its own recipe, and learn what its scores are worth."""
    measured = benchmark(shop, queries=queries, progress=progress, trec=trec)
    snapshot = Snapshot.of(shop)
    outsiders = known_outsiders(shop)
    if outside is not None:
        known = photos_in(inside) if inside is not None else []
        outsiders = learned_outsiders(shop, snapshot, known, photos_in(outside), progress)
    learned = learn(shop, snapshot, progress, outsiders)
    steps = tuple(stepped(snapshot, measured.recipe)) if components else ()
    return replace(learned, benchmarks=(measured,), steps=steps)


def learn(
    shop: Shop, snapshot: Snapshot, progress: Progress, outsiders: OutOfDomainClassifier | None
) -> Evaluation:
    """What the catalogue's scores are worth, before anything is measured."""
    return Evaluation(
        benchmarks=(),
        calibration=calibrating.calibrate(shop, snapshot, progress, outsiders),
        weights=tuple(weight_tuning.weigh(shop, snapshot, progress)),
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
    """Measure several recipes on the catalogue's products, each against the first; nothing is learned."""
    if not names:
        raise BadQuery("Name the recipes to compare: `--recipes builtin,pixels`.")
    # A name that is wrong should not show after the others were measured.
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
    """Keep the evaluation for the web page, and what was learned for every search."""
    keep_learned(shop, evaluation)
    results.keep(shop.catalog.database, results.BENCHMARKS, evaluation.as_json())


def keep_learned(shop: Shop, evaluation: Evaluation) -> None:
    """Keep what was learned for every search."""
    if evaluation.calibration is not None:
        calibrating.keep(shop, evaluation.calibration)
    weight_tuning.keep(shop, evaluation.weights)
