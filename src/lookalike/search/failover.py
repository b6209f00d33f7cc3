"""Failover: while the index server cannot be reached, an index in this process answers."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from lookalike.database import Database
from lookalike.errors import IndexUnavailable
from lookalike.index import Answer, Changes, Index, IndexFacts, Probe
from lookalike.search.index_sync import IndexSync, SyncedIndex

log = logging.getLogger(__name__)

RETRY_SECONDS = 5.0


class IndexFailover:
    """The configured index and, while it is unreachable, a substitute in this process."""

    def __init__(self, database: Database, index: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._url = index
        self._clock = clock
        self._changing = threading.Lock()
        self._asked = IndexSync(database, index)
        self._instead: IndexSync | None = None
        self._trouble = ""
        self._next_try = 0.0
        self._trying: threading.Thread | None = None

    def follow(self) -> SyncedIndex:
        """The current catalog, from whichever index answers."""
        if self._trouble:
            self._try_again()
            return self._stood_in()
        try:
            now = self._asked.follow()
        except IndexUnavailable as error:
            return self.fail(error)
        return replace(now, index=_Watched(now.index, self))

    def fail(self, error: IndexUnavailable) -> SyncedIndex:
        """Record that the index is unreachable and return the substitute."""
        with self._changing:
            if not self._trouble:
                log.warning("%s Searches continue in this process.", error)
            self._trouble = str(error)
            self._next_try = self._clock() + RETRY_SECONDS
        return self._stood_in()

    def settle(self) -> None:
        """Wait until the files of an in-process index are written."""
        self._asked.settle()

    def close(self) -> None:
        """Release both indexes."""
        if self._trying is not None:
            self._trying.join()
        for follower in (self._asked, self._instead):
            if follower is not None:
                follower.close()

    def _stood_in(self) -> SyncedIndex:
        with self._changing:
            if self._instead is None:
                self._instead = IndexSync(self._database)
            instead, trouble = self._instead, self._trouble
        now = instead.follow()
        return replace(now, index=_Watched(now.index, self, trouble))

    def _try_again(self) -> None:
        """Retry the index when it is time, without delaying a search."""
        with self._changing:
            if self._clock() < self._next_try or (self._trying is not None and self._trying.is_alive()):
                return
            self._trying = threading.Thread(target=self._tried, name="index again", daemon=True)
            self._trying.start()

    def _tried(self) -> None:
        anew = IndexSync(self._database, self._url)
        try:
            anew.follow()
        except IndexUnavailable as error:
            anew.close()
            self.fail(error)
            return
        with self._changing:
            self._asked, before = anew, self._asked
            self._instead, instead = None, self._instead
            self._trouble = ""
        log.warning("The index at %s is reachable again.", self._shown())
        for follower in (before, instead):
            if follower is not None:
                follower.close()

    def _shown(self) -> str:
        return self._url.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class _Watched:
    """An index whose failures switch to the substitute, or the substitute, which says so."""

    index: Index
    failover: IndexFailover
    note: str = ""

    @property
    def kind(self) -> str:
        return self.index.kind

    @property
    def revision(self) -> int:
        return self.index.revision

    def __len__(self) -> int:
        return len(self.index)

    def apply(self, changes: Changes) -> None:
        self.index.apply(changes)

    def search(self, probe: Probe) -> Answer:
        try:
            return self.index.search(probe)
        except IndexUnavailable as error:
            return self.failover.fail(error).index.search(probe)

    def facet_names(self) -> list[str]:
        return self.index.facet_names()

    def facts(self) -> IndexFacts:
        facts = self.index.facts()
        return replace(facts, note=self.note) if self.note else facts

    def should_reopen(self) -> bool:
        return self.index.should_reopen()

    def close(self) -> None:
        self.index.close()
