"""Approximate search of many clustered vectors: recall, time and memory, beside other libraries.

    python benchmarks/approximate.py --rows 1000000 --with lookalike faiss-flat usearch hnswlib

Rows lie in departments, in them families of about 200, and around each family with a falling spectrum; the
queries are other rows of the same making. Every library is built and searched in processes of its own, one
query after the other; recall is against the exact nearest 10. Wall time depends on who else is on the
machine, processor time of the searching thread does not. HNSW libraries are searched with the least effort
that finds 99 of 100, and are given no filters where theirs are called for each row from Python.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from timing import print_table

from lookalike.index import ApproximateIndex, Changes, Entry, ExactIndex, Filter, Index, Probe, Space

DIM = 512
DEPARTMENTS = 64
K = 10
QUERIES = 200
WORKERS = 4
PIECE = 20_000
EFFORTS = (16, 32, 64, 128, 256, 512, 1024)

# The share that passes, and the values of the facet `part` that do; departments are cut out whole.
FILTERS: dict[str, dict[str, Any]] = {
    "all": {},
    "1%": {"part": ["a"]},
    "10%": {"part": ["a", "b"]},
    "50%": {"part": ["a", "b", "c"]},
    "9%, six departments": {"department": [str(number) for number in range(6)]},
}
PARTS = np.array(["a", "b", "c", "d"])
SHARES = (0.01, 0.09, 0.4, 0.5)

Array = np.ndarray[Any, Any]
Search = Callable[[Array], Array]


class Rows:
    """Seeded rows, made piece after piece."""

    def __init__(self, count: int) -> None:
        dice = np.random.default_rng(7)
        departments = dice.standard_normal((DEPARTMENTS, DIM), np.float32) / DIM**0.5
        families = max(1, count // 200)
        self.count = count
        self.department = dice.integers(DEPARTMENTS, size=families)
        self._families = 0.7 * departments[self.department]
        self._families += 0.7 * dice.standard_normal((families, DIM), np.float32) / DIM**0.5
        spectrum = (1 + np.arange(DIM, dtype=np.float32)) ** -0.5
        self._spectrum = 0.7 * spectrum / np.linalg.norm(spectrum)

    def pieces(self, count: int, seed: int) -> Iterator[tuple[int, Array, Array, Array]]:
        """The number of the first, rows of unit length, their departments, their parts."""
        dice = np.random.default_rng(seed)
        for start in range(0, count, PIECE):
            size = min(PIECE, count - start)
            family = (len(self._families) * dice.random(size) ** 1.5).astype(int)
            rows = dice.standard_normal((size, DIM), np.float32) * self._spectrum + self._families[family]
            rows /= np.linalg.norm(rows, axis=1, keepdims=True)
            parts = dice.choice(len(PARTS), size, p=SHARES)
            yield start, rows.astype(np.float32), self.department[family], parts


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--with", dest="names", nargs="+", choices=tuple(BUILDERS), default=["lookalike"])
    parser.add_argument("--folder", type=Path, help="keep what is built here, and use what was built before")
    parser.add_argument("--step", choices=("build", "search", "hold"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step == "build":
        BUILDERS[options.names[0]](Rows(options.rows), options.folder)
        return
    if options.step == "search":
        print(json.dumps(searched(options.names[0], Rows(options.rows), options.folder)))
        return
    if options.step == "hold":
        hold(options.names[0], Rows(options.rows), options.folder)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(exist_ok=True)
        if not (folder / "queries.npy").exists():
            write_truth(Rows(options.rows), folder)
        lines: list[tuple[str, ...]] = []
        for name in options.names:
            lines.extend(measured(name, options.rows, folder))
            print(f"{name}: done", file=sys.stderr, flush=True)
    head = ("", "rows that pass", "recall@10", "p50 ms", "p95 ms", "CPU ms", "RSS MB", "PSS MB", "built s")
    print_table(f"Approximate search, {options.rows} x {DIM}, {os.cpu_count()} cores", head, lines)


def measured(name: str, rows: int, folder: Path) -> Iterator[tuple[str, ...]]:
    """The lines of one library, built and searched in processes of their own."""
    command = [sys.executable, __file__, "--rows", str(rows), "--folder", str(folder), "--with", name]
    seconds = folder / f"{name}.seconds"
    if not seconds.exists():
        began = time.perf_counter()
        subprocess.run([*command, "--step", "build"], check=True)
        seconds.write_text(f"{time.perf_counter() - began:.0f}")
    built = seconds.read_text()
    output = subprocess.run([*command, "--step", "search"], check=True, stdout=subprocess.PIPE).stdout
    for passing, figures in json.loads(output).items():
        numbers = [f"{figures[key]:.{digits}f}" for key, digits in (("recall", 4), ("p50", 2), ("p95", 2))]
        memory = [f"{figures['cpu']:.2f}", f"{figures['rss']:.0f}", f"{figures['pss']:.0f}"]
        yield name, passing, *numbers, *memory, built
    if name == "lookalike":
        each = [json.loads(line) for line in held_together(command)]
        rss, pss = (f"{max(one[key] for one in each):.0f}" for key in ("rss", "pss"))
        yield f"{name}, each of {WORKERS} processes", "", "", "", "", "", rss, pss, built


def held_together(command: list[str]) -> list[str]:
    """What several processes hold that have all searched, each asked when all are ready."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    workers = [subprocess.Popen([*command, "--step", "hold"], **pipes) for _ in range(WORKERS)]
    for worker in workers:
        assert worker.stdout is not None
        worker.stdout.readline()
    # One after the other, while all are there: what is shared is divided by those that share it.
    output: list[str] = []
    for worker in workers:
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdin.write("tell\n")
        worker.stdin.flush()
        output.append(worker.stdout.readline())
    for worker in workers:
        worker.communicate("end\n")
    return output


