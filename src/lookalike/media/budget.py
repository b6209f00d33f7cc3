"""A memory budget for all images that this process decodes at the same time."""

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
# Memory freed from larger images is returned to the system.
TRIM_ABOVE = 64_000_000

_changed = threading.Condition()
_used = 0


@contextmanager
def memory_for(cost: int, name: str) -> Generator[None]:
    """Hold `cost` bytes of the budget while an image is decoded; wait if others hold too much.

    Raises ImageTooLarge if the image alone exceeds the budget, TooMany after a minute of waiting.
    """
    global _used
    if cost > BUDGET_BYTES:
        raise ImageTooLarge(
            f"The {name} picture needs too much memory to decode. Save it smaller, or as JPEG."
        )
    deadline = time.monotonic() + PATIENCE
    with _changed:
        while _used + cost > BUDGET_BYTES:
            if not _changed.wait(deadline - time.monotonic()):
                raise TooMany("Too many large pictures are being decoded. Try again in a minute.")
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
    """Return freed memory to the system; otherwise glibc keeps it per thread."""
    libc = _glibc()
    if libc is not None:
        libc.malloc_trim(0)


@cache
def _glibc() -> Any:
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "malloc_trim") else None
