"""A memory budget for all images that this process decodes at the same time."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager

from lookalike.errors import ImageTooLarge, TooMany
from lookalike.freed_memory import return_freed_memory

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
            return_freed_memory()
        with _changed:
            _used -= cost
            _changed.notify_all()
