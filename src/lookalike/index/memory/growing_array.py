"""An array that only grows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


class GrowingArray:
    """One value for each slot; what lies below a length that was read once stays as it was."""

    def __init__(self, dtype: DTypeLike, fill: float = 0, frozen: NDArray[Any] | None = None) -> None:
        self._fill = fill
        # A front out of a file stays there until something is added.
        self._data: NDArray[Any] = np.full(1024, fill, dtype) if frozen is None else frozen

    def set(self, at: int, value: float) -> None:
        """Write one value, growing as far as needed."""
        if at >= len(self._data):
            grown = np.full(max(at + 1, len(self._data) * 3 // 2), self._fill, self._data.dtype)
            grown[: len(self._data)] = self._data
            self._data = grown
        self._data[at] = value

    def view(self, length: int) -> NDArray[Any]:
        """The first `length` values; those never written are the fill."""
        data = self._data
        if length > len(data):
            padded = np.full(length, self._fill, data.dtype)
            padded[: len(data)] = data
            return padded
        return data[:length]
