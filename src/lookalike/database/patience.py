"""How long something is waited for that is away, counted once for all who wait."""

from __future__ import annotations

import time


class Patience:
    """Ends so many seconds after the first has noticed; from then on nobody waits until it is found again."""

    def __init__(self, seconds: float, since: float | None = None) -> None:
        self._seconds = seconds
        self._since = since

    def ended(self) -> bool:
        """Whether it has been away for long, whoever noticed first."""
        now = time.monotonic()
        if self._since is None:
            self._since = now
        return now - self._since > self._seconds

    def found(self) -> None:
        """It is there."""
        self._since = None
