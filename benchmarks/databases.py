"""The same import into SQLite and into PostgreSQL, taking turns; and what a query costs in either.

    python benchmarks/databases.py --feed fashion/ --products 1000

Without --server a PostgreSQL of its own is started on loopback, with its defaults: every transaction is on
the disk before the import goes on, as in SQLite. Processor time is that of the importing process and, apart,
of the database server. "Rows alone" copies the imported rows into an empty database of either kind: nothing
is decoded or embedded.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
import uuid
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from part import Part
from timing import print_table

import lookalike
from lookalike.catalog.copy import copy
from lookalike.database import open_database

sys.path.append(str(Path(__file__).parent.parent / "tests"))
from support import servers

SHARED = Path(__file__).parent.parent.parent / "shared"
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Taken:
    """Seconds of each round."""

    wall: list[float] = field(default_factory=list[float])
    own: list[float] = field(default_factory=list[float])
    server: list[float] = field(default_factory=list[float])


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--feed", type=Path, default=SHARED / "data" / "fashion")
    parser.add_argument("--products", type=int, default=500, help="only that many of the feed")
    parser.add_argument("--recipe", action="append", help="may be repeated")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--server", help="postgresql:// URL of a server where databases may be made")
    options = parser.parse_args()
    feed = Part(options.feed, options.products)
    with ExitStack() as stack:
        server = options.server or stack.enter_context(servers.postgres(servers.postgres_programs()))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for recipe in options.recipe or [None]:
            imports = {"SQLite": Taken(), "PostgreSQL": Taken()}
            copies = {"SQLite": Taken(), "PostgreSQL": Taken()}
            queries = {"SQLite": Taken(), "PostgreSQL": Taken()}
            for _ in range(options.rounds):
                for kind in imports:
                    url = fresh(kind, folder, server)
                    run(imports[kind], import_into, url, recipe, feed)
                    run(queries[kind], ask, url)
                    run(copies[kind], copied, url, fresh(kind, folder, server))
            title = f"{recipe or 'default recipe'}, {options.products} products, {options.rounds} rounds"
            for what, taken in (("Import", imports), ("Rows alone", copies), ("100 queries", queries)):
                show(f"{what}, {title}", taken)


def fresh(kind: str, folder: Path, server: str) -> str:
    """An empty database."""
    name = f"shop_{uuid.uuid4().hex}"
    if kind == "SQLite":
        return str(folder / name)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return server.rsplit("/", 1)[0] + f"/{name}"


def import_into(url: str, recipe: str | None, feed: Part) -> None:
    """One import of what is new."""
    with lookalike.open(url, recipe) as shop:
        report = shop.add(feed)
        if report.failed or not report.added:
            raise SystemExit(f"{report.failed} products failed, {report.added} were added")


def copied(url: str, target: str) -> None:
    """All rows from one database into an empty one of the same kind."""
    source, other = open_database(url), open_database(target)
    copy(source, other)
    source.close()
    other.close()


def ask(url: str) -> None:
    """A hundred queries by words and by a product."""
    with lookalike.open(url) as shop:
        ids = [product.id for product in shop.products(limit=50)]
        for id in ids:
            shop.similar(id, k=10)
            shop.search(text="blue shirt", k=10)


def run(taken: Taken, what, *details) -> None:
    """Do something and note how long it took whom."""
    wall, own, theirs = time.perf_counter(), time.process_time(), server_seconds()
    what(*details)
    taken.wall.append(time.perf_counter() - wall)
    taken.own.append(time.process_time() - own)
    taken.server.append(server_seconds() - theirs)


def server_seconds() -> float:
    """Processor time of every PostgreSQL process on this machine, ended ones included."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, fields = stat.read_text().split("(", 1)[1].rsplit(")", 1)
        except OSError:
            continue
        if name == "postgres":
            total += sum(map(int, fields.split()[11:15]))
    return total / TICKS


def show(title: str, taken: dict[str, Taken]) -> None:
    """Medians, and how many times SQLite's."""
    base = statistics.median(taken["SQLite"].wall)
    work = statistics.median(taken["SQLite"].own)
    lines = [
        (
            kind,
            f"{statistics.median(each.wall):.2f}",
            f"{statistics.median(each.wall) / base:.2f}",
            f"{statistics.median(each.own):.2f}",
            f"{statistics.median(each.server):.2f}",
            f"{statistics.median(map(sum, zip(each.own, each.server, strict=True))) / work:.2f}",
        )
        for kind, each in taken.items()
    ]
    print_table(title, ("", "wall s", "x", "own CPU s", "server CPU s", "CPU x"), lines)


if __name__ == "__main__":
    main()
