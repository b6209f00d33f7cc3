"""The whole evaluation of a catalogue: measured, learned, and kept beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lookalike import derived
from lookalike.catalog import Catalog
from lookalike.evaluate import calibrating, weighing
from lookalike.evaluate.benchmark import Benchmark, benchmark
from lookalike.evaluate.calibrating import Calibration
from lookalike.evaluate.comparing import Compared, compare
from lookalike.evaluate.components import Step
from lookalike.evaluate.refusing import known_outsiders, learned_outsiders, photos_in
from lookalike.evaluate.trials import Progress
from lookalike.evaluate.weighing import Weight
from lookalike.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All that is known about how good a catalogue's search is."""

    benchmarks: tuple[Benchmark, ...]
    compared: tuple[Compared, ...] = ()
    calibration: Calibration | None = None
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
    shop: Catalog,
    *,
    queries: int,
    progress: Progress,
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
    return Evaluation(
        benchmarks=(measured,),
        calibration=calibrating.calibrate(shop, snapshot, progress, outsiders),
        weights=tuple(weighing.weigh(shop, snapshot, progress)),
    )


def evaluate_recipes(
    shop: Catalog, recipes: Sequence[str], *, queries: int, progress: Progress
) -> Evaluation:
    """Measure several recipes on the catalogue's products; nothing is learned for any of them."""
    benchmarks, compared = compare(shop, recipes, queries=queries, progress=progress)
    return Evaluation(tuple(benchmarks), tuple(compared))


def keep(shop: Catalog, evaluation: Evaluation) -> None:
    """Keep the evaluation for the web page, and what was learned for every search."""
    if evaluation.calibration is not None:
        calibrating.keep(shop, evaluation.calibration)
    weighing.keep(shop, evaluation.weights)
    derived.keep(shop.database, derived.BENCHMARKS, evaluation.as_json())
