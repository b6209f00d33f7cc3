"""A server under load: requests a second, p50, p99, refusals, errors, memory and open files, in one run.

    python benchmarks/serving.py --feed ../shared/data/fashion --seconds 20
    python benchmarks/serving.py --catalog shop.db --source before=../before/src --seconds 10
    python benchmarks/serving.py --vectors 20000 --chroma ../chroma/bin/chroma --seconds 10

Closed loop: 1, 8, 32 and 128 clients send the next request when the last one is answered. Open loop: requests
arrive at 50, 80 and 120% of the best closed-loop rate, whether or not the server keeps up. `--source
NAME=SRC` serves the same catalog from another source tree in the same run. `--vectors N` searches N made-up
vectors with facets instead, with `--chroma COMMAND` beside a chromadb server that holds the same; its command
is `chroma` of an environment of its own. The clients share the machine with the servers: compare ratios
within a run.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http.client
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ready_shop import Rows, ready_shop
from timing import print_table

import lookalike
from lookalike import Product

SHARED = Path(__file__).parent.parent.parent / "shared"
CLIENTS = (1, 8, 32, 128)
LOADS = (0.5, 0.8, 1.2)
HEAD = ("", "requests/s", "p50 ms", "p99 ms", "refused", "errors", "MB", "files")
DIM = 256
ASKED = 200
PIECE = 2000
Request = bytes


@dataclass(slots=True)
class Load:
    """What the clients of one round saw."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    took: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.statuses[200] / self.took

    def cells(self, pid: int) -> tuple[str, ...]:
        """One line of the table."""
        answered = self.statuses[200]
        refused = self.statuses[429] + self.statuses[503]
        ordered = sorted(self.seconds) or [float("nan")]
        return (
            f"{self.rate:.0f}",
            f"{statistics.median(ordered) * 1000:.0f}",
            f"{ordered[int(len(ordered) * 0.99)] * 1000:.0f}",
            str(refused),
            str(self.statuses.total() - answered - refused),
            *resources(pid),
        )


