"""How a shop's pages present themselves, stored in the catalog."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from lookalike.database import Database

KEY = "storefront"
# A cart of this kind is a bag in the browser, from which nothing is ordered.
DEMO_CART = "demo"


@dataclass(frozen=True, slots=True)
class Storefront:
    """Name, logo, color, language and cart of a shop's pages. Empty values mean the application's own.

    `photo_side` is the longer side of the photos that are kept to zoom, in pixels; 0 keeps none.
    """

    name: str = ""
    logo: str = ""
    accent: str = ""
    currency: str = ""
    language: str = ""
    cart: str = ""
    photo_side: int = 0


def storefront(database: Database) -> Storefront:
    """The stored settings, or the application's own."""
    stored = database.fit(KEY)
    return Storefront(**json.loads(stored)) if stored else Storefront()


def put_storefront(database: Database, settings: Storefront) -> None:
    """Store the settings of the pages."""
    database.put_fit(KEY, json.dumps(asdict(settings), ensure_ascii=False).encode())
