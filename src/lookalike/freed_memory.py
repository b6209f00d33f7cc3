"""Returns freed memory to the system.

glibc keeps freed memory in an arena of the thread that asked for it, where other threads cannot use it. After
large buffers of several threads are freed, a process would hold on to hundreds of megabytes.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import Any


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
