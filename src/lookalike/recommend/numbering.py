"""Consecutive numbers for ids. A file keeps keyed digests of the ids of shoppers, never the ids."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Digests = NDArray[np.uint64]

DIGEST_BYTES = 8


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


class ShopperNumbers:
    """Maps the ids of shoppers to consecutive numbers; those out of a file come first."""

    def __init__(self, key: bytes = b"", digests: Digests | None = None) -> None:
        self._key = key
        self._kept: Digests = np.zeros(0, np.uint64) if digests is None else digests
        self._order = np.argsort(self._kept)
        self._sorted = self._kept[self._order]
        self._number_of: dict[str, int] = {}
        self._new: list[str] = []
        self._new_digests: list[np.uint64] = []

    def __len__(self) -> int:
        return len(self._kept) + len(self._new)

    @property
    def ids(self) -> list[str]:
        """The ids by number, where none is out of a file."""
        if len(self._kept):
            raise LookupError("The ids of shoppers out of a file are unknown. Read the events instead.")
        return self._new

    def known(self, id: str) -> int | None:
        """The number of a shopper, if there is one."""
        number = self._number_of.get(id)
        if number is not None or not len(self._kept):
            return number
        digest = _digest(id, self._key)
        place = int(np.searchsorted(self._sorted, digest))
        if place == len(self._sorted) or self._sorted[place] != digest:
            return None
        number = self._number_of[id] = int(self._order[place])
        return number

    def of_all(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """The numbers of shoppers, new ones for those that have none."""
        for id in dict.fromkeys(ids):
            if id not in self._number_of and self.known(id) is None:
                self._number_of[id] = len(self)
                self._new.append(id)
        return np.fromiter(map(self._number_of.__getitem__, ids), np.int64, len(ids))

    def digests(self, key: bytes) -> Digests:
        """What a file keeps of all ids, by number; the key is the same in every call, and in the file."""
        self._new_digests += [_digest(id, key) for id in self._new[len(self._new_digests) :]]
        return np.concatenate((self._kept, np.array(self._new_digests, np.uint64)))


def _digest(id: str, key: bytes) -> np.uint64:
    digest = hashlib.blake2b(id.encode(), digest_size=DIGEST_BYTES, key=key).digest()
    return np.uint64(int.from_bytes(digest, "little"))
