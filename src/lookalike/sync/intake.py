"""Pages of a source into a catalog: what they list goes in, what they no longer list goes out."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator

from lookalike.catalog.importer import Progress
from lookalike.shop import Shop
from lookalike.sync.source import Page, Source
from lookalike.types import FeedRow, ImportReport

GROUPS = 500


class PagesFeed:
    """Pages as a feed; what they tell beside rows is known once they were read."""

    def __init__(self, name: str, pages: Iterable[Page]) -> None:
        self.name = name
        self.groups: set[str] = set()
        self.removed: list[str] = []
        self.listed: set[str] = set()
        self.cursor: str | None = None
        self.complete = False
        self._pages = pages

    def __iter__(self) -> Iterator[FeedRow]:
        for page in self._pages:
            self.groups |= page.groups
            self.removed += page.removed
            self.cursor, self.complete = page.cursor, page.complete
            reasons: dict[str, list[str]] = {}
            for problem in page.problems:
                reasons.setdefault(problem.id, []).append(problem.reason)
            for product in page.products:
                self.listed.add(product.id)
                yield FeedRow(0, product, " ".join(reasons.pop(product.id, ())))
            for id, said in reasons.items():
                self.listed.add(id)
                yield FeedRow(0, None, " ".join(said), id)


def read_source(
    shop: Shop,
    source: Source,
    address: str,
    *,
    prune: bool = False,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
    workers: int | str = 0,
) -> ImportReport:
    """Bring a catalog to what a source has now, and follow the source from then on.

    Only what changed since the last read is read, unless everything is compared to `prune`.
    """
    rows = shop.catalog.database.sources
    rows.put(source.name, address)
    stored = rows.get(source.name)
    cursor = None if prune or stored is None else stored.cursor
    pages = source.pages(cursor)
    return take_in(shop, source, pages, prune=prune, progress=progress, stop=stop, workers=workers)


def take_in(
    shop: Shop,
    source: Source,
    pages: Iterable[Page],
    *,
    prune: bool = False,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
    workers: int | str = 0,
) -> ImportReport:
    """Bring a catalog to what the pages of a source say, and remember where the next read begins.

    With `prune`, a read of everything also removes the products that it did not name.
    """
    feed = PagesFeed(source.name, pages)
    report = shop.add(feed, progress=progress, stop=stop, workers=workers)
    if report.interrupted:
        return report
    gone = _gone(shop, feed, everything=prune and feed.complete)
    report.removed = shop.remove(gone) if gone else 0
    if feed.cursor is not None:
        shop.catalog.database.sources.keep_cursor(source.name, feed.cursor)
    return report


def _gone(shop: Shop, feed: PagesFeed, *, everything: bool) -> list[str]:
    """The products of a catalog that a source no longer has."""
    database = shop.catalog.database
    if everything:
        return [id for id in database.ids() if id not in feed.listed]
    groups, gone = sorted(feed.groups), list(feed.removed)
    for start in range(0, len(groups), GROUPS):
        found = database.sources.products_in(groups[start : start + GROUPS])
        gone += [id for id in found if id not in feed.listed]
    return gone
