"""The sources that a catalog follows, and what is still to be read of each."""

from __future__ import annotations

from dataclasses import dataclass

from lookalike.database import Database
from lookalike.errors import NotFound
from lookalike.feeds.download import shown_url
from lookalike.sync.sources import is_shop


@dataclass(frozen=True, slots=True)
class FollowedSource:
    """A source and how far it has been read."""

    name: str
    address: str
    read_until: str | None
    """Where the next read begins; None for a feed, and if everything is to be read."""
    pending: int
    """Items that webhooks named and that are not read yet."""
    retried: int
    """Items that failed in part, such as a photo; the next run reads them again."""


def followed(database: Database) -> list[FollowedSource]:
    """Every source in the order of names."""
    pending = database.sources.count_pending()
    return [
        FollowedSource(
            source.name,
            # The query of a feed's URL may contain a token; that of a shop's address contains none.
            source.address if is_shop(source.address) else shown_url(source.address),
            source.cursor if is_shop(source.address) else None,
            pending.get(source.name, 0),
            len(source.retried),
        )
        for source in database.sources.all()
    ]


def unfollow(database: Database, name: str) -> None:
    """Stop following a source. Its products stay.

    Raises NotFound if there is none of that name.
    """
    if database.sources.get(name) is None:
        raise NotFound(f"This catalog follows no source '{name}'.")
    database.sources.remove(name)
    database.source_products.remove(name)
    database.source_runs.remove(name)
