"""How much one shopper may send: clicks in the thousands are no shopper's."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable

from lookalike.errors import TooMany

MOST_A_MINUTE = 1000
MOST_REMEMBERED = 100_000


class RateLimiter:
    """Lets each shopper send so many events a minute."""

    def __init__(self, now: Callable[[], float], most: int = MOST_A_MINUTE) -> None:
        self._now = now
        self._most = most
        self._lock = threading.Lock()
        self._sent: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def admit(self, shoppers: Iterable[str]) -> None:
        """Count an event for each shopper named; all are refused if one of them sends too much."""
        now = self._now()
        with self._lock:
            counts = Counter(shoppers)
            levels = {shopper: self._level(shopper, now) + count for shopper, count in counts.items()}
            if any(level > self._most for level in levels.values()):
                raise TooMany(
                    f"One shopper may send {self._most} events a minute: "
                    "send the rest later, or import a file with `lookalike events import`."
                )
            for shopper, level in levels.items():
                self._sent[shopper] = (now, level)
                self._sent.move_to_end(shopper)
            while len(self._sent) > MOST_REMEMBERED:
                self._sent.popitem(last=False)

    def _level(self, shopper: str, now: float) -> float:
        """How much of what a shopper sent still counts: it drains over a minute."""
        since, level = self._sent.get(shopper, (now, 0.0))
        return max(0.0, level - self._most * max(now - since, 0.0) / 60.0)