@dataclass(slots=True)
class Connection:
    """A connection that is kept open, as a proxy keeps it."""

    port: int
    streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: Request) -> int:
        """The status of a request's answer; 0 if the connection broke."""
        try:
            if self.streams is None:
                self.streams = await asyncio.open_connection("127.0.0.1", self.port)
            reader, writer = self.streams
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.lower().split(b"\r\n")
            length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
            await reader.readexactly(length)
            return int(head[9:12])
        except (OSError, asyncio.IncompleteReadError, StopIteration):
            self.close()
            return 0

    def close(self) -> None:
        """Close it."""
        if self.streams is not None:
            self.streams[1].close()
            self.streams = None


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--feed", type=Path, default=SHARED / "data" / "fashion")
    parser.add_argument("--catalog", type=Path, help="a catalog that is imported already")
    parser.add_argument("--source", action="append", default=[], metavar="NAME=SRC")
    parser.add_argument("--workers", type=int, action="append", help="server processes; may be repeated")
    parser.add_argument("--vectors", type=int, help="search so many made-up vectors")
    parser.add_argument("--chroma", type=Path, help="the command of a chromadb server, beside --vectors")
    parser.add_argument("--kinds", nargs="+", help="only these kinds of requests")
    parser.add_argument("--seconds", type=float, default=60.0, help="of each round")
    parser.add_argument("--clients", type=int, nargs="+", default=CLIENTS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        catalog = options.catalog or Path(folder) / "shop.db"
        rows, products = ready_shop(catalog, options.vectors, DIM) if options.vectors else (None, [])
        with lookalike.open(str(catalog)) as shop:
            if rows is not None:
                shop.engine.calibrate()
                shop.settle()
                kinds = vector_requests("/v1/search", rows[:ASKED], asked_here)
            else:
                if not options.catalog:
                    shop.add(lookalike.read_feed(options.feed))
                kinds = requests(shop)
        kinds = {name: kinds[name] for name in options.kinds or kinds}
        sources = [("", str(Path(lookalike.__file__).parents[1]))]
        sources += [tuple(each.split("=", 1)) for each in options.source]
        for name, source in sources:
            for workers in options.workers or [1]:
                title = " ".join(
                    filter(None, ("lookalike", name, f"{workers} workers" if workers > 1 else ""))
                )
                with served(catalog, source, workers) as (port, pid):
                    measure(title, port, pid, kinds, options.seconds, options.clients)
        if options.chroma and rows is not None:
            with chroma(options.chroma, Path(folder), rows, products) as (port, pid, path):
                asked = vector_requests(path, rows[:ASKED], asked_chroma)
                measure("chromadb", port, pid, asked, options.seconds, options.clients)


def measure(
    title: str, port: int, pid: int, kinds: dict[str, list[Request]], seconds: float, clients: Sequence[int]
) -> None:
    """All rounds against one server."""
    lines: list[tuple[str, ...]] = []
    best = 0.0
    for kind, asked in kinds.items():
        asyncio.run(closed(port, asked, 4, min(seconds, 2.0)))  # warm
        for count in clients:
            load = asyncio.run(closed(port, asked, count, seconds))
            lines.append((f"{kind}, {count} clients", *load.cells(pid)))
            if kind == "mixed" or "mixed" not in kinds:
                best = max(best, load.rate)
    for share in LOADS:
        asked = kinds.get("mixed") or next(iter(kinds.values()))
        load = asyncio.run(opened(port, asked, max(best, 1.0) * share, seconds))
        lines.append((f"open loop, {share:.0%}", *load.cells(pid)))
    print_table(title, HEAD, lines)


async def closed(port: int, asked: list[Request], clients: int, seconds: float) -> Load:
    """Each client sends its next request when the last one is answered."""
    load = Load()
    until = time.perf_counter() + seconds

    async def client(number: int) -> None:
        connection = Connection(port)
        turn = itertools.cycle(asked[number % len(asked) :] + asked[: number % len(asked)])
        while time.perf_counter() < until:
            await note(load, connection, next(turn))
        connection.close()

    began = time.perf_counter()
    await asyncio.gather(*map(client, range(clients)))
    load.took = time.perf_counter() - began
    return load


async def opened(port: int, asked: Sequence[Request], rate: float, seconds: float) -> Load:
    """Requests arrive at a steady rate, each on a connection that is free."""
    load = Load()
    free: list[Connection] = []
    tasks: set[asyncio.Task[None]] = set()

    async def one(request: Request) -> None:
        connection = free.pop() if free else Connection(port)
        await note(load, connection, request)
        free.append(connection)

    began = time.perf_counter()
    async for number in arrivals(rate, seconds):
        task = asyncio.ensure_future(one(asked[number % len(asked)]))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    load.took = time.perf_counter() - began
    for connection in free:
        connection.close()
    return load


async def arrivals(rate: float, seconds: float) -> AsyncIterator[int]:
    """Numbers at a rate; late ones come at once, as customers do."""
    began = time.perf_counter()
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        yield number


async def note(load: Load, connection: Connection, request: Request) -> None:
    """Send one request, and note how it went."""
    began = time.perf_counter()
    status = await connection.ask(request)
    load.statuses[status] += 1
    if status == 200:
        load.seconds.append(time.perf_counter() - began)


def requests(shop: lookalike.Shop) -> dict[str, list[Request]]:
    """Searches by words, by product, by photo and with a filter, and all of them in turn."""
    products = shop.products(limit=500)[::5]
    photos = [shop.photo(product.photos[0].id).data for product in products[:20] if product.photos]
    kinds = {
        "words": [post("/v1/search", {"text": product.title}) for product in products],
        "similar": [get(f"/v1/products/{product.id}/similar?k=10") for product in products],
        "photo": [upload("/v1/search", photo) for photo in photos],
    }
    turns = [itertools.cycle(each) for each in kinds.values()]
    kinds["mixed"] = [next(turn) for _ in products for turn in turns]
    return kinds


def get(path: str) -> Request:
    """A request without a body."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def post(path: str, body: object) -> Request:
    """A request with JSON."""
    return sent(path, "application/json", json.dumps(body).encode())


def upload(path: str, photo: bytes) -> Request:
    """A request with a photo."""
    part = b'--cut\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n'
    return sent(path, "multipart/form-data; boundary=cut", part + photo + b"\r\n--cut--\r\n")


def sent(path: str, kind: str, body: bytes) -> Request:
    """A request with a body."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\n"
    head += f"Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


@contextlib.contextmanager
def served(catalog: Path, source: str, workers: int) -> Generator[tuple[int, int]]:
    """`lookalike serve` from a source tree; gives its port and process."""
    command = [sys.executable, "-m", "lookalike", "serve", "--port", "0", "--catalog", str(catalog), "--json"]
    command += ["--workers", str(workers)] if workers > 1 else []
    environment = {**os.environ, "PYTHONPATH": source}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        port = int(json.loads(process.stdout.readline())["url"].rpartition(":")[2])
        try:
            wait(port, get("/readyz"))
            yield port, process.pid
        finally:
            process.terminate()


def vector_requests(path: str, rows: Rows, body: Callable[[Rows, str], object]) -> dict[str, list[Request]]:
    """Searches by vector, without a filter and with one, for a server whose requests look so."""
    return {
        "vector": [post(path, body(row, "")) for row in rows],
        "vector, filtered": [post(path, body(row, "Red")) for row in rows],
    }


def asked_here(row: Rows, colour: str) -> object:
    """A search by vector as this server takes it."""
    return {"vector": row.tolist(), "k": 10, "where": {"colour": colour} if colour else {}}


def asked_chroma(row: Rows, colour: str) -> object:
    """A search by vector as chromadb takes it, with as much in the answer as it can give."""
    query = {"query_embeddings": [row.tolist()], "n_results": 10, "include": ["metadatas", "distances"]}
    return {**query, "where": {"colour": colour}} if colour else query


@contextlib.contextmanager
def chroma(
    command: Path, folder: Path, rows: Rows, products: Sequence[Product]
) -> Generator[tuple[int, int, str]]:
    """A chromadb server with the same vectors and facets; gives its port, process and the path to ask."""
    port = 18_765
    started = [str(command), "run", "--path", str(folder / "chroma"), "--port", str(port)]
    with subprocess.Popen(started, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait(port, get("/api/v2/heartbeat"))
            base = "/api/v2/tenants/default_tenant/databases/default_database/collections"
            space = {"hnsw": {"space": "cosine"}}
            id = answered(port, base, {"name": "products", "configuration": space})["id"]
            for start in range(0, len(rows), PIECE):
                some = products[start : start + PIECE]
                batch = {
                    "ids": [product.id for product in some],
                    "embeddings": rows[start : start + PIECE].tolist(),
                    "metadatas": [{**product.facets, "title": product.title} for product in some],
                }
                answered(port, f"{base}/{id}/add", batch)
            yield port, process.pid, f"{base}/{id}/query"
        finally:
            process.terminate()


def answered(port: int, path: str, body: object) -> Any:
    """The JSON that a server answers with."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    if answer.status >= 300:
        raise SystemExit(f"{path}: {answer.status} {answer.read()[:300]!r}")
    return json.loads(answer.read() or b"null")


def wait(port: int, request: Request) -> None:
    """Return when a server answers."""

    async def answers() -> bool:
        return await Connection(port).ask(request) == 200

    until = time.monotonic() + 120
    while not asyncio.run(answers()):
        if time.monotonic() > until:
            raise SystemExit("the server did not start")
        time.sleep(0.1)


def resources(pid: int) -> tuple[str, str]:
    """Resident megabytes and open files of a process, if the system reports them."""
    folder = Path(f"/proc/{pid}")
    if not folder.is_dir():
        return "", ""
    resident = int((folder / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return f"{resident / 1e6:.0f}", str(len(list((folder / "fd").iterdir())))


if __name__ == "__main__":
    main()
