"""Reads the items that webhooks named, in its own thread: a shop waits only until they are stored."""

from __future__ import annotations

import logging
import threading
import time

from lookalike.errors import LookalikeError, Unavailable
from lookalike.shop import Shop
from lookalike.sync.webhooks import read_pending, source_called

FIRST_WAIT, LONGEST_WAIT = 5.0, 600.0
# A shop that does not answer delays the end of the server no longer than this.
MOST_SECONDS_AT_END = 10.0
# No source has an empty name.
_EVERY_SOURCE = ""
logger = logging.getLogger(__name__)


class WebhookReader:
    """One thread for all sources of a catalog. Failed reads are repeated at growing intervals."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._changed = threading.Condition()
        self._due: dict[str, float] = {}
        self._waits: dict[str, float] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Read the items that were stored before this server began."""
        self.wake(_EVERY_SOURCE)

    def wake(self, name: str) -> None:
        """Read the stored items of a source, soon."""
        with self._changed:
            self._due[name] = time.monotonic()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def wait(self) -> None:
        """Wait until nothing is due."""
        with self._changed:
            self._changed.wait_for(lambda: not self._due)

    def busy(self) -> bool:
        """Whether something is being read, or is due."""
        with self._changed:
            return any(due <= time.monotonic() for due in self._due.values())

    def close(self) -> None:
        """Finish the current read. The rest remains stored."""
        self._stop.set()
        with self._changed:
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(MOST_SECONDS_AT_END)

    def _run(self) -> None:
        while not self._stop.is_set():
            with self._changed:
                name = min(self._due, key=lambda each: self._due[each], default=None)
                wait = None if name is None else self._due[name] - time.monotonic()
                if name is None or (wait is not None and wait > 0):
                    self._changed.wait(wait)
                    continue
                asked = self._due[name]
            again = self._read(name)
            with self._changed:
                # Another webhook may have arrived meanwhile.
                if again is not None:
                    self._due[name] = time.monotonic() + again
                elif self._due.get(name) == asked:
                    del self._due[name]
                self._changed.notify_all()

    def _sleep(self, seconds: float) -> None:
        if self._stop.wait(seconds):
            raise Unavailable("This server is about to stop.")

    def _read(self, name: str) -> float | None:
        """Read the stored items of a source. Returns the seconds to wait if that failed."""
        try:
            if name == _EVERY_SOURCE:
                for source in self._shop.catalog.database.sources.all():
                    self.wake(source.name)
            else:
                read_pending(self._shop, source_called(self._shop, name, self._sleep), self._stop)
        except LookalikeError as error:
            wait = self._waits.get(name, FIRST_WAIT)
            self._waits[name] = min(2 * wait, LONGEST_WAIT)
            logger.warning(
                "Items that webhooks of %s named could not be read, next attempt in %.0f s: %s",
                name,
                wait,
                error,
            )
            return wait
        self._waits.pop(name, None)
        return None
