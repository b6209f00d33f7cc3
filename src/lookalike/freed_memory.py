"""Returns freed memory to the system.

glibc keeps freed memory in an arena of the thread that asked for it, where other threads cannot use it. After
large buffers of several threads are freed, a process would hold on to hundreds of megabytes.
"""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache
from typing import Any

# <malloc.h>
M_ARENA_MAX = -8
# Enough for threads of which Python runs one at a time.
ARENAS = 2


def share_arenas() -> None:
    """Let all threads use the same few arenas, if the C library is glibc and `MALLOC_ARENA_MAX` is not set.

    Call it before threads begin: arenas that exist remain.
    """
    libc = _glibc()
    if libc is not None and "MALLOC_ARENA_MAX" not in os.environ:
        libc.mallopt(M_ARENA_MAX, ARENAS)


def return_freed_memory() -> None:
    """Return the freed memory of all threads to the system, where the C library is glibc."""
    libc = _glibc()
    if libc is not None:
        libc.malloc_trim(0)


@cache
def _glibc() -> Any:
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "malloc_trim") else None
