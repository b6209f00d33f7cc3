"""A feed at a URL as a source: a complete listing, or nothing if it has not changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lookalike.errors import UsageError
from lookalike.feeds import Feed, Validators, read_changed_feed
from lookalike.feeds.download import shown_url
from lookalike.sync.source import Delivery, Notice, Page
from lookalike.types import Product, RowProblem

PAGE = 500
LONGEST_NAME = 80


class FeedSource:
    """The feed at a URL. Its cursor is the ETag and date of the last download."""

    incremental = False

    def __init__(self, url: str) -> None:
        self.url = url
        plain = re.sub(r"[^a-z0-9]+", "-", shown_url(url).partition("://")[2].casefold())
        self.name = plain.strip("-")[:LONGEST_NAME]

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """Everything, unless the feed has not changed since the download of the cursor."""
        changed = read_changed_feed(self.url, Validators.loads(cursor))
        if changed is None:
            yield Page(cursor=cursor)
            return
        feed, validators = changed
        yield from _pages(feed, validators.dumps())

    def changed_by(self, delivery: Delivery) -> Notice:
        """A feed sends no webhooks."""
        raise UsageError("A feed sends no webhooks: it is read on a schedule.")

    def read(self, ids: Sequence[str]) -> Page:
        """A feed has no single items."""
        raise UsageError("A feed cannot be read by id: it is read as a whole.")


def _pages(feed: Feed, cursor: str | None) -> Iterator[Page]:
    products: list[Product] = []
    problems: list[RowProblem] = []
    broken_off = False
    for row in feed:
        broken_off |= row.last
        if row.problem:
            id = row.product.id if row.product else row.raw_id
            problems.append(RowProblem(feed.name, row.line, id, row.problem))
        if row.product is not None:
            products.append(row.product)
        if len(products) + len(problems) >= PAGE:
            yield Page(products, problems=problems)
            products, problems = [], []
    # A feed that breaks off may lack products that the shop has, so the same feed is read again.
    yield Page(products, problems=problems, cursor=None if broken_off else cursor, complete=not broken_off)
