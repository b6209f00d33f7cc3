"""How fast events go in and recommendations come out, at 44,000 products and a million events.

    python benchmarks/recommending_speed.py [--products 44000] [--events 1000000] [--catalog speed.db]

Products are made up, with a vector of 256 numbers for their photo and one for their words; shoppers choose
around a few products each. Events are stored durably in batches of 1,000, alone and while searches run;
then recommendations are asked for shoppers who did at least ten things. Beside the time that passed stands
the processor's time, which a busy machine does not stretch as much. First recommendations come from processes
of their own, with the files beside the catalog and without them. BLAS has one thread, as in the server.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np

import lookalike
from lookalike import Event, Photo, Product, Recipe, Shop
from lookalike.catalog.catalog import Catalog
from lookalike.catalog.state import ENCODING_STATE, IDENTITY, EncodingState, new_identity
from lookalike.database import Batch, Database, Written, open_database
from lookalike.media.images import StoredPhoto
from lookalike.vectors.blas import limit_blas_threads
from lookalike.vectors.codec import pack_vector

DIM = 256
KINDS = 200
BATCH = 1000
ASKED = 300
ROUNDS = 3
ASKING = """
import sys, time
import lookalike
from lookalike.vectors.blas import limit_blas_threads
limit_blas_threads()
began, used = time.perf_counter(), time.process_time()
shop = lookalike.open(sys.argv[1])
# As in a server: models are fitted in the background.
shop.recommender.fit_in_background()
assert shop.recommend("s7").hits
print(time.perf_counter() - began, time.process_time() - used)
"""
MADE_HERE = EncodingState(Recipe("speed", "made-up vectors"), "speed-image", DIM, "speed-text", DIM)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--products", type=int, default=44_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--catalog", type=Path, help="where to keep the catalog for the next run")
    options = parser.parse_args()
    limit_blas_threads()
    with tempfile.TemporaryDirectory() as folder:
        path = options.catalog or Path(folder) / "shop.db"
        if not path.exists():
            made_up(path, options.products, options.events)
        with lookalike.open(str(path)) as shop:
            shop.recommender.settle()
        first_answers(path)
        with lookalike.open(str(path)) as shop:
            recommend(shop, options.events)


def made_up(path: Path, products: int, count: int) -> None:
    """Write the catalog, and its events alone and beside searches."""
    chance = np.random.default_rng(0)
    database = open_database(str(path))
    fill(database, products, chance)
    with Shop(Catalog(database, MADE_HERE)) as shop:
        batches = events(products, count, chance)
        alone = record(shop, batches, count // 2)
        click.echo(f"events stored alone: {alone:,.0f} a second")
        with Searching(shop, chance) as took:
            beside = record(shop, batches, count - count // 2)
        click.echo(f"events stored beside searches: {beside:,.0f} a second")
        click.echo(f"searches meanwhile: {len(took)}, p50 {np.median(took) * 1000:.1f} ms")


def first_answers(path: Path) -> None:
    """The first recommendation of a fresh process, with the files beside the catalog and without them."""
    folder, aside = Path(f"{path}.index"), Path(f"{path}.aside")
    for name in ("with files", "without files"):
        if name == "without files":
            folder.rename(aside)
        command = [sys.executable, "-c", ASKING, str(path)]
        runs = [
            [float(each) for each in subprocess.run(command, check=True, capture_output=True).stdout.split()]
            for _ in range(ROUNDS)
        ]
        passed, used = (statistics.median(times) for times in zip(*runs, strict=True))
        click.echo(f"first recommendation, {name}: {passed:.2f} s passed, {used:.2f} s of the processor")
    shutil.rmtree(folder, ignore_errors=True)
    aside.rename(folder)


def fill(database: Database, count: int, chance: np.random.Generator) -> None:
    """Products around two hundred kinds, with a vector for the photo and one for the words."""
    database.put_settings({ENCODING_STATE: MADE_HERE.dumps(), IDENTITY: new_identity()})
    centres = chance.normal(size=(2, KINDS, DIM))
    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        batch = Batch(image_space=MADE_HERE.image_space, text_space=MADE_HERE.text_space)
        for number in numbers:
            kind = number % KINDS
            rows = centres[:, kind] + 0.7 * chance.normal(size=(2, DIM))
            image, text = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
            photo = f"photo-{number}"
            facets = {
                "kind": f"kind {kind}",
                "colour": f"colour {number % 13}",
                "brand": f"brand {number % 97}",
            }
            product = Product(str(number), f"Product {number}", facets=facets, photos=(Photo(id=photo),))
            batch.photos.append(StoredPhoto(photo, b"", "image/jpeg", 1, 1))
            batch.products.append(Written(product, b""))
            batch.image_vectors[photo] = pack_vector(image)
            batch.text_vectors[str(number)] = ("", pack_vector(text))
        database.write(batch)


def events(products: int, count: int, chance: np.random.Generator) -> Iterator[list[Event]]:
    """Events of shoppers who keep to a few kinds, as many popular products as in a real shop."""
    now = time.time()
    shoppers = count // 20
    for start in range(0, count, BATCH):
        who = chance.integers(shoppers, size=BATCH)
        kinds = (who * 7 + chance.integers(3, size=BATCH)) % KINDS
        ranks = np.minimum(chance.zipf(1.3, BATCH), products // KINDS) - 1
        what = ranks * KINDS + kinds
        times = now - chance.random(BATCH) * 5e6
        events = chance.choice(["view", "cart", "purchase"], BATCH, p=[0.8, 0.12, 0.08])
        yield [
            Event(str(deed), f"s{shopper}", str(product), f"e{start + place}", float(moment))  # pyright: ignore
            for place, (deed, shopper, product, moment) in enumerate(
                zip(events, who, what, times, strict=True)
            )
        ]


def record(shop: Shop, batches: Iterator[list[Event]], count: int) -> float:
    """Store so many events; returns how many a second were acknowledged."""
    spent = done = 0.0
    while done < count:
        batch = next(batches)
        began = time.perf_counter()
        shop.record(batch)
        spent += time.perf_counter() - began
        done += len(batch)
    return done / spent


class Searching:
    """Search again and again for as long as the block runs; gives the seconds each search took."""

    def __init__(self, shop: Shop, chance: np.random.Generator) -> None:
        self._shop = shop
        self._vectors = chance.normal(size=(64, DIM)).astype(np.float32)
        self._done = threading.Event()
        self._took: list[float] = []
        self._thread = threading.Thread(target=self._search)

    def __enter__(self) -> list[float]:
        self._shop.search(vector=self._vectors[0])
        self._thread.start()
        return self._took

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _search(self) -> None:
        while not self._done.is_set():
            began = time.perf_counter()
            self._shop.search(vector=self._vectors[len(self._took) % 64])
            self._took.append(time.perf_counter() - began)


def recommend(shop: Shop, count: int) -> None:
    """Ask for shoppers who did something, and once after an event each, and tell how long it took."""
    known = [f"s{number}" for number in range(0, count // 20, max(1, count // 20 // ASKED))]
    wall: list[float] = []
    busy: list[float] = []
    for shopper in known:
        began, ran = time.perf_counter(), time.thread_time()
        shop.recommend(shopper)
        wall.append(time.perf_counter() - began)
        busy.append(time.thread_time() - ran)
    for name, took in (("passed", wall), ("of the processor", busy)):
        p50, p95 = np.percentile(took, [50, 95]) * 1000
        click.echo(f"a recommendation for a known shopper: p50 {p50:.1f} ms, p95 {p95:.1f} ms {name}")
    fresh: list[float] = []
    for shopper in known[:50]:
        before = shop.recommend(shopper)
        began = time.perf_counter()
        shop.record([Event("cart", shopper, before[0].id)])
        after = shop.recommend(shopper)
        fresh.append(time.perf_counter() - began)
        if before[0].id in [hit.id for hit in after]:
            raise SystemExit("an event was not visible in the next request")
    click.echo(f"an event and the next recommendation, which shows it: p50 {np.median(fresh) * 1000:.1f} ms")


if __name__ == "__main__":
    main()
