"""The catalogs of a server: found by name, opened when a request asks for one, closed when idle."""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from fastapi.concurrency import run_in_threadpool

from lookalike.access.keys import KeyRing
from lookalike.database.stores import DEFAULT, CatalogStore
from lookalike.errors import Conflict, DatabaseBroken, NotFound, Overloaded
from lookalike.search.regions import RegionFinder
from lookalike.server.event_queue import EventQueue
from lookalike.server.jobs.jobs import Jobs
from lookalike.server.jobs.source_scheduler import SourceScheduler
from lookalike.server.jobs.webhook_reader import WebhookReader
from lookalike.server.rate_limit import RateLimiter
from lookalike.shop import Shop

# Another process may have deleted a catalog: so often an open one is compared with the store.
COMPARED_SECONDS = 1.0
NAMED_PATH = re.compile(r"^/v1/catalogs/[^/]+(?=/)")


@dataclass(frozen=True, slots=True)
class ServedCatalog:
    """One catalog while it is open, with what belongs to it alone."""

    name: str
    address: str
    shop: Shop
    jobs: Jobs
    webhooks: WebhookReader
    scheduler: SourceScheduler
    keys: KeyRing
    shopper_limits: RateLimiter
    events: EventQueue
    regions: RegionFinder

    @classmethod
    def of(cls, name: str, address: str, shop: Shop) -> ServedCatalog:
        """A shop as it is served; `address` is what another process takes to open it."""
        database = shop.catalog.database
        jobs = Jobs(database.jobs)
        # A request must not wait for it.
        shop.recommender.fit_in_background()
        return cls(
            name,
            address,
            shop,
            jobs,
            WebhookReader(shop),
            SourceScheduler(shop, jobs),
            KeyRing(database.keys),
            RateLimiter(time.monotonic),
            EventQueue(shop),
            RegionFinder(shop.catalog, shop.engine),
        )

    @property
    def path(self) -> str:
        """Where its routes begin."""
        return "/v1" if self.name == DEFAULT else f"/v1/catalogs/{self.name}"

    def begin(self) -> None:
        """Continue with its schedules, and with items that webhooks named before it was opened."""
        # Most catalogs have no source and need no thread.
        if self.shop.catalog.database.sources.all():
            self.webhooks.begin()
            self.scheduler.begin()

    def busy(self) -> bool:
        """Whether this process works on it between requests."""
        return self.jobs.running() or self.webhooks.busy()

    def stop(self) -> None:
        """Let what runs finish what is in flight."""
        self.scheduler.close()
        self.webhooks.close()
        self.events.close()
        self.jobs.close()

    def close(self) -> None:
        """Stop what runs, then close the shop."""
        self.stop()
        self.shop.close()


@dataclass(slots=True)
class _Entry:
    """A catalog that is open or being opened, and how many requests use it now."""

    used: float
    leases: int = 0
    catalog: ServedCatalog | None = None
    identity: Hashable = None
    compared: float = 0.0
    retired: bool = False
    opening: threading.Lock = field(default_factory=threading.Lock)

    def idle(self) -> bool:
        return self.leases == 0 and (self.catalog is None or not self.catalog.busy())


