"""Stores the participants of experiments, in the background and once per shopper."""

from __future__ import annotations

import threading
from collections import OrderedDict

from lookalike.database.event_store import EventStore
from lookalike.types import Event

MOST_REMEMBERED = 100_000


class ExposureLog:
    """Writes exposures in the background; for a known shopper it only does a lookup."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._known: OrderedDict[str, None] = OrderedDict()
        self._waiting: list[Event] = []
        self._writer: threading.Thread | None = None

    def add(self, exposure: Event) -> None:
        """Queue an exposure, unless this process has stored it."""
        with self._lock:
            if exposure.id in self._known:
                self._known.move_to_end(exposure.id)
                return
            self._known[exposure.id] = None
            while len(self._known) > MOST_REMEMBERED:
                self._known.popitem(last=False)
            self._waiting.append(exposure)
            if self._writer is None:
                self._writer = threading.Thread(target=self._write, name="lookalike-exposures", daemon=True)
                self._writer.start()

    def flush(self) -> None:
        """Store queued exposures; those that the database refuses stay queued."""
        with self._writing:
            with self._lock:
                batch, self._waiting = self._waiting, []
            try:
                self._store.record(batch)
            except BaseException:
                with self._lock:
                    self._waiting = batch + self._waiting
                raise

    def forget(self) -> None:
        """Forget which exposures were stored, because one may have been deleted."""
        with self._lock:
            self._known.clear()

    def _write(self) -> None:
        try:
            while self._has_more():
                self.flush()
        except BaseException:
            # Retried with the next exposure.
            with self._lock:
                self._writer = None
            raise

    def _has_more(self) -> bool:
        with self._lock:
            if not self._waiting:
                self._writer = None
            return bool(self._waiting)
