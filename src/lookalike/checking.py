"""Whether an index kept elsewhere agrees with its catalogue, and another in its place where it does not."""

from __future__ import annotations

from lookalike.database import Database
from lookalike.errors import UsageError
from lookalike.following import Followed, Follower
from lookalike.index.milvus import MilvusIndex
from lookalike.index.milvus_audit import Audit, Auditor


class Keeper:
    """Looks after the collection of one catalogue."""

    def __init__(self, database: Database, index: str) -> None:
        self._follower = Follower(database, index)

    def close(self) -> None:
        """Let go of the index."""
        self._follower.close()

    def check(self) -> Audit:
        """Bring the collection up to date, and compare every row of it with the catalogue."""
        now, index = self._now()
        auditor = Auditor(index.space)
        self._follower.feed(auditor, now.made)
        return auditor.compare(index.collection.rows())

    def rebuild(self) -> None:
        """Fill another collection while this one is searched, and put it in its place."""
        now, index = self._now()
        fresh = index.beside()
        self._follower.feed(fresh, now.made)
        fresh.collection.put_away()
        fresh.take_place()
        # What was written to the old one in the last moment.
        self._follower.feed(fresh, now.made)

    def _now(self) -> tuple[Followed, MilvusIndex]:
        now = self._follower.follow()
        if not isinstance(now.index, MilvusIndex):
            raise UsageError("Only an index kept elsewhere can be checked: give --index milvus://HOST:PORT.")
        return now, now.index
