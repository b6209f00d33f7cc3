"""A waiting period for an unavailable server, shared by all who wait."""

from __future__ import annotations

import time


class Patience:
    """Ends a number of seconds after the first failure; then no caller waits until the server is back."""

    def __init__(self, seconds: float, since: float | None = None) -> None:
        self._seconds = seconds
        self._since = since

    def ended(self) -> bool:
        """Record a failure. Returns whether the waiting period is over."""
        now = time.monotonic()
        if self._since is None:
            self._since = now
        return now - self._since > self._seconds

    def found(self) -> None:
        """It is there."""
        self._since = None
