"""Shares open encoders within the process, so that catalogs with the same recipe need the memory of one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

from lookalike.encoders.files import Source
from lookalike.freed_memory import return_freed_memory

E = TypeVar("E")


class SharedEncoders(Generic[E]):
    """Encoders by identity; each stays open while a catalog uses it."""

    def __init__(self, make: Callable[[Source, int], E]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._open: WeakValueDictionary[Hashable, E] = WeakValueDictionary()

    def get(self, source: Source, threads: int) -> E:
        """Return the encoder of a record for a number of threads; open it if necessary."""
        key = (source, threads, _state(source))
        # Locked, because opening a large network twice at once would need its memory twice.
        with self._lock:
            found = self._open.get(key)
            if found is None:
                found = self._open[key] = self._make(source, threads)
                # Opening a network frees about as much as it keeps, and a former network may be gone.
                return_freed_memory()
            return found


def _state(source: Source) -> Hashable:
    """The identity of a file on disk, which changes if it is replaced."""
    paths = [source.path(file) for file in source.record.files]
    states = [(path, path.stat()) for path in paths]
    return tuple((path, each.st_dev, each.st_ino, each.st_size, each.st_mtime_ns) for path, each in states)
