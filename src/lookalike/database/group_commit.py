"""Group commit: writes that wait at the same time share one transaction, and its flush to disk."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from lookalike.errors import DatabaseBroken, DatabaseBusy

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(slots=True, eq=False)
class _Waiting(Generic[Item, Result]):
    item: Item
    result: Result | None = None
    error: Exception | None = None
    done: bool = False


class GroupCommit(Generic[Item, Result]):
    """Writes the items of several threads together. Each thread returns when its own item is committed."""

    def __init__(self, write: Callable[[Sequence[Item]], Sequence[Result]]) -> None:
        """`write` stores items in one transaction, all or none, and returns a result for each."""
        self._write = write
        self._queue: list[_Waiting[Item, Result]] = []
        self._queueing = threading.Lock()
        self._writing = threading.Lock()

    @property
    def queued(self) -> Sequence[Item]:
        """The items that wait for the next transaction."""
        with self._queueing:
            return [each.item for each in self._queue]

    def put(self, item: Item) -> Result:
        """Store an item durably. Whoever writes next also writes what has queued up meanwhile."""
        mine: _Waiting[Item, Result] = _Waiting(item)
        with self._queueing:
            self._queue.append(mine)
        with self._writing:
            if not mine.done:
                with self._queueing:
                    group, self._queue = self._queue, []
                self._write_all(group)
        if mine.error is not None:
            raise mine.error
        return mine.result  # pyright: ignore[reportReturnType]

    def _write_all(self, group: Sequence[_Waiting[Item, Result]]) -> None:
        try:
            results = self._write([each.item for each in group])
        except (DatabaseBusy, DatabaseBroken) as error:
            # The database fails for all: trying each alone would only wait for it again and again.
            self._fail(group, error)
        except Exception as error:
            if len(group) == 1:
                self._fail(group, error)
                return
            # One item must not fail the others.
            for each in group:
                self._write_all([each])
        except BaseException:
            # The writer was interrupted: nobody may take the items for stored.
            self._fail(group, DatabaseBroken("Storing was interrupted. Send it again."))
            raise
        else:
            for each, result in zip(group, results, strict=True):
                each.result, each.done = result, True

    def _fail(self, group: Sequence[_Waiting[Item, Result]], error: Exception) -> None:
        for each in group:
            each.error, each.done = error, True
