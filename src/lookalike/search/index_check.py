"""Whether an index kept elsewhere agrees with its catalogue, and another in its place where it does not."""

from __future__ import annotations

from lookalike.database import Database
from lookalike.errors import UsageError
from lookalike.index.milvus.audit import Audit, Auditor
from lookalike.index.milvus.index import MilvusIndex
from lookalike.search.index_sync import IndexSync


class IndexVerifier:
    """Looks after the collection of one catalogue."""

    def __init__(self, database: Database, index: str) -> None:
        self._sync = IndexSync(database, index)

    def close(self) -> None:
        """Let go of the index."""
        self._sync.close()

    @property
    def index(self) -> MilvusIndex:
        """The index, brought up to date."""
        index = self._sync.follow().index
        if not isinstance(index, MilvusIndex):
            raise UsageError("Only an index kept elsewhere can be checked: give --index milvus://HOST:PORT.")
        return index

    def check(self) -> Audit:
        """Compare every row of the collection with the catalogue."""
        index = self.index
        auditor = Auditor(index.space)
        self._sync.feed(auditor, self._sync.follow().encoding)
        return auditor.compare(index.collection.rows())

    def rebuild(self) -> None:
        """Fill another collection while this one is searched, and put it in its place."""
        fresh, encoding = self.index.beside(), self._sync.follow().encoding
        self._sync.feed(fresh, encoding)
        fresh.collection.put_away()
        fresh.take_place()
        # What was written to the old one in the last moment.
        self._sync.feed(fresh, encoding)
