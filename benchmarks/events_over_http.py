"""How many single events a second a server stores durably, each acknowledged after its commit, in one run.

    python benchmarks/events_over_http.py --seconds 10
    python benchmarks/events_over_http.py --source before=../before/src --clients 1 16 32

Each client sends `POST /v1/events` with one event on a connection that stays open, and the next one once
that is acknowledged. `--source NAME=SRC` serves another source tree in the same run; the servers take turns.
Beside the rate stands the processor's time that the server itself used for an event, which other load on the
machine changes less. At the end the events in each catalog are counted: none that was acknowledged may be
missing.
"""

from __future__ import annotations

import argparse
import itertools
import os
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path

from ready_shop import ready_shop
from serving import post, served
from timing import print_table

import lookalike

PRODUCTS = 500
DIM = 64
SHOPPERS = 50
HEAD = ("", "events/s", "p50 ms", "p99 ms", "server CPU ms/event", "errors")


@dataclass(slots=True)
class Round:
    """What the clients of one round saw."""

    seconds: list[float] = field(default_factory=list)
    errors: int = 0
    took: float = 0.0
    processor: float = 0.0

    def cells(self) -> tuple[str, ...]:
        """One line of the table."""
        ordered = sorted(self.seconds) or [float("nan")]
        return (
            f"{len(self.seconds) / self.took:.0f}",
            f"{statistics.median(ordered) * 1000:.1f}",
            f"{ordered[int(len(ordered) * 0.99)] * 1000:.1f}",
            f"{self.processor / max(len(self.seconds), 1) * 1000:.2f}",
            str(self.errors),
        )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--source", action="append", default=[], metavar="NAME=SRC")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 16, 32])
    parser.add_argument("--seconds", type=float, default=10.0, help="of each round")
    parser.add_argument("--rounds", type=int, default=1, help="of each server and number of clients")
    options = parser.parse_args()
    sources = {"": str(Path(lookalike.__file__).parents[1])}
    sources |= dict(each.split("=", 1) for each in options.source)
    lines: list[tuple[str, ...]] = []
    with tempfile.TemporaryDirectory() as folder:
        acknowledged: dict[Path, int] = {}
        for clients, turn, (name, source) in itertools.product(
            options.clients, range(options.rounds), sources.items()
        ):
            catalog = Path(folder) / f"{name}.db"
            if catalog not in acknowledged:
                ready_shop(catalog, PRODUCTS, DIM)
                acknowledged[catalog] = 0
            with served(catalog, source, 1) as (port, pid):
                seen = sent_by(clients, port, pid, options.seconds, f"{clients}-{turn}")
            acknowledged[catalog] += len(seen.seconds)
            lines.append((f"{name} {clients} clients".strip(), *seen.cells()))
        print_table("events", HEAD, lines)
        for catalog, count in acknowledged.items():
            with lookalike.open(str(catalog)) as shop:
                stored = shop.catalog.database.events.sequence()
            if stored < count:
                raise SystemExit(f"{count - stored} of {count} acknowledged events are missing.")


def sent_by(clients: int, port: int, pid: int, seconds: float, name: str) -> Round:
    """One round against one server."""
    seen = Round()
    _send(port, time.perf_counter() + 1.0, f"{name}-warm", Round())
    until, began, used = time.perf_counter() + seconds, time.perf_counter(), _processor(pid)
    threads = [
        threading.Thread(target=_send, args=(port, until, f"{name}-{number}", seen))
        for number in range(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seen.took, seen.processor = time.perf_counter() - began, _processor(pid) - used
    return seen


def _send(port: int, until: float, name: str, seen: Round) -> None:
    """Send events, one after the other, until a moment."""
    with socket.create_connection(("127.0.0.1", port)) as connection, connection.makefile("rb") as answers:
        for number in itertools.count():
            began = time.perf_counter()
            if began >= until:
                return
            event = {
                "kind": "view",
                "shopper": f"{name}-{number % SHOPPERS}",
                "product": f"{number % PRODUCTS:06}",
                "id": f"{name}-{number}",
            }
            connection.sendall(post("/v1/events", [event]))
            if _status(answers) == 200:
                seen.seconds.append(time.perf_counter() - began)
            else:
                seen.errors += 1


def _status(answers: BufferedReader) -> int:
    """Read one answer."""
    status, length = int(answers.readline().split()[1]), 0
    while (line := answers.readline()) != b"\r\n":
        if line.lower().startswith(b"content-length:"):
            length = int(line[15:])
    answers.read(length)
    return status


def _processor(pid: int) -> float:
    """The seconds of the processor that a process has used."""
    fields: Sequence[str] = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
