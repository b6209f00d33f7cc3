"""Milvus beside the indexes in process: time to fill, recall of the nearest 10, and time of a search.

    python benchmarks/milvus_search.py --rows 200000 --with approximate server

The rows and filters are those of approximate.py. Milvus Lite runs in this process, the server of the package
milvus==2.3.5 beside it on the same machine; both are reached by lookalike's own index, grouping, counting
and exact parts included. Searches come one after the other, after the server has put its rows away and made
its graph of them. Recall is against the exact index, which is always asked.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np
from approximate import DIM, FILTERS, PARTS, Array, K, Rows
from pymilvus import MilvusClient
from timing import print_table

from lookalike.index import ApproximateIndex, Changes, Entry, Filter, Index, Probe, Space, open_index
from lookalike.index.milvus.index import MilvusIndex

sys.path.append(str(Path(__file__).parent.parent / "tests"))
from support.milvus_server import MilvusServer

QUERIES = 100


def main() -> None:
    """Fill each index with the same rows, and ask each the same."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    words.add_argument("--rows", type=int, default=50_000)
    words.add_argument("--with", dest="kinds", nargs="+", default=["approximate", "lite", "server"])
    given = words.parse_args()
    made = Rows(given.rows)
    queries = np.concatenate([rows for _, rows, _, _ in made.pieces(QUERIES, seed=2)])
    truth: dict[str, list[set[str]]] = {}
    table: list[tuple[str, ...]] = []
    with ExitStack() as closings:
        folder = Path(closings.enter_context(tempfile.TemporaryDirectory()))
        for kind, url in addresses(["exact", *given.kinds], folder, closings):
            space = Space(uuid.uuid4().hex, "made", DIM, 0, folder=folder / "rows.db.index")
            index = open_index(url, space)
            began = time.perf_counter()
            for start, rows, department, parts in made.pieces(given.rows, seed=1):
                # As a catalog reports it: only the last batch has the final revision.
                index.apply(Changes(entries(start, rows, department, parts), [], 0))
            index.apply(Changes([], [], 1))
            index = closings.enter_context(closing(settled(index, url, space)))
            filled = time.perf_counter() - began
            for name, where in FILTERS.items():
                probes = [Probe(image=query, where=Filter.parse(where), k=K) for query in queries]
                index.search(probes[0])
                found, times = list[set[str]](), list[float]()
                for probe in probes:
                    at = time.perf_counter()
                    answer = index.search(probe)
                    times.append((time.perf_counter() - at) * 1000)
                    found.append({match.id for match in answer.matches})
                truth.setdefault(name, found)
                hit = sum(len(one & other) for one, other in zip(found, truth[name], strict=True))
                recall = hit / max(sum(map(len, truth[name])), 1)
                p50, p95 = statistics.median(times), float(np.quantile(times, 0.95))
                table.append((kind, f"{filled:.0f}", name, f"{recall:.4f}", f"{p50:.1f}", f"{p95:.1f}"))
    head = ("index", "filled s", "rows that pass", "recall@10", "p50 ms", "p95 ms")
    print_table(f"Milvus, {given.rows} x {DIM}", head, table)


def addresses(kinds: list[str], folder: Path, closings: ExitStack) -> Iterator[tuple[str, str]]:
    """Each kind of index once, by its address."""
    for kind in dict.fromkeys(kinds):
        if kind == "lite":
            yield kind, str(folder / "rows.milvus")
        elif kind == "server":
            server = closings.enter_context(closing(MilvusServer()))
            server.start()
            yield kind, server.url
        else:
            yield kind, kind


def settled(index: Index, url: str, space: Space) -> Index:
    """The index once its rows lie where they are to stay."""
    if isinstance(index, ApproximateIndex):
        index.settle()
        index.close()
        return open_index(url, space)
    if isinstance(index, MilvusIndex):
        index.collection.put_away()
        index.collection.settle()
        if url.startswith("milvus:"):
            wait_for_graph(url, index.collection.alias)
    return index


def wait_for_graph(url: str, collection: str) -> None:
    """Return when the server has every row in its graph, and searches by that."""
    with closing(MilvusClient(url.replace("milvus:", "http:"))) as client:
        while client.describe_index(collection, "vector")["pending_index_rows"]:
            time.sleep(0.5)
        # It goes on searching the rows as they came in for a while, unless it loads them anew.
        client.release_collection(collection)
        client.load_collection(collection)


def entries(start: int, rows: Array, departments: Array, parts: Array) -> list[Entry]:
    """Products of one photo each."""
    return [
        Entry(
            id=f"p{start + offset}",
            facets={"department": str(departments[offset]), "part": str(PARTS[parts[offset]])},
            photos=(f"photo {start + offset}",),
            images=rows[offset : offset + 1],
        )
        for offset in range(len(rows))
    ]


if __name__ == "__main__":
    main()
