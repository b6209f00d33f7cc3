"""One analysis in its own process: `-m lookalike.server.jobs.analysis_worker` is what it runs.

Its order is one line of JSON on standard input; how far it is goes out as lines of JSON.
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

Tell: TypeAlias = Callable[[str, int, int], None]
# Shoppers who search meanwhile come first.
NICENESS = 5


@dataclass(frozen=True, slots=True)
class AnalysisOrder:
    """Which study, of which catalogue."""

    study: str
    catalog: str
    index: str
    links: bool = False


def evaluate(shop: Shop, tell: Tell) -> None:
    """Measure the search, and how far match percentages can be trusted."""
    from lookalike.analysis.evaluate import evaluate as evaluation
    from lookalike.analysis.evaluate.benchmark import QUERIES

    found = evaluation.evaluate(shop, queries=QUERIES, progress=tell)
    tell("keeping", 0, 1)
    evaluation.keep(shop, found)


def explore(shop: Shop, tell: Tell) -> None:
    """Draw the maps, find the clusters, count the facets."""
    from lookalike.analysis.explore import explore as exploring

    found = exploring.explore(shop, progress=tell)
    tell("keeping", 0, 1)
    exploring.keep(shop, found)


def doctor(shop: Shop, tell: Tell, links: bool) -> None:
    """Look for what may be wrong with the products."""
    from lookalike.analysis.doctor.doctor import examine, keep

    _, findings = examine(shop, ask_links=links, progress=tell)
    tell("keeping", 0, 1)
    keep(shop, findings)


def study(order: AnalysisOrder, tell: Tell) -> None:
    """Do what was ordered."""
    studies: dict[str, Callable[[Shop, Tell], None]] = {
        "evaluate": evaluate,
        "explore": explore,
        "doctor": partial(doctor, links=order.links),
    }
    with lookalike.open(order.catalog, index=order.index) as shop:
        studies[order.study](shop, tell)


def main() -> None:
    """Do the study that standard input orders, as long as whoever ordered it is there."""
    lines = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # Whatever a library may print must not get between the lines.
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
    """Nobody waits for the outcome when the other end of standard input is closed."""
    # Not by way of sys.stdin, whose lock an interpreter that ends would wait for.
    os.read(0, 1)
    os._exit(1)


if __name__ == "__main__":
    main()
