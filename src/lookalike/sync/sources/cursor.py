"""Cursors that are moments: where a run began by the shop's clock."""

from __future__ import annotations

from datetime import UTC, datetime


def moment_of(cursor: str | None, oldest: datetime) -> datetime | None:
    """The moment of a cursor; None if there is none, or the shop remembers only what is later."""
    if cursor is None:
        return None
    try:
        moment = datetime.fromisoformat(cursor)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment if moment >= oldest else None
