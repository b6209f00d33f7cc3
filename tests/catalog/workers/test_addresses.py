"""Which workers an import and a switch accept."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from catalog.workers.conftest import Import, Switch
from lookalike.catalog.reembed import RebuildReport
from lookalike.errors import UsageError


@pytest.mark.parametrize("workers", ["2", "some", "http://host", "ray:/x", "ray://h?x=1", "ray://h:1/path"])
def test_anything_but_a_ray_cluster_is_refused(import_by: Import, workers: str) -> None:
    with pytest.raises(UsageError, match="ray://"):
        import_by(workers)


def test_a_switch_that_was_stopped_goes_on_with_what_is_missing(switch_by: Switch) -> None:
    stop = threading.Event()

    def stop_at_once(_: RebuildReport) -> None:
        stop.set()

    begun, _ = switch_by("", "stopped", stop=stop, progress=stop_at_once)
    assert not begun.complete
    assert 0 < begun.photos < 199
    rest, checksum = switch_by("", "stopped")
    assert (begun.photos + rest.photos, rest.texts, rest.complete) == (199, 199, True)
    assert checksum == switch_by("", "whole")[1]


def test_without_ray_the_command_to_install_it_is_named(tmp_path: Path) -> None:
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
