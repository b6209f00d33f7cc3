"""Durable price changes a second, and how soon a search shows them.

    python benchmarks/updating.py --products 20000

The same number of prices is changed by bare SQLite (one UPDATE a product, a durable transaction for each
batch), by `Shop.update`, by PATCH /v1/products:batch of a server on loopback, and by `Shop.add` of whole
products. They take turns; the figure is the median of the rounds. Then prices are changed once more, and the
first search with a filter on the price is timed.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path

import uvicorn
from timing import medians, print_table

from lookalike import Photo, Product, ProductUpdate, Shop
from lookalike.server.app import create_app
from lookalike.settings import Settings

BATCH = 1_000
KEY = "benchmark"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--products", type=int, default=20_000)
    parser.add_argument("--changes", type=int, default=5_000, help="prices that are changed in one go")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shop.db"
        with Shop.open(str(path)) as shop:
            products = list(goods(options.products))
            shop.add(products)
            changed = products[: options.changes]
            bare(Path(folder) / "bare.db", products)
            with served(shop) as port:
                compare(shop, Path(folder) / "bare.db", port, changed, options.rounds)
            visible(shop, products, options.changes)


def compare(shop: Shop, other: Path, port: int, products: Sequence[Product], rounds: int) -> None:
    """Price changes a second, one way beside the other."""
    price = itertools.count(1)
    runs: dict[str, Callable[[], object]] = {
        "bare SQLite": lambda: change_bare(other, products, next(price)),
        "Shop.update": lambda: change(shop, products, next(price)),
        "PATCH /v1/products:batch": lambda: change_over_http(port, products, next(price)),
        "Shop.add of whole products": lambda: add(shop, products, next(price)),
    }
    taken = medians(runs, rounds)
    rates = {name: len(products) / each * 1000 for name, each in taken.items()}
    best = rates["bare SQLite"]
    lines = [(name, f"{rate:,.0f}", f"{rate / best:.0%}") for name, rate in rates.items()]
    print_table("Durable price changes", ("", "a second", "of bare"), lines)


def visible(shop: Shop, products: Sequence[Product], changes: int) -> None:
    """How long the first search after a change takes, and one after that."""
    lines: list[tuple[str, str]] = []
    shop.search(text="lamp", where={"price": {"lt": 1e9}})
    for count in (1, 100, changes):
        price = 1_000_000.0 + count
        change(shop, products[:count], price)
        began = time.perf_counter()
        found = shop.search(text="lamp", where={"price": price}, k=1)
        first = time.perf_counter() - began
        assert len(found) == 1
        began = time.perf_counter()
        shop.search(text="lamp", where={"price": price}, k=1)
        lines.append(
            (f"{count:,} prices", f"{first * 1000:.0f} / {(time.perf_counter() - began) * 1000:.0f}")
        )
    print_table("First and second search after a change", ("", "ms"), lines)


def goods(count: int) -> list[Product]:
    """Products that share some photos, so that their import is quick."""
    photos = [(Photo(data=picture(number)),) for number in range(64)]
    return [
        Product(f"p{n}", f"Lamp {n}", f"Lights room {n % 97}", {"colour": f"c{n % 9}"}, n % 300, "EUR", 5)
        if n % 2
        else Product(f"p{n}", f"Chair {n}", price=10.0, stock=1, photos=photos[n % len(photos)])
        for n in range(count)
    ]


def picture(number: int) -> bytes:
    """A small photo of its own."""
    import io

    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), (number * 4, 255 - number * 4, number)).save(buffer, "JPEG")
    return buffer.getvalue()


def change(shop: Shop, products: Sequence[Product], price: float) -> None:
    """By `Shop.update`, a batch at a time as a shop sends them."""
    for start in range(0, len(products), BATCH):
        batch = products[start : start + BATCH]
        report = shop.update(ProductUpdate(each.id, {"price": float(price)}) for each in batch)
        assert report.updated == len(batch)


def add(shop: Shop, products: Sequence[Product], price: float) -> None:
    """By an import of the whole products."""
    report = shop.add([replace(each, price=float(price)) for each in products])
    assert report.updated == len(products)


def change_over_http(port: int, products: Sequence[Product], price: float) -> None:
    """By requests on one connection."""
    connection = HTTPConnection("127.0.0.1", port)
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    for start in range(0, len(products), BATCH):
        batch = [{"id": each.id, "price": price} for each in products[start : start + BATCH]]
        connection.request("PATCH", "/v1/products:batch", json.dumps({"products": batch}), headers)
        answer = json.loads(connection.getresponse().read())
        assert answer["updated"] == len(batch), answer
    connection.close()


def bare(path: Path, products: Sequence[Product]) -> None:
    """The same products as rows of a table."""
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA journal_mode = wal")
        database.execute("CREATE TABLE products (id TEXT PRIMARY KEY, title TEXT, price REAL)")
        rows = [(each.id, each.title, each.price) for each in products]
        database.executemany("INSERT INTO products VALUES (?, ?, ?)", rows)


def change_bare(path: Path, products: Sequence[Product], price: float) -> None:
    """By UPDATE, as durable as the catalog's writes."""
    database = sqlite3.connect(path)
    database.execute("PRAGMA synchronous = FULL")
    for start in range(0, len(products), BATCH):
        with database:
            rows = [(price, each.id) for each in products[start : start + BATCH]]
            database.executemany("UPDATE products SET price = ? WHERE id = ?", rows)
    database.close()


class served:
    """A server of a shop on loopback, in a thread of this process, for as long as the block runs."""

    def __init__(self, shop: Shop) -> None:
        settings = Settings(admin_key=KEY)
        self._server = uvicorn.Server(uvicorn.Config(create_app(shop, settings), port=0, log_level="error"))
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def __enter__(self) -> int:
        self._thread.start()
        while not self._server.started:
            time.sleep(0.05)
        port: int = self._server.servers[0].sockets[0].getsockname()[1]
        return port

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()


if __name__ == "__main__":
    main()
