"""Kill -9 in the middle: what was acknowledged is there, and the same import goes on."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import apsw

from lookalike import Shop

TOTAL = 400

IMPORTER = Path(__file__).parent / "support" / "doomed_importer.py"


def run_importer(path: Path, die_at: int, kill_after: float | None = None) -> tuple[int, int]:
    """The last acknowledged count and the exit status of an import that is killed from inside or outside."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        [sys.executable, str(IMPORTER), str(path), str(TOTAL), str(die_at)],
        stdout=subprocess.PIPE,
        env=environment,
    )
    try:
        said, _ = process.communicate(timeout=kill_after or 120)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        said, _ = process.communicate()
    whole = [line for line in said.split(b"\n")[:-1] if line]
    return (int(whole[-1]) if whole else 0), process.returncode


def test_nothing_acknowledged_is_lost_and_the_import_resumes(tmp_path: Path) -> None:
    path, seed = tmp_path / "shop.db", random.Random(7)
    acknowledged = 0
    for kill in range(6):
        if kill % 2:
            said, status = run_importer(path, 0, kill_after=seed.uniform(0.3, 1.5))
        else:
            said, status = run_importer(path, seed.randint(1, 60))
        acknowledged = max(acknowledged, said)
        if path.exists() and said:
            with Shop.open(str(path)) as shop:
                assert len(shop) >= acknowledged
                assert shop.search(text="item", k=1).total <= len(shop)
        assert status in (-signal.SIGKILL, 0)
    _, status = run_importer(path, 0)
    assert status == 0
    with Shop.open(str(path)) as shop:
        assert len(shop) == TOTAL
        assert shop.search(text="item 399", k=1)[0].id == "p399"
        assert all(product.photos and product.photos[0].id for product in shop.products(limit=TOTAL))
    assert list(apsw.Connection(str(path)).execute("PRAGMA integrity_check")) == [("ok",)]
