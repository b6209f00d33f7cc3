"""Runs one analysis in its own process: `python -m lookalike.server.jobs.analysis_worker`.

It reads its order as one line of JSON from standard input, and writes its progress as lines of JSON.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TextIO, TypeAlias

import lookalike
from lookalike.errors import LookalikeError
from lookalike.shop import Shop

Progress: TypeAlias = Callable[[str, int, int], None]
# Searches have priority.
NICENESS = 5


@dataclass(frozen=True, slots=True)
class AnalysisOrder:
    """The analysis to run, and the catalog."""

    study: str
    catalog: str
    index: str
    links: bool = False
    three: bool = False


def evaluate(shop: Shop, progress: Progress) -> None:
    """Measure search quality and the accuracy of match percentages."""
    from lookalike.analysis.evaluate import evaluate as evaluation
    from lookalike.analysis.evaluate.benchmark import QUERIES

    found = evaluation.evaluate(shop, queries=QUERIES, progress=progress)
    progress("keeping", 0, 1)
    evaluation.keep(shop, found)


def explore(shop: Shop, progress: Progress, three: bool) -> None:
    """Compute maps, clusters and distributions; with `three`, also maps in three dimensions."""
    from lookalike.analysis.explore import explore as exploring

    found = exploring.explore(shop, three=three, progress=progress)
    progress("keeping", 0, 1)
    exploring.keep(shop, found)


def doctor(shop: Shop, progress: Progress, links: bool) -> None:
    """Check the products for possible problems."""
    from lookalike.analysis.doctor.doctor import examine
    from lookalike.analysis.doctor.stored_findings import keep

    _, findings = examine(shop, ask_links=links, progress=progress)
    progress("keeping", 0, 1)
    keep(shop.catalog.database, findings)


def study(order: AnalysisOrder, progress: Progress) -> None:
    """Run the analysis."""
    studies: dict[str, Callable[[Shop, Progress], None]] = {
        "evaluate": evaluate,
        "explore": partial(explore, three=order.three),
        "doctor": partial(doctor, links=order.links),
    }
    with lookalike.open(order.catalog, index=order.index) as shop:
        studies[order.study](shop, progress)


def main() -> None:
    """Run the analysis ordered on standard input, until it is done or standard input closes."""
    lines = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # Output of libraries must not mix with the progress lines.
    os.dup2(2, 1)
    os.nice(NICENESS)
    order = AnalysisOrder(**json.loads(sys.stdin.readline()))
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    try:
        study(order, partial(_say, lines))
    except LookalikeError as error:
        lines.write(json.dumps({"failed": str(error)}) + "\n")
        lines.flush()


def _say(lines: TextIO, step: str, done: int, total: int) -> None:
    lines.write(json.dumps({"step": step, "done": done, "total": total}) + "\n")
    lines.flush()


def _end_with_the_server() -> None:
    """End this process when standard input closes: the server is gone."""
    # Not through sys.stdin, whose lock would block the interpreter's exit.
    os.read(0, 1)
    os._exit(1)


if __name__ == "__main__":
    main()
