"""How much one shopper, or the holder of one key, may send in a minute."""

from __future__ import annotations

import math
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Mapping

from lookalike.errors import TooMany

MOST_A_MINUTE = 1000
MOST_REMEMBERED = 100_000


class LeakyBuckets:
    """Buckets by name. What is poured into one drains over a minute."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def pour(self, amounts: Mapping[str, int], most: int) -> float:
        """Fill buckets that hold `most` each, all of them or none.

        Returns 0, or the seconds until there is room if one of them would overflow.
        """
        now = self._now()
        with self._lock:
            levels = {name: self._level(name, most, now) + amount for name, amount in amounts.items()}
            excess = max(levels.values(), default=0.0) - most
            if excess > 0:
                return excess * 60.0 / most
            for name, level in levels.items():
                self._levels[name] = (now, level)
                self._levels.move_to_end(name)
            while len(self._levels) > MOST_REMEMBERED:
                self._levels.popitem(last=False)
        return 0.0

    def left(self, name: str, most: int) -> tuple[int, float]:
        """What still fits into a bucket, and the seconds until it is empty."""
        with self._lock:
            level = self._level(name, most, self._now())
        return max(0, int(most - level)), level * 60.0 / most

    def _level(self, name: str, most: int, now: float) -> float:
        since, level = self._levels.get(name, (now, 0.0))
        return max(0.0, level - most * max(now - since, 0.0) / 60.0)


class RateLimiter:
    """Lets each shopper send so many events a minute: clicks in the thousands are no shopper's."""

    def __init__(self, now: Callable[[], float], most: int = MOST_A_MINUTE) -> None:
        self._buckets = LeakyBuckets(now)
        self._most = most

    def admit(self, shoppers: Iterable[str]) -> None:
        """Count an event for each shopper named; all are refused if one of them sends too much."""
        if seconds := self._buckets.pour(Counter(shoppers), self._most):
            raise TooMany(
                f"One shopper may send {self._most} events a minute: "
                "send the rest later, or import a file with `lookalike events import`.",
                seconds,
            )


class KeyLimiter:
    """Lets the holder of a key send so many requests a minute; each process counts for itself."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._buckets = LeakyBuckets(now)

    def headers(self, id: str, most: int | None) -> dict[str, str]:
        """Return the rate limit headers for a key; nothing if it has no limit."""
        if most is None:
            return {}
        remaining, seconds = self._buckets.left(id, most)
        return {
            "RateLimit-Limit": str(most),
            "RateLimit-Remaining": str(remaining),
            "RateLimit-Reset": str(math.ceil(seconds)),
        }

    def admit(self, id: str, most: int | None) -> None:
        """Count a request; it is refused if the key's limit is reached."""
        if most is not None and (seconds := self._buckets.pour({id: 1}, most)):
            raise TooMany(f"This key may send {most:,} requests a minute. Send the next ones later.", seconds)
