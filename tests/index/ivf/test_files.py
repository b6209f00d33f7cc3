"""Kill -9 while an index is sealed, and searches meanwhile: what was sealed opens, whole."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lookalike.index import ApproximateIndex, Probe, Space
from support.nearest import IMAGE, TEXT, clustered

pytest.importorskip("faiss")

SEALER = Path(__file__).parents[2] / "support" / "doomed_sealer.py"


def sealed_until_killed(folder: Path, seconds: float) -> int:
    """How many products the process said were on the disk before it was killed."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        [sys.executable, str(SEALER), str(folder)], stdout=subprocess.PIPE, env=environment
    )
    try:
        said, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        said, _ = process.communicate()
    whole = said.split(b"\n")[:-1]
    return int(whole[-1]) if whole else 0


def test_a_killed_sealing_leaves_the_state_before_it(tmp_path: Path) -> None:
    chance, known = random.Random(3), 0
    space = Space("shop", "made", IMAGE, TEXT, folder=tmp_path)
    first = clustered(1)[0]
    for _ in range(6):
        known = max(known, sealed_until_killed(tmp_path, chance.uniform(0.6, 1.6)))
        index = ApproximateIndex(space, begins_at=1)
        assert len(index) == index.revision >= known
        if known:
            assert first.images is not None
            assert isinstance(first.text, np.ndarray | None)
            found = index.search(Probe(first.images[0], first.text, 0.5, 0.5, k=1))
            assert [match.id for match in found.matches] == [first.id]
