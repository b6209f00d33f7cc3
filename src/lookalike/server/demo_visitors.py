"""Made-up visitors of the demo, so that Insight, recommendations and experiments have something to show."""

from __future__ import annotations

import logging
import random
import threading
import uuid
from collections import defaultdict
from collections.abc import Sequence

from lookalike.errors import LookalikeError
from lookalike.shop import Shop
from lookalike.text import facet_text
from lookalike.types import Event, EventKind, Hit, Product

log = logging.getLogger(__name__)

MOST_PRODUCTS = 1000
SHOWN = 12
SEARCHES = 0.4
# How likely a visitor looks at the next product of a page, too.
PATIENCE = 0.9
CLICKS, BUYS = 0.6, 0.3
# A taste is a facet value that several products have, and not all.
LEAST_GOODS, MOST_SHARE = 3, 0.5


class DemoVisitors:
    """Visitors who each like one value of a facet, look through a page, and click and buy what has it."""

    def __init__(self, shop: Shop, chance: random.Random) -> None:
        self._shop = shop
        self._chance = chance
        self._tastes = _tastes(shop.products(limit=MOST_PRODUCTS))

    def visit(self) -> None:
        """One visitor, from arrival to leaving."""
        if not self._tastes:
            return
        chance, shop = self._chance, self._shop
        visitor = f"demo-{uuid.UUID(int=chance.getrandbits(128)).hex}"
        value, liked = chance.choice(self._tastes)
        shop.record([Event("view", visitor, chance.choice(liked))])
        query = value if chance.random() < SEARCHES else ""
        if query:
            shop.record([Event("search", visitor, query=query)])
            page: Sequence[Hit] = shop.search(text=query, shopper=visitor, k=SHOWN).hits
        else:
            page = shop.recommend(visitor, k=SHOWN).hits
        shop.record(self._deeds(visitor, page, frozenset(liked), query))

    def _deeds(self, visitor: str, page: Sequence[Hit], liked: frozenset[str], query: str) -> list[Event]:
        deeds: list[Event] = []

        def did(kind: EventKind, hit: Hit, position: int) -> None:
            deeds.append(Event(kind, visitor, hit.id, query=query, position=position))

        for position, hit in enumerate(page, 1):
            did("impression", hit, position)
            if hit.id in liked and self._chance.random() < CLICKS:
                did("click", hit, position)
                if self._chance.random() < BUYS:
                    did("cart", hit, position)
                    did("purchase", hit, position)
                    break
            if self._chance.random() > PATIENCE:
                break
        return deeds


def begin(shop: Shop, per_second: float, stop: threading.Event) -> threading.Thread:
    """Send visitors in the background until the event is set."""
    thread = threading.Thread(target=_send, args=(shop, per_second, stop), name="demo visitors", daemon=True)
    thread.start()
    return thread


def _send(shop: Shop, per_second: float, stop: threading.Event) -> None:
    try:
        visitors = DemoVisitors(shop, random.Random())
        while not stop.wait(1.0 / per_second):
            visitors.visit()
    except LookalikeError as error:
        log.warning("No more made-up visitors come: %s", error)


def _tastes(products: Sequence[Product]) -> list[tuple[str, list[str]]]:
    """Facet values, each with the products that have it."""
    having: dict[tuple[str, str], list[str]] = defaultdict(list)
    for product in products:
        for name, value in product.facets.items():
            for each in value if isinstance(value, tuple) else (value,):
                having[name, facet_text(each)].append(product.id)
    return [
        (value, ids)
        for (_, value), ids in sorted(having.items())
        if LEAST_GOODS <= len(ids) <= MOST_SHARE * len(products)
    ]
