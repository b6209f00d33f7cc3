"""Search as a classifier, as in the papers: the facet of the nearest product is the prediction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lookalike.analysis.evaluate.benchmark import Benchmark

CLASSIFICATION_HEADER = ("RECIPE", "FACET", "BY", "ACCURACY", "F1@5", "F1@10")
# The share of queries whose nearest product carries the same value is the accuracy of one neighbor.
MEASURES = ("P@1", "F1@5", "F1@10")


def classification_rows(benchmarks: Sequence[Benchmark]) -> Iterator[list[str]]:
    """For each facet: accuracy of the nearest neighbor, and F1 of the five and ten nearest."""
    for each in benchmarks:
        found = {measured.key: measured.figure for measured in each.measured}
        for task, part, channel in dict.fromkeys(key[:3] for key in found):
            if task == "agreement":
                figures = [found[task, part, channel, measure] for measure in MEASURES]
                yield [each.recipe, part, channel, *(f"{figure.value:.3f}" for figure in figures)]
