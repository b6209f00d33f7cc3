"""Thread counts of the numeric libraries.

A BLAS starts one thread per core in every call. If many requests call it at once, these threads multiply
and wait for each other. With one thread per call, the requests share the cores.
"""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress
from pathlib import Path

from threadpoolctl import threadpool_limits

ACCELERATE = "/System/Library/Frameworks/Accelerate.framework/Accelerate"
SINGLE_THREADED = 1
CGROUP_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def limit_blas_threads() -> None:
    """Limit NumPy's BLAS to one thread per call, for the rest of the process."""
    # OpenBLAS, MKL, BLIS and FlexiBLAS. Not used as a context manager, so the limit stays.
    threadpool_limits(1, user_api="blas")
    if sys.platform == "darwin":
        # NumPy's wheels for macOS use Accelerate, which threadpoolctl does not know. New in macOS 15.
        with suppress(OSError, AttributeError):
            ctypes.CDLL(ACCELERATE).BLASSetThreading(SINGLE_THREADED)


def available_cores(quota: Path = CGROUP_QUOTA) -> int:
    """Return the number of usable cores, which a container or taskset may limit."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    with suppress(OSError, ValueError):
        allowed, period = quota.read_text("utf-8").split()
        cores = min(cores, max(1, round(int(allowed) / int(period))))
    return cores
