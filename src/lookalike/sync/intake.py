"""Pages of a source into a catalog: what they list goes in, what they no longer list goes out."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace

from lookalike.catalog.importer import Progress
from lookalike.database.source_rows import StoredSource
from lookalike.errors import SourceError
from lookalike.shop import Shop
from lookalike.sync.source import Page, Source
from lookalike.types import FeedRow, ImportReport

GROUPS = 500
MOST_RETRIED = 1_000


class PagesFeed:
    """Pages as a feed; what they tell beside rows is known once they were read."""

    def __init__(self, name: str, pages: Iterable[Page]) -> None:
        self.name = name
        self.groups: set[str] = set()
        self.removed: list[str] = []
        self.cursor: str | None = None
        self.complete = False
        self.listed: dict[str, str] = {}
        """The groups of the products that were listed, by their ids."""
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
                self.listed[product.id] = product.group
                yield FeedRow(0, product, " ".join(reasons.pop(product.id, ())))
            for id, said in reasons.items():
                self.listed[id] = ""
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
    pages = _pages(source, rows.get(source.name), everything=prune)
    return take_in(shop, source, pages, prune=prune, progress=progress, stop=stop, workers=workers)


def _pages(source: Source, stored: StoredSource | None, *, everything: bool) -> Iterator[Page]:
    if stored is None or everything:
        yield from source.pages(None)
        return
    if stored.retried:
        yield source.read(stored.retried)
    yield from source.pages(stored.cursor)


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
    # Without the name of a feed, so that it does not take the place of the last import that can be undone:
    # what came from a shop is changed in the shop.
    report = shop.add(iter(feed), progress=progress, stop=stop, workers=workers)
    report.problems = [replace(problem, feed=source.name) for problem in report.problems]
    if report.interrupted:
        return report
    if prune and feed.complete and not feed.listed and len(shop):
        raise SourceError(
            f"{source.name} lists no product at all, so nothing was removed. Check what its token may read; "
            "if the shop really is empty, remove the products with `lookalike remove`."
        )
    gone = _gone(shop, feed, everything=prune and feed.complete)
    report.removed = shop.remove(gone) if gone else 0
    _retry_later(shop, feed, report)
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


def _retry_later(shop: Shop, feed: PagesFeed, report: ImportReport) -> None:
    """Remember the items whose photos could not be had: the shop will not tell them again."""
    rows = shop.catalog.database.sources
    stored = rows.get(feed.name)
    if stored is None:
        return
    wrong = list({problem.id for problem in report.problems if problem.id in feed.listed})
    # A product without a photo that it should have keeps no digest.
    digests = shop.catalog.database.digests(wrong)
    failed = {feed.listed[id] for id in wrong if not digests.get(id)}
    waiting = (failed | set(stored.retried)) - (feed.groups - failed)
    if waiting != set(stored.retried):
        rows.keep_retried(feed.name, sorted(waiting - {""})[:MOST_RETRIED])
