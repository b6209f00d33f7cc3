"""Kill -9 at random moments: how much of what was acknowledged is lost, and how many catalogs do not open.

    python benchmarks/kills.py --kills 1000
    python benchmarks/kills.py --minutes 10 --catalog postgresql://127.0.0.1/empty

A process adds and removes products and records events, and says before and after each call which one it is.
It is killed at a random moment; another process opens the catalog and compares it with what was said. The one
call in flight may have happened or not; every other one must have. The processes are forked, so that most
kills hit a write and not the start of Python.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import lookalike
from lookalike.types import Event, Product

MOST_LINES = 8
LONGEST = 0.2
AT_ONCE = 4
FAILED = 9


@dataclass(slots=True)
class Promises:
    """What a catalog must hold, by what its writers have said."""

    products: dict[str, bool] = field(default_factory=dict[str, bool])
    events: set[str] = field(default_factory=set[str])
    unsure: set[str] = field(default_factory=set[str])
    acknowledged: int = 0

    def hear(self, said: bytes) -> None:
        """Take in what a killed writer said; a line that breaks off was not said."""
        in_flight: set[str] = set()
        for line in said.decode().split("\n")[:-1]:
            word, what, *names = line.split()
            if word == "begin":
                in_flight = set(names)
                continue
            in_flight = set()
            self.acknowledged += 1
            if what == "event":
                self.events.update(names)
            else:
                self.products.update(dict.fromkeys(names, what == "add"))
        # From here on, it is unknown whether the last call happened.
        self.unsure |= in_flight


def main() -> None:
    """Print the counts; fails if anything is lost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=60, help="end earlier, after so many minutes")
    parser.add_argument("--catalog", help="the URL of an empty database; else a file")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = options.catalog or str(Path(folder) / "shop.db")
        # What is imported here, no writer imports after its fork.
        missing(str(Path(folder) / "first.db"), Promises(events={"e"}))
        until = time.monotonic() + options.minutes * 60
        kills, promises, lost, closed = campaign(url, options.kills, until, Random(options.seed))
    print(  # noqa: T201
        f"{kills} kills of processes that write, {promises.acknowledged} writes acknowledged: "
        f"{lost} lost, {closed} times the catalog did not open"
    )
    if lost or closed:
        sys.exit(1)


def campaign(url: str, kills: int, until: float, dice: Random) -> tuple[int, Promises, int, int]:
    """Kill so many writers, or as many as the time allows.

    Returns how many were killed, what was promised, how much of it was lost, and failures to open.
    """
    promises, lost, closed, number = Promises(), 0, 0, 0
    while number < kills and time.monotonic() < until:
        reading, writing = os.pipe()
        writer = forked(lambda number=number, writing=writing: write(url, number, writing))
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            said = b"".join(pipe.readline() for _ in range(dice.randint(1, MOST_LINES)))
            time.sleep(dice.uniform(0, LONGEST))
            os.kill(writer, signal.SIGKILL)
            os.waitpid(writer, 0)
            promises.hear(said + pipe.read())
        _, status = os.waitpid(forked(lambda: os._exit(min(missing(url, promises), FAILED - 1))), 0)
        found = os.waitstatus_to_exitcode(status)
        if found < 0 or found >= FAILED:
            closed += 1
        else:
            lost += found
        number += 1
    return number, promises, lost, closed


def forked(work: Callable[[], object]) -> int:
    """A process of its own that does some work; nothing of this process is open in it."""
    process = os.fork()
    if process:
        return process
    try:
        work()
        os._exit(0)
    except BaseException as error:  # reported by the exit status
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)  # noqa: T201
        os._exit(FAILED)


def write(url: str, number: int, said: int) -> None:
    """Add, remove and record until killed."""
    with lookalike.open(url, recipe="pixels") as shop:
        for turn in range(1_000_000):
            names = [f"k{number}-{turn}-{each}" for each in range(AT_ONCE)]
            calls: dict[str, Callable[[list[str]], object]] = {
                "add": lambda names: shop.add(Product(name, f"Item {name}") for name in names),
                "event": lambda names: shop.record(Event("view", "s", "p", id=name) for name in names),
                "remove": lambda names: shop.remove(names[:2]),
            }
            for what, call in calls.items():
                touched = names[:2] if what == "remove" else names
                line = " ".join([what, *touched])
                os.write(said, f"begin {line}\n".encode())
                call(names)
                os.write(said, f"done {line}\n".encode())


def missing(url: str, promises: Promises) -> int:
    """How many of the promises a catalog breaks."""
    with lookalike.open(url, recipe="pixels") as shop:
        database = shop.catalog.database
        there = set(database.ids())
        broken = [
            name
            for name, wanted in promises.products.items()
            if name not in promises.unsure and (name in there) != wanted
        ]
        # An event that is there is known; one that was lost would be new.
        events = [Event("view", "s", "p", id=name) for name in promises.events - promises.unsure]
        forgotten = shop.record(events).new if events else 0
        found = database.verify()
        return len(broken) + forgotten + len(found.damaged) + len(found.structure)


if __name__ == "__main__":
    main()
