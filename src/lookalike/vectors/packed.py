"""Stores many strings as two arrays, which a file can hold and a process can map."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import overload

import numpy as np
from numpy.typing import NDArray

# Any Python string survives the round trip through bytes, lone surrogates included.
ERRORS = "surrogatepass"


@dataclass(frozen=True, slots=True)
class Packed(Sequence[str]):
    """Concatenated strings and their offsets."""

    data: NDArray[np.uint8]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, values: Iterable[str]) -> Packed:
        """Pack strings into arrays that a file can store."""
        encoded = [value.encode("utf-8", ERRORS) for value in values]
        lengths = np.fromiter((len(each) for each in encoded), np.int64, len(encoded))
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
        return cls(np.frombuffer(b"".join(encoded), np.uint8), starts)

    def __len__(self) -> int:
        return len(self.starts) - 1

    @overload
    def __getitem__(self, number: int) -> str: ...
    @overload
    def __getitem__(self, number: slice) -> list[str]: ...
    def __getitem__(self, number: int | slice) -> str | list[str]:
        if isinstance(number, slice):
            return [self[each] for each in range(*number.indices(len(self)))]
        begin, end = self.starts[number], self.starts[number + 1]
        return self.data[begin:end].tobytes().decode("utf-8", ERRORS)

    def strings(self) -> list[str]:
        """All of them, read in one go."""
        text, bounds = self.data.tobytes(), self.starts.tolist()
        if text.isascii():
            decoded = text.decode("ascii")
            return [decoded[begin:end] for begin, end in pairwise(bounds)]
        return [text[begin:end].decode("utf-8", ERRORS) for begin, end in pairwise(bounds)]

    def same_as(self, other: Packed) -> bool:
        """Whether both hold the same strings in the same order; compares bytes."""
        return np.array_equal(self.starts, other.starts) and np.array_equal(self.data, other.data)
