"""Cursors that are times: when a run began by the shop's clock."""

from __future__ import annotations

from datetime import UTC, datetime


def moment_of(cursor: str | None, oldest: datetime) -> datetime | None:
    """The time of a cursor; None if it has none, or the shop reports only later changes."""
    if cursor is None:
        return None
    try:
        moment = datetime.fromisoformat(cursor)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment if moment >= oldest else None
