"""Token numbers of many texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.training.towers import PADDING


@dataclass(frozen=True)
class TokenRows:
    """Rows of token numbers of different lengths, end to end."""

    tokens: NDArray[np.uint16]
    ends: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ends)

    def batch(self, rows: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
        """Return some rows as one padded array."""
        parts = [self.tokens[(self.ends[row - 1] if row else 0) : self.ends[row]] for row in rows]
        width = max((len(part) for part in parts), default=0) or 1
        padded = np.full((len(parts), width), PADDING, np.int64)
        for place, part in enumerate(parts):
            padded[place, : len(part)] = part
        return padded

    def bags(self, rows: Sequence[int] | NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the tokens of some rows end to end, and how many each row has."""
        parts = [self.tokens[(self.ends[row - 1] if row else 0) : self.ends[row]] for row in rows]
        return np.concatenate(parts).astype(np.int64), np.array([len(part) for part in parts])

    def chosen(self, rows: Sequence[int]) -> TokenRows:
        """Return some of the rows."""
        parts = [self.tokens[(self.ends[row - 1] if row else 0) : self.ends[row]] for row in rows]
        return TokenRows(np.concatenate(parts), np.cumsum([len(part) for part in parts]))
