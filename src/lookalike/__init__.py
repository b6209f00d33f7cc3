"""Visual and textual product search and recommendation for shops."""

from __future__ import annotations

from lookalike.catalog import Catalog
from lookalike.encoders import encoder
from lookalike.errors import LookalikeError
from lookalike.feeds import read_feed
from lookalike.records import (
    FacetCount,
    FeedRow,
    Hit,
    ImportReport,
    Photo,
    Product,
    Query,
    Recipe,
    Results,
)

__version__ = "0.1.0"
__all__ = [
    "Catalog",
    "FacetCount",
    "FeedRow",
    "Hit",
    "ImportReport",
    "LookalikeError",
    "Photo",
    "Product",
    "Query",
    "Recipe",
    "Results",
    "encoder",
    "open",
    "read_feed",
]

open = Catalog.open
