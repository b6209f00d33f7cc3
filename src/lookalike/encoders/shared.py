"""Encoders that are open in this process, so that catalogs with the same recipe share the memory of one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

from lookalike.encoders.files import Source

E = TypeVar("E")


class SharedEncoders(Generic[E]):
    """Encoders by what makes them what they are; each stays open as long as somebody uses it."""

    def __init__(self, make: Callable[[Source, int], E]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._open: WeakValueDictionary[Hashable, E] = WeakValueDictionary()

    def get(self, source: Source, threads: int) -> E:
        """The encoder of a record for so many threads, opened if it is not open."""
        key = (source, threads, _state(source))
        # Two that open a large network at once would need its memory twice, so the second one waits.
        with self._lock:
            found = self._open.get(key)
            if found is None:
                found = self._open[key] = self._make(source, threads)
            return found


def _state(source: Source) -> Hashable:
    """What changes when somebody puts another file in the place of one."""
    paths = [source.path(file) for file in source.record.files]
    states = [(path, path.stat()) for path in paths]
    return tuple((path, each.st_dev, each.st_ino, each.st_size, each.st_mtime_ns) for path, each in states)
