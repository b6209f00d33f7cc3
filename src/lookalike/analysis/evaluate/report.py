"""A benchmark in words: what a shopkeeper reads first, and the report with every number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lookalike.analysis import html as report
from lookalike.analysis.evaluate.benchmark import Benchmark, Measured
from lookalike.analysis.evaluate.calibration import CalibrationReport
from lookalike.analysis.evaluate.compare_recipes import Compared
from lookalike.analysis.evaluate.evaluate import Evaluation
from lookalike.analysis.evaluate.intervals import Difference
from lookalike.analysis.evaluate.pca_sweep import Step
from lookalike.analysis.evaluate.weight_tuning import Weight

WEIGHT_HEADER = ("CATEGORY", "SHARE OF THE LOOK", "P@5", "P@5 AS IT IS", "QUERIES")
COST_HEADER = ("RECIPE", "PHOTOS/S", "BYTES/PRODUCT", "MS/QUERY")
DIFFERENCE_HEADER = ("QUESTION", "RECIPES", "DIFFERENCE", "IS IT REAL?")
STEP_HEADER = ("RECIPE", "COMPONENTS", "VARIANCE", "P@5", "")
HEADLINES = {
    ("agreement", "look"): ("P@5", "same {part} among the 5 most alike, by look"),
    ("agreement", "recipe"): ("P@5", "same {part} among the 5 most alike, by both"),
    ("agreement", "words"): ("P@5", "same {part} among the 5 most alike, by words"),
    ("altered photo", "look"): ("hit@1", "found first from its own photo, {part}"),
    ("title to photo", "look"): ("hit@10", "photo among the first 10 for its title"),
    ("photo to title", "words"): ("hit@10", "title among the first 10 for its photo"),
    ("phrase", "recipe"): ("P@10", "right among the first 10 for words: {part}"),
    ("variants", "recipe"): ("R@10", "other variants among the first 10"),
    ("next product", "recipe"): ("hit@10", "what shoppers chose next is among the first 10"),
}


def question(task: str, part: str, channel: str) -> str:
    """What a number answers, in words."""
    return HEADLINES[task, channel][1].format(part=part)


def headlines(benchmark: Benchmark) -> list[Measured]:
    """One number for each question, the one that says most."""
    words_only = all(each.channel == "words" for each in benchmark.measured if each.task == "agreement")
    return [
        each
        for each in benchmark.measured
        if each.measure == HEADLINES[each.task, each.channel][0]
        and (each.task != "agreement" or each.channel != "words" or words_only)
    ]


def rows(benchmarks: Sequence[Benchmark]) -> Iterator[list[str]]:
    """The headline table: a question, then each recipe's value with its interval."""
    for first in _union(benchmarks):
        cells = [benchmark.value(*first.key) for benchmark in benchmarks]
        yield [
            question(first.task, first.part, first.channel),
            *(str(cell) if cell else "-" for cell in cells),
            str(first.figure.queries),
        ]


def difference_rows(benchmarks: Sequence[Benchmark], compared: Sequence[Compared]) -> Iterator[list[str]]:
    """How much better each recipe is than the first, and whether that is real."""
    shown = {each.key for each in _union(benchmarks)}
    for each in compared:
        if (each.task, each.part, each.channel, each.measure) in shown:
            yield [
                question(each.task, each.part, each.channel),
                f"{each.recipe} - {each.baseline}",
                _signed(each.difference),
                _verdict(each.difference),
            ]


def cost_rows(benchmarks: Sequence[Benchmark]) -> Iterator[list[str]]:
    """What each recipe costs."""
    for benchmark in benchmarks:
        cost = benchmark.cost
        yield [
            benchmark.recipe,
            f"{cost.photos_a_second:.0f}",
            f"{cost.bytes_a_product:,.0f}",
            f"{cost.ms_a_query:.1f}",
        ]


def weight_rows(weights: Sequence[Weight]) -> Iterator[list[str]]:
    """The weights that the catalogue itself suggests."""
    for each in weights:
        yield [
            each.category or "(all)",
            f"{each.weight:.2f} [{each.low:.2f}, {each.high:.2f}]",
            f"{each.precision:.3f}",
            f"{each.precision_fixed:.3f}",
            str(each.queries),
        ]