def write_truth(rows: Rows, folder: Path) -> None:
    """The queries, and the exact nearest rows of each under each filter."""
    queries = np.concatenate([piece for _, piece, _, _ in rows.pieces(QUERIES, seed=2)])
    best = {name: (np.zeros((QUERIES, 0)), np.zeros((QUERIES, 0), int)) for name in FILTERS}
    for start, piece, departments, parts in rows.pieces(rows.count, seed=1):
        scores = queries @ piece.T
        for name, where in FILTERS.items():
            passing = np.flatnonzero(passes(where, departments, parts))
            numbers = np.broadcast_to(passing + start, (QUERIES, len(passing)))
            merged = np.hstack([best[name][0], scores[:, passing]])
            known = np.hstack([best[name][1], numbers])
            order = np.argsort(-merged, axis=1)[:, :K]
            best[name] = np.take_along_axis(merged, order, 1), np.take_along_axis(known, order, 1)
    np.save(folder / "queries.npy", queries)
    for number, (_, truth) in enumerate(best.values()):
        np.save(folder / f"truth-{number}.npy", truth)


def passes(where: dict[str, Any], departments: Array, parts: Array) -> Array:
    """Which rows a filter lets through."""
    passing = np.ones(len(parts), bool)
    if "part" in where:
        passing &= np.isin(PARTS[parts], where["part"])
    if "department" in where:
        passing &= np.isin(departments.astype(str), where["department"])
    return passing


def searched(name: str, rows: Rows, folder: Path) -> dict[str, dict[str, float]]:
    """Recall, times and memory under each filter, as this process sees them."""
    queries = np.load(folder / "queries.npy")
    opened = SEARCHERS[name](rows, folder)
    figures: dict[str, dict[str, float]] = {}
    for number, (passing, where) in enumerate(FILTERS.items()):
        search = opened(where)
        if search is not None:
            truth = np.load(folder / f"truth-{number}.npy")
            figures[passing] = timed(search, queries, truth) | memory()
    return figures


def hold(name: str, rows: Rows, folder: Path) -> None:
    """Search, then wait to be asked for the memory, then wait to end."""
    searched(name, rows, folder)
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(memory()), flush=True)
    sys.stdin.readline()


def timed(search: Search, queries: Array, truth: Array) -> dict[str, float]:
    """What each query finds, one after the other, and how long it takes."""
    for query in queries[:20]:
        search(query)
    wall, cpu, found = [], [], 0
    for query, wanted in zip(queries, truth, strict=True):
        began, worked = time.perf_counter(), time.thread_time()
        answer = search(query)
        cpu.append((time.thread_time() - worked) * 1000)
        wall.append((time.perf_counter() - began) * 1000)
        found += int(np.isin(answer, wanted).sum())
    return {
        "recall": found / truth.size,
        "p50": statistics.median(wall),
        "p95": float(np.quantile(wall, 0.95)),
        "cpu": statistics.median(cpu),
    }


