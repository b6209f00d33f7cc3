"""Thread counts of the numeric libraries.

A BLAS starts one thread for each core in every call. When many requests call it at once, these threads
multiply and wait for each other. With one thread for each call, the requests themselves use the cores.
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
    """Let NumPy's BLAS use one thread for each call, in this process from now on."""
    # OpenBLAS, MKL, BLIS and FlexiBLAS; not a context manager here, so the limit stays.
    threadpool_limits(1, user_api="blas")
    if sys.platform == "darwin":
        # NumPy's wheels for macOS use Accelerate, which threadpoolctl does not know. New in macOS 15.
        with suppress(OSError, AttributeError):
            ctypes.CDLL(ACCELERATE).BLASSetThreading(SINGLE_THREADED)


def available_cores(quota: Path = CGROUP_QUOTA) -> int:
    """The cores that this process may use: fewer than the machine has in a container or under taskset."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    with suppress(OSError, ValueError):
        allowed, period = quota.read_text("utf-8").split()
        cores = min(cores, max(1, round(int(allowed) / int(period))))
    return cores
