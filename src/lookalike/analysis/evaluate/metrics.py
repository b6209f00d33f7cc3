"""Ranking metrics through ir-measures, and TREC files."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote, unquote

from lookalike.errors import BadFeed, ExtraMissing, install_command

DEPTH = 50
MEASURES = ("P@1", "P@5", "P@10", "R@10", "F1@5", "F1@10", "mAP@50", "NDCG@10", "MRR@50", "hit@1", "hit@10")
TREC_NAMES = {
    "P@1": "P@1",
    "P@5": "P@5",
    "P@10": "P@10",
    "R@5": "R@5",
    "R@10": "R@10",
    "mAP@50": "AP@50",
    "NDCG@10": "nDCG@10",
    "MRR@50": "RR@50",
    "hit@1": "Success@1",
    "hit@10": "Success@10",
}
# The harmonic mean of precision and recall at a depth.
F1_OF = {"F1@5": ("P@5", "R@5"), "F1@10": ("P@10", "R@10")}
QUERIES_AT_ONCE = 100

Run: TypeAlias = Mapping[str, Mapping[str, float]]
Relevant: TypeAlias = Mapping[str, Collection[str]]
Scores: TypeAlias = dict[str, dict[str, float]]


def scored(
    runs: Mapping[str, Run], relevant: Relevant, measures: Sequence[str] = MEASURES
) -> dict[str, Scores]:
    """For each run, each measure and each query a value; where nothing was found, it is 0."""
    library = _library()
    wanted = {name: library.parse_measure(TREC_NAMES[name]) for name in measures if name in TREC_NAMES}
    means = {name: parts for name, parts in F1_OF.items() if name in measures}
    wanted |= {name: library.parse_measure(TREC_NAMES[name]) for parts in means.values() for name in parts}
    names = {str(measure): name for name, measure in wanted.items()}
    queries = [query for query, found in relevant.items() if found]
    results: dict[str, Scores] = {run: {name: {} for name in measures} for run in runs}
    # What is relevant is unpacked piece by piece: a facet's value may be shared by half the catalog.
    for start in range(0, len(queries), QUERIES_AT_ONCE):
        piece = queries[start : start + QUERIES_AT_ONCE]
        qrels = {query: dict.fromkeys(relevant[query], 1) for query in piece}
        evaluator = library.evaluator(list(wanted.values()), qrels)
        for run, answers in runs.items():
            values: Scores = {name: dict.fromkeys(piece, 0.0) for name in wanted}
            found = {query: dict(answers[query]) for query in piece if answers.get(query)}
            for metric in evaluator.iter_calc(found) if found else ():
                values[names[str(metric.measure)]][metric.query_id] = float(metric.value)
            for name, (precision, recall) in means.items():
                values[name] = {query: f1(values[precision][query], values[recall][query]) for query in piece}
            for name in measures:
                results[run][name].update(values[name])
    return results


def f1(precision: float, recall: float) -> float:
    """The harmonic mean of precision and recall."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def run_lines(run: Run, tag: str) -> Iterable[str]:
    """A run as TREC writes it, best first."""
    for query, found in run.items():
        ranked = sorted(found.items(), key=lambda each: (-each[1], each[0]))
        for rank, (product, score) in enumerate(ranked, 1):
            yield f"{_quoted(query)} Q0 {_quoted(product)} {rank} {score:.6f} {_quoted(tag)}\n"


def qrels_lines(relevant: Relevant) -> Iterable[str]:
    """What is relevant, as TREC writes it."""
    for query, products in relevant.items():
        for product in sorted(products):
            yield f"{_quoted(query)} 0 {_quoted(product)} 1\n"


def read_run(path: str | Path) -> dict[str, dict[str, float]]:
    """Read a TREC run: query, Q0, product, rank, score, tag."""
    run: dict[str, dict[str, float]] = {}
    for number, line, cells in _lines(path, 6):
        score = _number(path, number, line, cells[4])
        run.setdefault(cells[0], {})[cells[2]] = score
    return run


def read_qrels(path: str | Path) -> dict[str, set[str]]:
    """Read TREC judgements: query, 0, product, relevance."""
    relevant: dict[str, set[str]] = {}
    for number, line, cells in _lines(path, 4):
        found = relevant.setdefault(cells[0], set())
        if _number(path, number, line, cells[3]) > 0:
            found.add(cells[2])
    return relevant


def check_known(run: Run, relevant: Relevant, path: str | Path) -> None:
    """Refuse a run that answers other questions than those that were asked."""
    strange = sorted(set(run) - set(relevant))
    if strange:
        raise BadFeed(
            f"{path} answers {len(strange)} queries without judgements, {strange[0]!r} first: "
            "take the run and the judgements from the same evaluation."
        )


def _lines(path: str | Path, width: int) -> Iterable[tuple[int, str, list[str]]]:
    try:
        text = Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadFeed(f"{path} cannot be read: {error}.") from error
    for number, line in enumerate(text.splitlines(), 1):
        cells = [unquote(cell) for cell in line.split()]
        if not cells:
            continue
        if len(cells) != width:
            raise BadFeed(f"{path}, line {number}: {width} columns are wanted, not {len(cells)}.")
        yield number, line, cells


def _number(path: str | Path, number: int, line: str, cell: str) -> float:
    try:
        value = float(cell)
    except ValueError as error:
        raise BadFeed(f"{path}, line {number}: {cell!r} is no number.") from error
    if not math.isfinite(value):
        raise BadFeed(f"{path}, line {number}: {cell!r} is no score that ranks; remove the line.")
    return value


def _quoted(cell: str) -> str:
    # A blank inside an id would read as the next column.
    return quote(cell, safe="/:@+&=,;!()|<>#?[]{}~'\"^`$*\\") or "-"


def _library() -> Any:
    try:
        import ir_measures
    except ImportError as error:
        raise ExtraMissing(f"Measuring needs ir-measures: run `{install_command('evaluate')}`.") from error
    return ir_measures
