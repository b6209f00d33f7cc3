"""One budget of memory for all pictures that this process decodes at the same time."""

from __future__ import annotations

import ctypes
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from typing import Any

from lookalike.errors import ImageTooLarge, TooMany

BUDGET_BYTES = 450_000_000
PATIENCE = 60.0
# What the C library keeps of larger pictures is handed back to the system.
TRIM_ABOVE = 64_000_000

_changed = threading.Condition()
_used = 0


@contextmanager
def memory_for(cost: int, name: str) -> Generator[None]:
    """Hold `cost` bytes of the budget while a picture is decoded; wait for them if others hold too many.

    Raises ImageTooLarge if the picture alone exceeds the budget, TooMany if the wait takes a minute.
    """
    global _used
    if cost > BUDGET_BYTES:
        raise ImageTooLarge(
            f"The {name} picture needs too much memory to decode: save it smaller, or as JPEG."
        )
    deadline = time.monotonic() + PATIENCE
    with _changed:
        while _used + cost > BUDGET_BYTES:
            if not _changed.wait(deadline - time.monotonic()):
                raise TooMany("Too many large pictures are being decoded: try again in a minute.")
        _used += cost
    try:
        yield
    finally:
        if cost > TRIM_ABOVE:
            _give_back()
        with _changed:
            _used -= cost
            _changed.notify_all()


def _give_back() -> None:
    """Hand freed memory back to the system; glibc keeps it for each thread otherwise."""
    libc = _glibc()
    if libc is not None:
        libc.malloc_trim(0)


@cache
def _glibc() -> Any:
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "malloc_trim") else None
