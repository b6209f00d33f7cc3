"""The sources that a catalog follows: which they are, and what is still to be read of them."""

from __future__ import annotations

from dataclasses import dataclass

from lookalike.database import Database
from lookalike.errors import NotFound
from lookalike.feeds.download import shown_url
from lookalike.sync.sources import is_shop


@dataclass(frozen=True, slots=True)
class FollowedSource:
    """A source and how far it was read."""

    name: str
    address: str
    read_until: str | None
    """Where the next read begins; None where everything is to be read, as of a feed."""
    pending: int
    """Items that webhooks named and that are not read yet."""
    retried: int
    """Items that did not go in entirely, such as without a photo; the next read tries them again."""


def followed(database: Database) -> list[FollowedSource]:
    """Every source in order of names."""
    pending = database.sources.count_pending()
    return [
        FollowedSource(
            source.name,
            # What follows the question mark of a feed may be a token; those of shop systems hold none.
            source.address if is_shop(source.address) else shown_url(source.address),
            source.cursor if is_shop(source.address) else None,
            pending.get(source.name, 0),
            len(source.retried),
        )
        for source in database.sources.all()
    ]


def unfollow(database: Database, name: str) -> None:
    """Follow a source no longer; its products stay.

    Raises NotFound if there is none of that name.
    """
    if database.sources.get(name) is None:
        raise NotFound(f"This catalog follows no source '{name}'.")
    database.sources.remove(name)
    database.source_runs.remove(name)
