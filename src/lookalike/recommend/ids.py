"""Maps ids to consecutive numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class IdMap:
    """Maps ids to numbers. Numbers are never reused."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self._number_of: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.ids)

    def known(self, id: str) -> int | None:
        """The number of an id, if it has one."""
        return self._number_of.get(id)

    def of(self, id: str) -> int:
        """The number of an id, a new one if it has none."""
        number = self._number_of.get(id)
        if number is None:
            number = self._number_of[id] = len(self.ids)
            self.ids.append(id)
        return number

    def of_all(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """The numbers of ids."""
        for id in dict.fromkeys(ids):
            self.of(id)
        return np.fromiter(map(self._number_of.__getitem__, ids), np.int64, len(ids))
