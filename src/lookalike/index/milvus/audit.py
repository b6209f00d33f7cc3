"""Compares a collection with its catalog, row by row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from lookalike.index.base import Changes, Space
from lookalike.index.milvus.rows import Fused, Row, item_of, key_of, rows_of


@dataclass(frozen=True, slots=True)
class Audit:
    """The number of expected, missing, extra and different rows in a collection."""

    revision: int
    rows: int
    missing: int
    extra: int
    different: int

    @property
    def agrees(self) -> bool:
        """Whether the collection matches the catalog."""
        return not (self.missing or self.extra or self.different)


class Auditor:
    """Follows a catalog like an index, but stores only a digest of each row."""

    def __init__(self, space: Space) -> None:
        self._fused = Fused.of(space)
        self._digests: dict[str, bytes] = {}
        self._rows: dict[str, int] = {}
        self.revision = 0

    def apply(self, changes: Changes) -> None:
        """Apply changes."""
        for id in changes.removed:
            self._leave(id, 0)
        for entry in changes.upserts:
            rows = rows_of(entry, self._fused.rows(entry), changes.revision)
            self._leave(entry.id, len(rows))
            self._rows[entry.id] = len(rows)
            self._digests |= {row["id"]: _digest(row) for row in rows}
        self.revision = changes.revision

    def _leave(self, id: str, kept: int) -> None:
        for place in range(kept, self._rows.pop(id, 0)):
            del self._digests[key_of(item_of(id), place)]

    def compare(self, rows: Iterable[Row]) -> Audit:
        """Compare the rows of a collection with the digests."""
        found = extra = different = 0
        for row in rows:
            own = self._digests.get(row["id"])
            found += own is not None
            extra += own is None
            different += own is not None and own != _digest(row)
        return Audit(self.revision, len(self._digests), len(self._digests) - found, extra, different)


def _digest(row: Row) -> bytes:
    facts = json.dumps([row["product"], row["photo"], row["variants"], row["facts"]], sort_keys=True)
    vector = np.asarray(row["vector"], np.float32).tobytes()
    return hashlib.blake2b(facts.encode() + vector, digest_size=8).digest()
