"""Group commit: several writes share one transaction, and its flush to disk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from lookalike.errors import DatabaseBroken, DatabaseBusy

Item = TypeVar("Item")
Result = TypeVar("Result")


def write_together(
    items: Sequence[Item], write: Callable[[Sequence[Item]], Sequence[Result]]
) -> list[Result | Exception]:
    """Write items in one transaction, and return the result of each, or the reason why it is not stored.

    Args:
        items: what to store. One that cannot be stored does not fail the others.
        write: stores items in one transaction, all or none, and returns a result for each.
    """
    try:
        return list(write(items))
    except (DatabaseBusy, DatabaseBroken) as error:
        # The database fails for all: trying each alone would only wait for it again and again.
        return [error] * len(items)
    except Exception as error:
        if len(items) == 1:
            return [error]
        return [outcome for item in items for outcome in write_together([item], write)]
