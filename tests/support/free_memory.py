"""Memory that was freed, but that the C library keeps."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from lookalike.freed_memory import return_freed_memory

needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
PIECES, PIECE_BYTES = 2_000, 60_000
FREED_MB = PIECES * PIECE_BYTES // 10**6


def freed_amid_used() -> Sequence[bytes]:
    """Free 120 MB between pieces that stay in use as long as the caller holds them."""
    return_freed_memory()
    pieces = [b"x" * PIECE_BYTES for _ in range(PIECES)]
    return pieces[::20]


def resident_mb() -> float:
    """The memory of this process that is resident."""
    pages = int(Path("/proc/self/statm").read_text("utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 10**6
