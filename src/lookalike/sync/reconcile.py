"""Reconciles a catalog with a source: adds and updates what the source lists, removes what it dropped."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from lookalike.catalog.importer import Progress
from lookalike.database.source_rows import StoredSource
from lookalike.errors import SourceError
from lookalike.shop import Shop
from lookalike.sync.source import Page, Source
from lookalike.types import FeedRow, ImportReport, Product, RowProblem

# In a small shop a few products are a large share.
FEW_REMOVED = 10
# If more items failed, reading everything again takes fewer requests.
MOST_RETRIED = 1_000
READ_AT_ONCE = 50


class PagesFeed:
    """Pages as a feed. The attributes are final when all pages have been read."""

    def __init__(self, name: str, pages: Iterable[Page]) -> None:
        self.name = name
        self.groups: set[str] = set()
        self.removed: list[str] = []
        self.cursor: str | None = None
        self.complete = False
        self.listed: dict[str, str | None] = {}
        """The group of each listed product by its id; None for a row that is no valid product."""
        self._pages = pages

    def __iter__(self) -> Iterator[FeedRow]:
        for page in self._pages:
            self.groups |= page.groups
            self.removed += page.removed
            self.cursor, self.complete = page.cursor, page.complete
            wrong: dict[str, list[RowProblem]] = {}
            for problem in page.problems:
                wrong.setdefault(problem.id, []).append(problem)
            for product in page.products:
                self.listed[product.id] = product.group
                yield _row(product, wrong.pop(product.id, ()), product.id)
            for id, problems in wrong.items():
                self.listed.setdefault(id, None)
                yield _row(None, problems, id)


def _row(product: Product | None, problems: Sequence[RowProblem], id: str) -> FeedRow:
    line = problems[0].line if problems else 0
    return FeedRow(line, product, " ".join(problem.reason for problem in problems), id)


def read_source(
    shop: Shop,
    source: Source,
    *,
    everything: bool = False,
    prune: bool = False,
    most_removed: float = 1.0,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
    workers: str = "",
) -> ImportReport:
    """Bring a catalog to what a source has now: what changed since the last read, or `everything`.

    Items that failed before are read again. `prune` and `most_removed` are those of `reconcile`.
    """
    stored = shop.catalog.database.sources.get(source.name)
    return reconcile(
        shop,
        source,
        _pages(source, None if everything else stored),
        prune=prune,
        most_removed=most_removed,
        progress=progress,
        stop=stop,
        workers=workers,
    )


def _pages(source: Source, stored: StoredSource | None) -> Iterator[Page]:
    if stored is None:
        yield from source.pages(None)
        return
    for start in range(0, len(stored.retried), READ_AT_ONCE):
        yield source.read(stored.retried[start : start + READ_AT_ONCE])
    yield from source.pages(stored.cursor)


def reconcile(
    shop: Shop,
    source: Source,
    pages: Iterable[Page],
    *,
    prune: bool = False,
    most_removed: float = 1.0,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
    workers: str = "",
) -> ImportReport:
    """Bring a catalog to what the pages of a source say, and store where the next read begins.

    With `prune`, a complete listing also removes the products of this source that it lacks. Products of other
    sources and products added by hand stay.

    Raises SourceError, and removes nothing, if more than the share `most_removed` of the source's products
    would go.
    """
    feed = PagesFeed(source.name, pages)
    # The journal of an undo keeps the last named feed; a source must not replace it.
    report = shop.add(iter(feed), progress=progress, stop=stop, workers=workers)
    report.problems = [replace(problem, feed=source.name) for problem in report.problems]
    if report.interrupted:
        return report
    listings = shop.catalog.database.source_products
    known = listings.count(source.name)
    gone = _gone(shop, feed, entire=prune and feed.complete)
    listings.note(source.name, list(feed.listed))
    if prune and feed.complete and not feed.listed and known:
        raise SourceError(
            f"{source.name} lists no product at all, so nothing was removed. Check what its token may read; "
            "if the shop really is empty, remove the products with `lookalike remove`."
        )
    if len(gone) > max(FEW_REMOVED, most_removed * known):
        raise SourceError(
            f"{source.name} lacks {len(gone):,} of its {known:,} products, more than the {most_removed:.0%} "
            "that may be removed at once, so nothing was removed. Check the shop. If they really are gone, "
            "follow it again with a higher limit (--most-removed)."
        )
    alone = listings.listed_only_by(source.name, gone)
    report.removed = shop.remove(alone) if alone else 0
    listings.forget(source.name, gone)
    _keep_place(shop, source, feed, report)
    return report


def _gone(shop: Shop, feed: PagesFeed, *, entire: bool) -> list[str]:
    """The products that a source brought and no longer lists."""
    listings = shop.catalog.database.source_products
    if entire:
        known = listings.ids(feed.name)
    else:
        known = [
            *listings.among(feed.name, feed.removed),
            *listings.in_groups(feed.name, sorted(feed.groups)),
        ]
    return [id for id in dict.fromkeys(known) if id not in feed.listed]


def _keep_place(shop: Shop, source: Source, feed: PagesFeed, report: ImportReport) -> None:
    """Store where the next read begins, so that it includes what failed in this one."""
    rows = shop.catalog.database.sources
    stored = rows.get(source.name)
    if stored is None:
        return
    failed = _failed(shop, feed, report)
    if source.incremental:
        items = {group for id in failed if (group := feed.listed[id])}
        waiting = (items | set(stored.retried)) - (feed.groups - items)
    else:
        waiting = set(failed)
    again = len(waiting) > MOST_RETRIED or (waiting and not source.incremental)
    retried = () if again else tuple(sorted(waiting))
    if retried != stored.retried:
        rows.keep_retried(source.name, retried)
    if again:
        rows.keep_cursor(source.name, None)
    elif feed.cursor is not None:
        rows.keep_cursor(source.name, feed.cursor)


def _failed(shop: Shop, feed: PagesFeed, report: ImportReport) -> list[str]:
    """The products whose photos could not be fetched, which have no digest. Invalid rows are left out."""
    wrong = list({problem.id for problem in report.problems if feed.listed.get(problem.id) is not None})
    digests: dict[str, bytes] = {}
    for start in range(0, len(wrong), MOST_RETRIED):
        digests |= shop.catalog.database.digests(wrong[start : start + MOST_RETRIED])
    return [id for id in wrong if not digests.get(id)]
