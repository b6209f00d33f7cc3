"""Intervals such as 15m, 2h or 1d."""

from __future__ import annotations

import re

from lookalike.errors import UsageError

SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
LEAST, MOST = 30, 31 * 86_400
_INTERVAL = re.compile(r"\s*([0-9]{1,7})\s*([smhd])\s*", re.IGNORECASE)


def interval_seconds(text: str) -> float:
    """The seconds of an interval such as 15m.

    Raises UsageError for anything else, and for less than 30 seconds or more than 31 days.
    """
    found = _INTERVAL.fullmatch(text)
    seconds = int(found[1]) * SECONDS[found[2].lower()] if found else 0
    if not LEAST <= seconds <= MOST:
        raise UsageError(f"'{text}' is not an interval: write 15m, 2h or 1d, from 30s to 31d.")
    return float(seconds)
