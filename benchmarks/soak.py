"""A server at half its capacity for minutes: errors, stale answers, and whether memory and open files grow.

    python benchmarks/soak.py --feed ../shared/data/fashion --minutes 10

While searches arrive at a steady rate, a feed is imported again and again, products are written and removed,
rules change, and the catalog is switched to another recipe and back. A product that was written must be
found by the next search, and one that was removed must not.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from part import Part
from serving import HEAD, closed, opened, requests, resources, served
from timing import print_table

import lookalike

SHARED = Path(__file__).parent.parent.parent / "shared"
SOURCE = str(Path(lookalike.__file__).parents[1])
TOKEN = "soak"
BETWEEN = 1.0
SWITCH_EVERY = 40
IMPORT_EVERY = 15


@dataclass(slots=True)
class Changes:
    """What was changed meanwhile, and what went wrong."""

    counts: Counter[str] = field(default_factory=Counter)
    stale: int = 0
    errors: list[str] = field(default_factory=list[str])


def main() -> None:
    """Print one line for each minute."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--feed", type=Path, default=SHARED / "data" / "fashion")
    parser.add_argument("--products", type=int, default=500)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--load", type=float, default=0.5, help="share of the capacity")
    options = parser.parse_args()
    os.environ["LOOKALIKE_LOCAL_TOKEN"] = TOKEN
    with tempfile.TemporaryDirectory() as folder:
        catalog = Path(folder) / "shop.db"
        with lookalike.open(str(catalog)) as shop:
            shop.add(Part(options.feed, options.products))
            asked = requests(shop)["mixed"]
        with served(catalog, SOURCE, 1) as (port, pid):
            asyncio.run(closed(port, asked, 4, 3))
            rate = options.load * asyncio.run(closed(port, asked, 8, 5)).rate
            asyncio.run(soak(port, pid, asked, rate, options.minutes * 60))


async def soak(port: int, pid: int, asked: list[bytes], rate: float, seconds: float) -> None:
    """Ask and change until the time is over."""
    until = time.monotonic() + seconds
    changes = Changes()
    changing = asyncio.create_task(asyncio.to_thread(change, port, until, changes))
    lines: list[tuple[str, ...]] = []
    while (left := until - time.monotonic()) > 1:
        load = await opened(port, asked, rate, min(60.0, left))
        lines.append((f"minute {len(lines) + 1}", *load.cells(pid)))
    await changing
    print_table(f"{rate:.0f} requests/s", HEAD, lines)
    summary = ", ".join(f"{count} {what}" for what, count in changes.counts.items())
    memory, files = resources(pid)
    print(f"{summary}; {changes.stale} stale answers, {len(changes.errors)} errors")  # noqa: T201
    print(f"after the last request: {memory} MB, {files} files")  # noqa: T201
    for error in changes.errors[:5]:
        print(error)  # noqa: T201


def change(port: int, until: float, changes: Changes) -> None:
    """Write, remove, import, change rules and switch, one after the other."""
    for turn in itertools.count():
        if time.monotonic() > until:
            return
        name = f"soak{turn}"
        try:
            send(port, "PUT", f"/v1/products/{name}", {"title": f"Novelty {name}"})
            changes.stale += name not in found(port, name)
            # A rule names a product that exists; it may be removed later.
            rule = {"id": "pin", "action": "pin", "products": [name], "position": 1, "query": "novelty"}
            send(port, "PUT", "/v1/rules", {"rules": [rule][: turn % 2]})
            send(port, "DELETE", f"/v1/products/{name}")
            changes.stale += name in found(port, name)
            changes.counts["products written and removed"] += 1
            changes.counts["changes of the rules"] += 1
            if turn % IMPORT_EVERY == IMPORT_EVERY - 1:
                rows = "".join(f"row{number},Imported {turn} {number}\n" for number in range(200))
                finished(port, send(port, "POST", "/v1/imports", f"id,title\n{rows}".encode()))
                changes.counts["imports of 200 products"] += 1
            if turn % SWITCH_EVERY == SWITCH_EVERY - 1:
                for recipe in ({"recipe": "pixels"}, {}):
                    finished(port, send(port, "POST", "/v1/catalog/recipe", recipe))
                    changes.counts["switches of the recipe"] += 1
        except (OSError, AssertionError) as error:
            body = error.read().decode() if isinstance(error, urllib.error.HTTPError) else ""
            changes.errors.append(f"turn {turn}: {error} {body}")
        time.sleep(BETWEEN)


def send(port: int, method: str, path: str, body: object = None) -> Any:
    """The JSON that a request gets, 503 tried again as its Retry-After asks."""
    raw = isinstance(body, bytes)
    data = body if raw else None if body is None else json.dumps(body).encode()
    kind = "application/octet-stream" if raw else "application/json"
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": kind}
    while True:
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            if error.code != 503:
                raise
            time.sleep(float(error.headers["Retry-After"]))


def found(port: int, name: str) -> set[str]:
    """The products that a search for a name finds."""
    return {hit["id"] for hit in send(port, "GET", f"/v1/search?text={name}&k=5")["hits"]}


def finished(port: int, job: Any) -> None:
    """Wait until a job is done."""
    while job["state"] == "running":
        time.sleep(0.5)
        job = send(port, "GET", f"/v1/jobs/{job['id']}")
    assert job["state"] == "done", job


if __name__ == "__main__":
    main()
