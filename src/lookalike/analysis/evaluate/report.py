"""Reports of a benchmark: summary tables, and an HTML page with every metric."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lookalike.analysis import html as report
from lookalike.analysis.evaluate.benchmark import Benchmark, Measured
from lookalike.analysis.evaluate.classification import CLASSIFICATION_HEADER, classification_rows
from lookalike.analysis.evaluate.compare_recipes import Compared
from lookalike.analysis.evaluate.evaluate import Evaluation
from lookalike.analysis.evaluate.intervals import Difference
from lookalike.analysis.evaluate.pca_sweep import Step
from lookalike.analysis.evaluate.reliability import Reliability
from lookalike.analysis.evaluate.weight_tuning import Weight
from lookalike.search.confidence import GOOD

WEIGHT_HEADER = ("CATEGORY", "WEIGHT OF PHOTO", "P@5", "P@5 AS IT IS", "QUERIES")
COST_HEADER = ("RECIPE", "PHOTOS/S", "BYTES/PRODUCT", "MS/QUERY")
DIFFERENCE_HEADER = ("QUESTION", "RECIPES", "DIFFERENCE", "IS IT REAL?")
RELIABILITY_HEADER = ("MATCH", "PROMISED", "CAME TRUE", "HITS")
REFUSAL_HEADER = ("REQUIRED", "REFUSED, IN DOMAIN", "REFUSED, OUT OF DOMAIN", "")
STEP_HEADER = ("RECIPE", "COMPONENTS", "VARIANCE", "P@5", "ACCURACY", "F1@5", "F1@10", "")
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
    """The description of a metric."""
    return HEADLINES[task, channel][1].format(part=part)


def headlines(benchmark: Benchmark) -> list[Measured]:
    """One headline metric for each task."""
    words_only = all(each.channel == "words" for each in benchmark.measured if each.task == "agreement")
    return [
        each
        for each in benchmark.measured
        if each.measure == HEADLINES[each.task, each.channel][0]
        and (each.task != "agreement" or each.channel != "words" or words_only)
    ]


def rows(benchmarks: Sequence[Benchmark]) -> Iterator[list[str]]:
    """The headline table: each task with the value and interval of each recipe."""
    for first in _union(benchmarks):
        cells = [benchmark.value(*first.key) for benchmark in benchmarks]
        yield [
            question(first.task, first.part, first.channel),
            *(str(cell) if cell else "-" for cell in cells),
            str(first.figure.queries),
        ]


def difference_rows(benchmarks: Sequence[Benchmark], compared: Sequence[Compared]) -> Iterator[list[str]]:
    """The difference of each recipe from the first, with significance."""
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
    """The cost of each recipe."""
    for benchmark in benchmarks:
        cost = benchmark.cost
        yield [
            benchmark.recipe,
            f"{cost.photos_a_second:.0f}",
            f"{cost.bytes_a_product:,.0f}",
            f"{cost.ms_a_query:.1f}",
        ]


def weight_rows(weights: Sequence[Weight]) -> Iterator[list[str]]:
    """The weights tuned on the catalog."""
    for each in weights:
        yield [
            each.category or "(all)",
            f"{each.weight:.2f} [{each.low:.2f}, {each.high:.2f}]",
            f"{each.precision:.3f}",
            f"{each.precision_fixed:.3f}",
            str(each.queries),
        ]


def reliability_rows(found: Reliability) -> Iterator[list[str]]:
    """For each range of match percentages: predicted and actual accuracy."""
    for each in found.bins:
        yield [
            f"{each.low:.0%} to {each.high:.0%}",
            f"{each.promised:.0%}",
            f"{each.came_true:.0%}",
            f"{each.hits:,}",
        ]


def refusal_rows(found: Reliability) -> Iterator[list[str]]:
    """For each threshold: the share of queries with "No good match"."""
    for each in found.refusal:
        mark = "in force" if each.threshold == GOOD else ""
        strangers = f"{each.strangers:.1%}" if found.strangers else "-"
        yield [f"{each.threshold:.0%}", f"{each.legitimate:.1%}", strangers, mark]


def reliability_line(found: Reliability) -> str:
    """The accuracy of match percentages, as a sentence."""
    return (
        f"Match percentages were accurate to within {found.error:.1%} "
        f"on {found.queries:,} held-out queries (5% or less is good)."
    )


def tables(found: Evaluation) -> Iterator[tuple[Sequence[str], Iterator[list[str]]]]:
    """The tables that the command prints: headers and rows."""
    names = [each.recipe for each in found.benchmarks]
    yield ("QUESTION", *names, "QUERIES"), rows(found.benchmarks)
    classified = list(classification_rows(found.benchmarks))
    if classified:
        yield CLASSIFICATION_HEADER, iter(classified)
    if found.compared:
        yield DIFFERENCE_HEADER, difference_rows(found.benchmarks, found.compared)
    yield COST_HEADER, cost_rows(found.benchmarks)
    for _, each in _reliable(found):
        yield RELIABILITY_HEADER, reliability_rows(each)
        yield REFUSAL_HEADER, refusal_rows(each)
    if found.weights:
        yield WEIGHT_HEADER, weight_rows(found.weights)
    if found.steps:
        yield STEP_HEADER, step_rows(found.steps)


def titles(found: Evaluation) -> Iterator[str]:
    """The titles of the tables."""
    yield "Search quality"
    if any(classification_rows(found.benchmarks)):
        yield "Facets of the nearest products"
    if found.compared:
        yield "Significance of differences"
    yield "Cost on this machine"
    for name, each in _reliable(found):
        yield f"Match percentages, {name}. {reliability_line(each)}"
        yield f'"No good match" {name}, by threshold'
    if found.weights:
        yield "Weight of photo against text"
    if found.steps:
        yield "Principal components"


def _reliable(found: Evaluation) -> list[tuple[str, Reliability]]:
    if found.reliability is None:
        return []
    pairs = (("for photos", found.reliability.photos), ("for words", found.reliability.words))
    return [(name, each) for name, each in pairs if each is not None]


def html(found: Evaluation) -> str:
    """The HTML report."""
    benchmarks = found.benchmarks
    parts = [
        report.paragraph(
            f"{benchmarks[0].products:,} products. Values are means over queries with 95% intervals; "
            "an interval says how much another sample of queries could change the value."
        )
    ]
    for title, (header, body) in zip(titles(found), tables(found), strict=True):
        parts += [report.heading(title), report.table([cell.capitalize() for cell in header], body)]
    parts.append(report.heading("Every number"))
    for benchmark in benchmarks:
        parts += [report.heading(benchmark.recipe, 3), *map(report.paragraph, benchmark.notes)]
        every = (
            [m.task, m.part, m.channel, m.measure, str(m.figure), str(m.figure.queries)]
            for m in benchmark.measured
        )
        parts.append(report.table(("Task", "Part", "By", "Measure", "Value", "Queries"), every))
    return report.page("Search quality of this catalog", parts)


def step_rows(steps: Sequence[Step]) -> Iterator[list[str]]:
    """Quality over the number of components."""
    for step in steps:
        marks = [name for name, here in (("plateau", step.plateau), ("90%", step.ninety)) if here]
        yield [
            step.recipe,
            str(step.components),
            f"{step.explained:.1%}",
            str(step.precision),
            f"{step.accuracy:.3f}",
            f"{step.f1_at_5:.3f}",
            f"{step.f1_at_10:.3f}",
            ", ".join(marks),
        ]


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
        return "not significant"
    return "real, better" if difference.value > 0 else "real, worse"
