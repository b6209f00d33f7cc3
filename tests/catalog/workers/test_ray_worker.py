"""A Ray cluster gives the same rows as one machine, with a worker lost and with its head lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import pytest

from catalog.workers.conftest import Import, Switch
from lookalike import ImportReport
from lookalike.errors import Unavailable
from support import servers
from support.processes import processes_below

pytestmark = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed")

HEAD = Path(__file__).parents[2] / "support" / "ray_head.py"


class Head:
    """A real head with a server for clients, which can be killed and started again on the same port."""

    def __init__(self, folder: str) -> None:
        self.port = servers.free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None

    def start(self) -> None:
        """Start, and wait until it answers."""
        self._process = subprocess.Popen(
            [sys.executable, str(HEAD), str(self.port), "2"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "RAY_TMPDIR": self._folder},
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n"

    def kill(self) -> None:
        """End it with all its processes and without a word."""
        assert self._process is not None
        below = processes_below(self._process.pid, "")
        for pid in {self._process.pid, *below}:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.communicate()
        self._process = None


@pytest.fixture(scope="module")
def cluster() -> Iterator[Head]:
    """A cluster of two cores on loopback, not started yet."""
    # Ray's sockets lie there, and their names must be short.
    with tempfile.TemporaryDirectory(prefix="ray") as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_AUTH_MODE", "disabled")
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        head = Head(folder)
        yield head
        if head.running:
            head.kill()


@pytest.fixture
def head(cluster: Head) -> Head:
    """The cluster, up."""
    if not cluster.running:
        cluster.start()
    return cluster


def test_a_killed_worker_and_a_head_that_restarts_cost_no_row(head: Head, import_by: Import) -> None:
    killed: list[int] = []

    def break_things(report: ImportReport) -> None:
        if report.added and not killed:
            killed.extend(processes_below(head.pid, "ray::RayWorker")[:1])
            os.kill(killed[0], signal.SIGKILL)
        elif report.added > 100 and len(killed) == 1:
            killed.append(head.pid)
            head.kill()
            head.start()

    url = f"ray://127.0.0.1:{head.port}?workers=2&patience=240"
    report, checksum = import_by(url, "cluster", progress=break_things)
    assert len(killed) == 2
    expected, same = import_by("", "threads")
    assert (report.added, report.failed, report.photos) == (199, 1, 199)
    assert report.problems == expected.problems
    assert checksum == same


def test_a_head_that_stays_away_ends_the_import_and_another_goes_on(head: Head, import_by: Import) -> None:
    def kill(report: ImportReport) -> None:
        if report.added > 60 and head.running:
            head.kill()

    with pytest.raises(Unavailable, match="continues where it stopped"):
        import_by(f"ray://127.0.0.1:{head.port}?patience=2", progress=kill)
    report, checksum = import_by("")
    assert report.unchanged > 60
    assert checksum == import_by("", "threads")[1]


def test_a_cluster_switches_a_catalog_to_the_same_rows(head: Head, switch_by: Switch) -> None:
    report, checksum = switch_by(f"ray://127.0.0.1:{head.port}?workers=2", "cluster")
    assert (report.photos, report.texts, report.complete) == (199, 199, True)
    assert checksum == switch_by("", "threads")[1]


def test_a_cluster_that_is_not_there_is_told_at_once(import_by: Import) -> None:
    with pytest.raises(Unavailable, match="does not answer"):
        import_by(f"ray://127.0.0.1:{servers.free_port()}")
