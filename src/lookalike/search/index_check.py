"""Verifies an index server against the catalog, and rebuilds it on request."""

from __future__ import annotations

from lookalike.database import Database
from lookalike.errors import UsageError
from lookalike.index.milvus.audit import Audit, Auditor
from lookalike.index.milvus.index import MilvusIndex
from lookalike.search.index_sync import IndexSync


class IndexVerifier:
    """Verifies and rebuilds the collection of one catalog."""

    def __init__(self, database: Database, index: str) -> None:
        self._sync = IndexSync(database, index)

    def close(self) -> None:
        """Release the index."""
        self._sync.close()

    @property
    def index(self) -> MilvusIndex:
        """The index, up to date."""
        index = self._sync.follow().index
        if not isinstance(index, MilvusIndex):
            raise UsageError("Only an index server can be checked. Add --index milvus://HOST:PORT.")
        return index

    def check(self) -> Audit:
        """Compare every row of the collection with the catalog."""
        index = self.index
        auditor = Auditor(index.space)
        self._sync.feed(auditor, self._sync.follow().encoding)
        return auditor.compare(index.collection.rows())

    def rebuild(self) -> None:
        """Build a new collection while the current one is searched, then replace it."""
        fresh, encoding = self.index.beside(), self._sync.follow().encoding
        self._sync.feed(fresh, encoding)
        fresh.collection.put_away()
        fresh.take_place()
        # Apply what was written to the old collection in the meantime.
        self._sync.feed(fresh, encoding)
