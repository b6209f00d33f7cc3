"""Pages of a source into a catalog: what they list goes in, what they no longer list goes out."""

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

GROUPS = 500
# In a small shop a few products are a large share.
FEW_REMOVED = 10
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
            wrong: dict[str, list[RowProblem]] = {}
            for problem in page.problems:
                wrong.setdefault(problem.id, []).append(problem)
            for product in page.products:
                self.listed[product.id] = product.group
                yield _row(product, wrong.pop(product.id, ()), product.id)
            for id, problems in wrong.items():
                self.listed[id] = ""
                yield _row(None, problems, id)


def _row(product: Product | None, problems: Sequence[RowProblem], id: str) -> FeedRow:
    line = problems[0].line if problems else 0
    return FeedRow(line, product, " ".join(problem.reason for problem in problems), id)


def read_source(
    shop: Shop,
    source: Source,
    address: str,
    *,
    prune: bool = False,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
    workers: str = "",
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
    most_removed: float = 1.0,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
    workers: str = "",
) -> ImportReport:
    """Bring a catalog to what the pages of a source say, and remember where the next read begins.

    With `prune`, a read of everything also removes the products that it did not name, unless they are more
    than the share `most_removed` of the catalog.
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
    if len(gone) > max(FEW_REMOVED, most_removed * len(shop)):
        raise SourceError(
            f"{source.name} lacks {len(gone):,} of {len(shop):,} products, more than the {most_removed:.0%} "
            "that may go at once, so nothing was removed. Check the shop. If they really are gone, follow it "
            "with a larger --most-removed."
        )
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
