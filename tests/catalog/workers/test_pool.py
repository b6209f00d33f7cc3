"""If a worker is lost, another one takes over its task."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lookalike import FeedRow, Photo, Product, Shop
from lookalike.catalog.importer import LOOKED_UP, PIECE, Importer, feed_rows
from lookalike.catalog.workers import Done, Outcome, Row, Task, WorkerPool
from lookalike.catalog.workers.address import Address
from lookalike.catalog.workers.ray_worker import parts_of
from lookalike.catalog.workers.task import Worker, WorkerLost
from lookalike.errors import NotFound, Unavailable


class Mortal:
    """A worker that returns rows unchanged and is lost at some products."""

    def __init__(self, fatal: set[str], most_rows: int = 1000) -> None:
        self._fatal = fatal
        self._most_rows = most_rows

    def do(self, task: Task) -> Done:
        if len(task.rows) > self._most_rows or self._fatal & {row.product.id for row in task.rows}:
            raise WorkerLost("it is dead")
        return Done([Outcome(row.product) for row in task.rows])

    def close(self) -> None:
        """Nothing is held."""


def task_of(*ids: str) -> Task:
    return Task(tuple(Row(Product(id)) for id in ids))


def ids_of(done: Done) -> list[str]:
    return [outcome.product.id for outcome in done.rows if outcome.product]


def test_a_task_goes_to_another_worker_when_the_first_is_lost() -> None:
    workers: Iterator[Worker] = iter([Mortal({"a"}), Mortal(set())])
    with WorkerPool(lambda _: next(workers), 1) as pool:
        assert ids_of(pool.submit(task_of("a", "b")).result(30)) == ["a", "b"]


def test_a_task_that_is_too_much_is_halved_until_it_can_be_done() -> None:
    with WorkerPool(lambda _: Mortal(set(), most_rows=2), 2) as pool:
        assert ids_of(pool.submit(task_of(*"abcdefg")).result(30)) == list("abcdefg")


def test_a_row_that_no_worker_survives_is_left_out_with_a_sentence() -> None:
    with WorkerPool(lambda _: Mortal({"c"}), 2) as pool:
        done = pool.submit(task_of(*"abcde")).result(30)
    assert ids_of(done) == list("abde")
    assert "2 workers were lost while embedding this product: it is dead" in done.rows[2].problem


def test_when_workers_are_lost_at_everything_the_import_ends() -> None:
    with (
        WorkerPool(lambda _: Mortal(set("abcdefgh")), 2) as pool,
        pytest.raises(Unavailable, match="before they finish"),
    ):
        pool.submit(task_of(*"abcdefgh")).result(30)


def test_waiting_tasks_report_that_no_worker_can_start() -> None:
    def start(_: threading.Event) -> Worker:
        raise Unavailable("The cluster is down.")

    with WorkerPool(start, 2) as pool:
        waiting = [pool.submit(task_of("a")) for _ in range(5)]
        for future in waiting:
            with pytest.raises(Unavailable, match="down"):
                future.result(30)


def test_the_others_go_on_when_one_cannot_be_replaced() -> None:
    starting = threading.Lock()

    def start(closing: threading.Event) -> Worker:
        if starting.acquire(blocking=False):
            return Mortal(set())
        raise Unavailable("There is room for one only.")

    with WorkerPool(start, 3) as pool:
        done = [pool.submit(task_of(id)) for id in "abcdef"]
        assert [ids_of(future.result(30)) for future in done] == [[id] for id in "abcdef"]


def test_photos_in_files_are_sent_in_parts_that_a_worker_can_hold(tmp_path: Path) -> None:
    rows: list[Row] = []
    for number in range(10):
        file = tmp_path / f"{number}.jpg"
        if number != 4:
            file.write_bytes(bytes(100))
        rows.append(
            Row(Product(f"p{number}", photos=(Photo(source=str(file)), Photo(source="https://a.b/c"))))
        )
    found = list(parts_of(Task(tuple(rows)), most=250))
    assert [len(part.rows) for part in found] == [3, 4, 3]
    assert [row for part in found for row in part.rows] == rows
    assert all(part.files[row.product.photos[0].source] for part in found for row in part.rows)
    assert isinstance(found[1].files[str(tmp_path / "4.jpg")], NotFound)


@pytest.mark.parametrize("url", ["ray://local", "ray://host:10001", "ray://[::1]:6000", "ray://10.0.0.1:1"])
def test_an_address_says_what_was_written(url: str) -> None:
    address = Address.parse(f"{url}?workers=3&patience=2.5")
    assert (str(address), address.workers, address.patience) == (url, 3, 2.5)


def test_a_feed_is_not_read_further_than_the_workers_can_follow(tmp_path: Path) -> None:
    read, handed, ahead = 0, 0, 0

    def rows() -> Iterator[FeedRow]:
        nonlocal read
        for row in feed_rows(Product(f"p{number}") for number in range(4000)):
            read += 1
            yield row

    class Watching(Mortal):
        def do(self, task: Task) -> Done:
            nonlocal handed, ahead
            handed += len(task.rows)
            ahead = max(ahead, read - handed)
            return super().do(task)

    with (
        Shop.open(str(tmp_path / "shop.db"), "pixels") as shop,
        WorkerPool(lambda _: Watching(set()), 1) as pool,
    ):
        report = Importer(shop.catalog.database, shop.catalog.pipeline, pool, "rows", None, None).run(rows())
    assert report.added == 4000
    assert ahead <= LOOKED_UP + 3 * PIECE