def memory() -> dict[str, float]:
    """Megabytes that this process holds, and its share of what it shares."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.endswith("kB")}
    return {"rss": kilobytes["Rss"] * 1024 / 1e6, "pss": kilobytes["Pss"] * 1024 / 1e6}


def space(folder: Path) -> Space:
    """The space of the catalog that these rows would be."""
    return Space("benchmark", "rows", DIM, 0, folder=folder / "lookalike")


def filled(index: Index, rows: Rows) -> None:
    """Give an index the rows as products with facets, as the change feed would."""
    for start, piece, departments, parts in rows.pieces(rows.count, seed=1):
        products = [
            Entry(
                id=str(start + number),
                facets={"department": str(departments[number]), "part": str(PARTS[parts[number]])},
                photos=(f"photo-{start + number}",),
                images=piece[number : number + 1],
            )
            for number in range(len(piece))
        ]
        last = start + len(piece) == rows.count
        index.apply(Changes(products, [], 1 if last else 0))


def build_lookalike(rows: Rows, folder: Path) -> None:
    """Follow the rows, and seal them."""
    index = ApproximateIndex(space(folder), begins_at=1)
    filled(index, rows)
    index.settle()
    print(index.facts(), file=sys.stderr)


def open_lookalike(_: Rows, folder: Path) -> Callable[[dict[str, Any]], Search | None]:
    """The index out of its files."""
    began = time.perf_counter()
    index = ApproximateIndex(space(folder))
    taken = time.perf_counter() - began
    print(f"opened in {taken:.2f} s: {index.kind}, {index.facts()}", file=sys.stderr)
    return lambda where: probing(index, where)


def open_exact(rows: Rows, _: Path) -> Callable[[dict[str, Any]], Search | None]:
    """The exact index, filled in the searching process."""
    index = ExactIndex(DIM, 0)
    filled(index, rows)
    return lambda where: probing(index, where)


def probing(index: Index, where: dict[str, Any]) -> Search:
    """A search through the contract of every index."""
    parsed = Filter.parse(where)

    def search(query: Array) -> Array:
        answer = index.search(Probe(query, where=parsed, k=K))
        return np.array([int(match.id) for match in answer.matches])

    return search


def build_nothing(_: Rows, __: Path) -> None:
    """What is built in the searching process."""


def open_flat(rows: Rows, _: Path) -> Callable[[dict[str, Any]], Search | None]:
    """faiss, looking at every row."""
    import faiss

    index = faiss.IndexFlatIP(DIM)
    kept: list[tuple[Array, Array]] = []
    for _, piece, departments, parts in rows.pieces(rows.count, seed=1):
        index.add(piece)
        kept.append((departments, parts))
    departments, parts = (np.concatenate(each) for each in zip(*kept, strict=True))

    def opened(where: dict[str, Any]) -> Search:
        bits = np.packbits(passes(where, departments, parts), bitorder="little")

        def search(query: Array) -> Array:
            selector = faiss.IDSelectorBitmap(rows.count, faiss.swig_ptr(bits)) if where else None
            return index.search(query[None], K, params=faiss.SearchParameters(sel=selector))[1][0]

        return search

    return opened


def build_usearch(rows: Rows, folder: Path) -> None:
    """usearch, numbers of 16 bits."""
    from usearch.index import Index as Graph

    graph = Graph(ndim=DIM, metric="ip", dtype="f16", connectivity=16, expansion_add=128)
    for start, piece, _, _ in rows.pieces(rows.count, seed=1):
        graph.add(np.arange(start, start + len(piece)), piece, threads=os.cpu_count() or 1)
    (folder / "usearch").mkdir(exist_ok=True)
    graph.save(str(folder / "usearch" / "graph"))


def open_usearch(_: Rows, folder: Path) -> Callable[[dict[str, Any]], Search | None]:
    """usearch, mapped, with the least effort that suffices."""
    from usearch.index import Index as Graph

    graph = Graph.restore(str(folder / "usearch" / "graph"), view=True)
    assert graph is not None

    def search(query: Array) -> Array:
        return graph.search(query, K, threads=1).keys

    def effort(ef: int) -> None:
        graph.expansion_search = ef

    settle(effort, search, folder)
    return lambda where: None if where else search


def build_hnswlib(rows: Rows, folder: Path) -> None:
    """hnswlib, numbers of 32 bits."""
    import hnswlib

    graph = hnswlib.Index(space="ip", dim=DIM)
    graph.init_index(rows.count, M=16, ef_construction=128)
    for start, piece, _, _ in rows.pieces(rows.count, seed=1):
        graph.add_items(piece, np.arange(start, start + len(piece)), num_threads=os.cpu_count() or 1)
    (folder / "hnswlib").mkdir(exist_ok=True)
    graph.save_index(str(folder / "hnswlib" / "graph"))


def open_hnswlib(rows: Rows, folder: Path) -> Callable[[dict[str, Any]], Search | None]:
    """hnswlib, with the least effort that suffices."""
    import hnswlib

    graph = hnswlib.Index(space="ip", dim=DIM)
    graph.load_index(str(folder / "hnswlib" / "graph"), max_elements=rows.count)

    def search(query: Array) -> Array:
        return graph.knn_query(query, K, num_threads=1)[0][0]

    settle(graph.set_ef, search, folder)
    return lambda where: None if where else search


def settle(effort: Callable[[int], None], search: Search, folder: Path) -> None:
    """Raise the effort until 99 of 100 are found."""
    queries, truth = np.load(folder / "queries.npy"), np.load(folder / "truth-0.npy")
    for ef in EFFORTS:
        effort(ef)
        if timed(search, queries, truth)["recall"] >= 0.99:
            return


BUILDERS: dict[str, Callable[[Rows, Path], None]] = {
    "lookalike": build_lookalike,
    "exact": build_nothing,
    "faiss-flat": build_nothing,
    "usearch": build_usearch,
    "hnswlib": build_hnswlib,
}
SEARCHERS: dict[str, Callable[[Rows, Path], Callable[[dict[str, Any]], Search | None]]] = {
    "lookalike": open_lookalike,
    "exact": open_exact,
    "faiss-flat": open_flat,
    "usearch": open_usearch,
    "hnswlib": open_hnswlib,
}

if __name__ == "__main__":
    main()
