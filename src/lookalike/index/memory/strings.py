"""Many strings without an object for each: those of a file by their place in it, newer ones in a list."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Whatever Python holds as a string comes back from bytes as it was.
ERRORS = "surrogatepass"


@dataclass(frozen=True, slots=True)
class Packed:
    """Strings end to end, and where each begins."""

    data: NDArray[np.uint8]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, values: Iterable[str]) -> Packed:
        """Strings as arrays that a file can hold."""
        encoded = [value.encode("utf-8", ERRORS) for value in values]
        lengths = np.fromiter((len(each) for each in encoded), np.int64, len(encoded))
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
        return cls(np.frombuffer(b"".join(encoded), np.uint8), starts)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, number: int) -> str:
        begin, end = self.starts[number], self.starts[number + 1]
        return self.data[begin:end].tobytes().decode("utf-8", ERRORS)


class Strings:
    """Strings that are only ever added to."""

    def __init__(self, frozen: Packed | None = None) -> None:
        self._front = frozen
        self._first = len(frozen) if frozen else 0
        self._added: list[str] = []

    def __len__(self) -> int:
        return self._first + len(self._added)

    def __getitem__(self, number: int) -> str:
        if self._front is not None and number < self._first:
            return self._front[number]
        return self._added[number - self._first]

    def append(self, value: str) -> None:
        """Add one."""
        self._added.append(value)

    def extend(self, values: Iterable[str]) -> None:
        """Add several."""
        self._added.extend(values)

    def place_in_front(self, value: str) -> int | None:
        """The number of a string of the file, where these are in order."""
        if self._front is None:
            return None
        found = bisect_left(self._front, value)
        return found if found < self._first and self._front[found] == value else None
