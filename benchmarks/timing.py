"""Medians of runs that take turns, so that a busy moment falls on everyone."""

from __future__ import annotations

import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence

Clock = Callable[[], float]

# CPU time of all threads, which depends less on other load than wall time.
CLOCKS: dict[str, Clock] = {"wall": time.perf_counter, "cpu": time.process_time}


def medians(
    runs: Mapping[str, Callable[[], object]], times: int, clock: Clock = time.perf_counter
) -> dict[str, float]:
    """Milliseconds of each run: the median over rounds in which every run has its turn."""
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for run in runs.values():
        run()
    for _ in range(times):
        for name, run in runs.items():
            began = clock()
            run()
            taken[name].append((clock() - began) * 1000)
    return {name: statistics.median(each) for name, each in taken.items()}


def print_table(title: str, head: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    """Columns under their heads, with the machine above."""
    print(f"{title} ({platform.machine()}, Python {platform.python_version()})")  # noqa: T201
    widths = [max(len(row[place]) for row in [head, *lines]) for place in range(len(head))]
    for row in [head, *lines]:
        cells = [
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())  # noqa: T201
