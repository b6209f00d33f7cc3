"""Made-up visitors of the demo."""

from __future__ import annotations

import random
import threading

from lookalike import Shop
from lookalike.server.demo_visitors import DemoVisitors, begin


def test_visitors_look_click_and_buy_what_they_like(shop: Shop) -> None:
    visitors = DemoVisitors(shop, random.Random(2))
    for _ in range(60):
        visitors.visit()
    kinds = [event.kind for event in shop.catalog.database.events.every()]
    assert kinds.count("view") == 60
    assert kinds.count("impression") > kinds.count("click") > kinds.count("purchase") > 0
    assert shop.searches()


def test_visitors_come_until_they_are_told_to_stop(shop: Shop) -> None:
    stop = threading.Event()
    visits = begin(shop, 1000.0, stop)
    while shop.catalog.database.events.sequence() < 20:
        assert visits.is_alive()
    stop.set()
    visits.join(30)
    assert not visits.is_alive()


def test_nobody_comes_to_an_empty_shop(shop: Shop) -> None:
    shop.remove([product.id for product in shop.products()])
    DemoVisitors(shop, random.Random(2)).visit()
    assert list(shop.catalog.database.events.every()) == []
