"""Output that cannot be written, and names outside ASCII where the locale knows nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lookalike import Shop

ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def lookalike(
    *words: str, stdout: int = subprocess.PIPE, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "lookalike", *words],
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_an_export_to_a_full_disk_says_so(shop: Shop, form: str) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        done = lookalike("export", "--format", form, "--catalog", shop.url, stdout=full)
    finally:
        os.close(full)
    assert done.returncode == 11
    assert b"cannot be written" in done.stderr
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr


def test_names_outside_ascii_work_without_utf_8(tmp_path: Path) -> None:
    folder = tmp_path / "Möbel für Käufer"
    folder.mkdir()
    feed = folder / "Stühle.csv"
    feed.write_text("id,title\nä1,Grüner Stuhl\n", encoding="utf-8")
    catalog = str(folder / "läden.db")
    done = lookalike("import", str(feed), "--catalog", catalog, **ASCII)
    assert (done.returncode, done.stderr.count(b"Traceback")) == (0, 0), done.stderr
    assert Path(catalog).exists()
    done = lookalike("export", "--catalog", catalog, **ASCII)
    assert "Grüner Stuhl" in done.stdout.decode("utf-8")
    done = lookalike("search", "--text", "grüner", "--catalog", catalog, **ASCII)
    assert "ä1" in done.stdout.decode("utf-8")
    done = lookalike("import", str(folder / "fählt.csv"), "--catalog", catalog, **ASCII)
    assert (done.returncode, done.stderr.count(b"Traceback")) == (4, 0), done.stderr