class Catalogs:
    """The default catalog, which is always open, and those of a store, of which some are."""

    def __init__(
        self,
        default: ServedCatalog,
        store: CatalogStore | None,
        open_shop: Callable[[str], Shop],
        most_open: int,
        idle_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`open_shop` opens the catalog at an address."""
        self.default = default
        self._store = store
        self._open_shop = open_shop
        self._most_open = most_open
        self._idle_seconds = idle_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._deleting: set[str] = set()
        # In the order of their last use.
        self._entries: OrderedDict[str, _Entry] = OrderedDict()

    @property
    def store(self) -> CatalogStore:
        """Where the other catalogs lie.

        Raises Conflict if the server has one catalog only.
        """
        if self._store is None:
            raise Conflict("This server has one catalog: start it with --catalogs FOLDER to have several.")
        return self._store

    def names(self) -> list[str]:
        """The names of all catalogs, the default one first."""
        return [DEFAULT, *(self._store.names() if self._store is not None else ())]

    def open_names(self) -> frozenset[str]:
        """The names of the catalogs that are open now."""
        with self._lock:
            return frozenset({DEFAULT, *self._entries})

    @asynccontextmanager
    async def lent(self, name: str) -> AsyncGenerator[ServedCatalog]:
        """A catalog, which stays open as long as the block runs.

        Raises NotFound if there is none of this name, and Overloaded if too many are in use.
        """
        if name == DEFAULT:
            yield self.default
            return
        entry = self._warm(name) or await run_in_threadpool(self._acquired, name)
        try:
            assert entry.catalog is not None
            yield entry.catalog
        finally:
            self._release(entry)

    def keep_open(self, name: str) -> None:
        """Open a catalog for its own background work, until it is idle.

        Raises NotFound if there is none of this name, and Overloaded if too many are in use.
        """
        self._release(self._acquired(name))

    def create(self, name: str, make: Callable[[str], Shop]) -> None:
        """Create a catalog: `make` is given the address of an empty place.

        Raises BadName or Conflict for a name that cannot be used.
        """
        self.store.create(name)
        try:
            make(self.store.address(name)).close()
        except BaseException:
            self.store.delete(name)
            raise

    def delete(self, name: str) -> None:
        """Delete a catalog and everything in it.

        Raises NotFound if there is none of this name, and Conflict for the default one or while a job runs.
        """
        if name == DEFAULT:
            raise Conflict("The default catalog cannot be deleted while it is served.")
        self.store.identity(name)
        self._refuse_while_working(name)
        with self._lock:
            self._deleting.add(name)
            entry = self._take_out(name)
        try:
            self.store.delete(name)
        finally:
            with self._lock:
                self._deleting.discard(name)
            _close(entry)

    def close_idle(self) -> None:
        """Close the catalogs that have not been used for some time."""
        with self._lock:
            before = self._clock() - self._idle_seconds
            names = [name for name, each in self._entries.items() if each.idle() and each.used <= before]
            closing = [each for name in names for each in self._take_out(name)]
        _close(closing)

    def close(self) -> None:
        """Close all catalogs but the default one, which belongs to whoever opened it."""
        self.default.stop()
        with self._lock:
            closing = list(self._entries.values())
            self._entries.clear()
        _close(closing)
        if self._store is not None:
            self._store.close()

    def _warm(self, name: str) -> _Entry | None:
        """Return a catalog if it is open and known to exist, so that the request does not wait."""
        now = self._clock()
        with self._lock:
            entry = self._entries.get(name)
            if entry is None or entry.catalog is None or now - entry.compared >= COMPARED_SECONDS:
                return None
            self._use(name, entry)
            return entry

    def _acquired(self, name: str) -> _Entry:
        identity = self._identity(name)
        closing: list[_Entry] = []
        with self._lock:
            if name in self._deleting:
                raise NotFound(f"The catalog {name!r} is being deleted.")
            entry = self._entries.get(name)
            if entry is not None and entry.catalog is not None and entry.identity != identity:
                closing += self._take_out(name)
                entry = None
            if entry is None:
                closing += self._room()
                entry = self._entries[name] = _Entry(self._clock())
            self._use(name, entry)
        _close(closing)
        try:
            with entry.opening:
                if entry.catalog is None:
                    address = self.store.address(name)
                    entry.catalog = ServedCatalog.of(name, address, self._open_shop(address))
                    entry.catalog.begin()
                entry.identity, entry.compared = identity, self._clock()
        except BaseException:
            with self._lock:
                if not entry.retired:
                    self._take_out(name)
            self._release(entry)
            raise
        return entry

    def _identity(self, name: str) -> Hashable:
        if self._store is None:
            raise NotFound(f"There is no catalog {name!r}: this server has one catalog only.")
        try:
            return self._store.identity(name)
        except NotFound:
            with self._lock:
                gone = self._take_out(name)
            _close(gone)
            raise

    def _room(self) -> list[_Entry]:
        """Take out the catalog that was used longest ago, if there are too many."""
        if len(self._entries) < self._most_open:
            return []
        name = next((name for name, each in self._entries.items() if each.idle()), None)
        if name is None:
            raise Overloaded("Too many catalogs are in use at once. Try again in a few seconds.")
        return self._take_out(name)

    def _refuse_while_working(self, name: str) -> None:
        try:
            entry = self._acquired(name)
        except (DatabaseBroken, Conflict):
            # What cannot be opened runs no job, and may be deleted all the more.
            return
        try:
            if entry.catalog and any(job.state == "running" for job in entry.catalog.jobs.latest()):
                raise Conflict(f"A job of the catalog '{name}' is running: stop it first.")
        finally:
            self._release(entry)

    def _use(self, name: str, entry: _Entry) -> None:
        entry.leases += 1
        entry.used = self._clock()
        self._entries.move_to_end(name)

    def _take_out(self, name: str) -> list[_Entry]:
        """Stop handing out a catalog, within the lock. Returns it if it is not in use.

        Otherwise whoever uses it last closes it.
        """
        entry = self._entries.pop(name, None)
        if entry is None:
            return []
        entry.retired = True
        return [] if entry.leases else [entry]

    def _release(self, entry: _Entry) -> None:
        with self._lock:
            entry.leases -= 1
            last = entry.retired and entry.leases == 0
        if last:
            _close([entry])


def unnamed_path(path: str) -> str:
    """The path by which the same route of the default catalog is called."""
    return NAMED_PATH.sub("/v1", path)


def _close(entries: list[_Entry]) -> None:
    for entry in entries:
        if entry.catalog is not None:
            entry.catalog.close()
