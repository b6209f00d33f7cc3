"""Visual and textual product search and recommendation for shops."""

from __future__ import annotations

from lookalike.catalog.catalog import Catalog
from lookalike.catalog.update import ProductUpdate
from lookalike.encoders import encoder
from lookalike.errors import LookalikeError
from lookalike.feeds import read_feed
from lookalike.search.engine import SearchEngine
from lookalike.shop import Shop
from lookalike.types import (
    Event,
    FacetCount,
    FeedRow,
    Hit,
    ImportReport,
    Photo,
    Product,
    Query,
    Recipe,
    Recommendations,
    Results,
    Rule,
    Shopper,
)

__version__ = "0.1.0"
__all__ = [
    "Catalog",
    "Event",
    "FacetCount",
    "FeedRow",
    "Hit",
    "ImportReport",
    "LookalikeError",
    "Photo",
    "Product",
    "ProductUpdate",
    "Query",
    "Recipe",
    "Recommendations",
    "Results",
    "Rule",
    "SearchEngine",
    "Shop",
    "Shopper",
    "encoder",
    "open",
    "read_feed",
]

open = Shop.open