def calibration_lines(calibration: CalibrationReport) -> list[str]:
    """What was learned about scores, in sentences."""
    lines = [
        f"A hit's match is the chance that it has the same {calibration.calibration.facet}, learned from "
        f"{calibration.pairs:,} pairs, for {len(calibration.categories)} categories by themselves.",
        f"Calibration error on products not learned from: {calibration.error_of_looks:.3f} by look, "
        f"{calibration.error_of_words:.3f} by words (0.05 and less is good).",
    ]
    if calibration.calibration.least_near is not None:
        lines.append(
            f"A photo whose nearness is below {calibration.calibration.least_near:.3f} has no good match; "
            f"so have {calibration.refused_own:.0%} of the shop's own photos after heavy alteration."
        )
    return lines


def tables(found: Evaluation) -> Iterator[tuple[Sequence[str], Iterator[list[str]]]]:
    """What the command prints: headers and rows."""
    names = [each.recipe for each in found.benchmarks]
    yield ("QUESTION", *names, "QUERIES"), rows(found.benchmarks)
    if found.compared:
        yield DIFFERENCE_HEADER, difference_rows(found.benchmarks, found.compared)
    yield COST_HEADER, cost_rows(found.benchmarks)
    if found.weights:
        yield WEIGHT_HEADER, weight_rows(found.weights)
    if found.steps:
        yield STEP_HEADER, step_rows(found.steps)


def html(found: Evaluation) -> str:
    """The report with every number."""
    benchmarks = found.benchmarks
    parts = [
        report.paragraph(
            f"{benchmarks[0].products:,} products. Values are means over queries with 95% intervals; "
            "an interval says how much another sample of queries could change the value."
        )
    ]
    for title, (header, body) in zip(_titles(found), tables(found), strict=True):
        parts += [report.heading(title), report.table([cell.capitalize() for cell in header], body)]
    if found.calibration is not None:
        parts += [report.heading("What a score is worth")]
        parts += [report.paragraph(line) for line in calibration_lines(found.calibration)]
        curve = found.calibration.calibration.looks.get("")
        if curve is not None:
            pairs = zip(curve.scores, curve.shares, strict=True)
            parts.append(report.table(("Similarity", "Chance"), [[f"{s:.3f}", f"{p:.0%}"] for s, p in pairs]))
    parts.append(report.heading("Every number"))
    for benchmark in benchmarks:
        parts += [report.heading(benchmark.recipe, 3), *map(report.paragraph, benchmark.notes)]
        every = (
            [m.task, m.part, m.channel, m.measure, str(m.figure), str(m.figure.queries)]
            for m in benchmark.measured
        )
        parts.append(report.table(("Task", "Part", "By", "Measure", "Value", "Queries"), every))
    return report.page("How good is this catalogue?", parts)


def _titles(found: Evaluation) -> Iterator[str]:
    yield "How good it is"
    if found.compared:
        yield "Which differences are real"
    yield "What it costs on this machine"
    if found.weights:
        yield "Look against words"
    if found.steps:
        yield "Principal components"


def step_rows(steps: Sequence[Step]) -> Iterator[list[str]]:
    """Quality over the number of components."""
    for step in steps:
        mark = "plateau" if step.plateau else ""
        yield [step.recipe, str(step.components), f"{step.explained:.1%}", str(step.precision), mark]


def _union(benchmarks: Sequence[Benchmark]) -> list[Measured]:
    found: dict[tuple[str, str, str, str], Measured] = {}
    for benchmark in benchmarks:
        for each in headlines(benchmark):
            found.setdefault(each.key, each)
    return list(found.values())


def _signed(difference: Difference) -> str:
    return f"{difference.value:+.3f} [{difference.low:+.3f}, {difference.high:+.3f}]"


def _verdict(difference: Difference) -> str:
    if not difference.real:
        return "may be chance"
    return "real, better" if difference.value > 0 else "real, worse"
