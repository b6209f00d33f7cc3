"""Processes give the same rows as threads, whatever becomes of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

from lookalike import ImportReport, Product, Shop
from lookalike.catalog.reembed import RebuildReport
from lookalike.errors import UsageError
from support.processes import processes_below


def test_processes_give_the_same_rows_as_threads(import_by) -> None:
    threads, expected = import_by(0, "threads")
    report, checksum = import_by(2, "processes")
    assert checksum == expected
    assert (
        (report.added, report.failed, report.photos) == (199, 1, 199) == (threads.added, threads.failed, 199)
    )
    assert report.problems == threads.problems
    again, unchanged = import_by(2, "processes")
    assert (again.unchanged, again.updated, again.failed, unchanged) == (198, 1, 1, expected)


def test_a_worker_that_is_killed_costs_no_row(import_by) -> None:
    killed: list[int] = []

    def kill_one(report: ImportReport) -> None:
        if report.added and not killed:
            killed.extend(processes_below(os.getpid(), "lookalike.catalog.workers.subprocess_worker")[:1])
            os.kill(killed[0], signal.SIGKILL)

    report, checksum = import_by(2, "killed", progress=kill_one)
    assert killed
    assert (report.added, checksum) == (199, import_by(0, "threads")[1])
    assert processes_below(os.getpid(), "lookalike.catalog.workers.subprocess_worker") == []


def test_words_that_need_a_network_are_embedded_by_the_workers_too(tmp_path, feed: list[Product]) -> None:
    rows: list[list[float]] = []
    for workers in (0, 1):
        with Shop.open(str(tmp_path / f"{workers}.db"), "builtin") as shop:
            shop.add(feed[:40], workers=workers)
            rows.append([hit.score for hit in shop.search(text="green thing", k=40)])
    assert rows[0] == rows[1]
    assert len(rows[0]) == 40


def test_processes_switch_a_catalogue_to_the_same_rows_as_threads(switch_by) -> None:
    threads, expected = switch_by(0, "threads")
    killed: list[int] = []

    def kill_one(report: RebuildReport) -> None:
        if report.photos and not killed:
            killed.extend(processes_below(os.getpid(), "lookalike.catalog.workers.subprocess_worker")[:1])
            os.kill(killed[0], signal.SIGKILL)

    report, checksum = switch_by(2, "processes", progress=kill_one)
    assert killed
    assert (report.photos, report.texts, report.complete) == (199, 199, True)
    assert (threads, expected) == (report, checksum)
    assert processes_below(os.getpid(), "lookalike.catalog.workers.subprocess_worker") == []


def test_a_switch_by_processes_that_was_stopped_goes_on_with_what_is_missing(switch_by) -> None:
    stop = threading.Event()
    begun, _ = switch_by(2, "stopped", stop=stop, progress=lambda _: stop.set())
    assert not begun.complete
    assert 0 < begun.photos < 199
    rest, checksum = switch_by(2, "stopped")
    assert (begun.photos + rest.photos, rest.texts, rest.complete) == (199, 199, True)
    assert checksum == switch_by(0, "threads")[1]


@pytest.mark.parametrize("workers", ["-1", "some", "http://host", "ray:/x", "ray://h?x=1", "ray://h:1/path"])
def test_workers_that_nobody_can_be_are_refused(import_by, workers: str) -> None:
    with pytest.raises(UsageError, match="ray://"):
        import_by(workers)


def test_without_ray_the_command_to_install_it_is_named(tmp_path) -> None:
    program = (
        "import sys; sys.modules['ray'] = None\n"
        "from lookalike.cli import main\n"
        "main(['import', 'feed.jsonl', '--catalog', 'shop.db', '--workers', 'ray://localhost'])"
    )
    (tmp_path / "feed.jsonl").write_text('{"id": "a", "title": "A"}\n')
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 10
    assert 'pip install "lookalike[ray]"' in ended.stderr
