"""The same shop on another database, and under many hands at once."""

from __future__ import annotations

import threading

import pytest

from lookalike import Event, Rule, Shop

from .conftest import WORDS, goods


def test_a_shop_on_postgresql_learns_follows_rules_and_forgets(postgres_url: str) -> None:
    pytest.importorskip("psycopg")
    with Shop.open(postgres_url, WORDS) as shop, Shop.open(postgres_url) as other:
        shop.add(goods())
        events = [
            Event("purchase", who, what, id=f"{who} {what}")
            for who in "ab"
            for what in ("red-boot-0", "red-lamp-1")
        ]
        assert (shop.record(events).new, shop.record(events).known) == (4, 4)
        shop.record([Event("search", "a", query="green scarf")])
        assert other.recommend(product="red-boot-0")[0].id == "red-lamp-1"
        assert other.shopper("a").interests[-1] == ("search: green scarf",)
        shop.put_rules([Rule("h", "hide", products=("red-lamp-1",))])
        assert "red-lamp-1" not in [hit.id for hit in other.recommend(product="red-boot-0", k=50)]
        assert [asked.query for asked in other.searches()] == ["green scarf"]
        assert shop.forget("a") == 3
        assert other.shopper("a").events == 0
        assert [standing.shoppers for standing in other.popular()] == [1, 1]


def test_many_hands_record_recommend_and_forget_at_once(shop: Shop) -> None:
    failures: list[BaseException] = []
    start = threading.Barrier(4)

    def work(hand: int) -> None:
        try:
            start.wait()
            for turn in range(8):
                shop.record(
                    [
                        Event("click", f"s{hand}-{turn}", f"red-watch-{turn % 6}"),
                        Event("cart", "all", "red-boot-0"),
                    ]
                )
                assert len(shop.recommend(f"s{hand}-{turn}")) == 10
                assert shop.search(text="red watch", shopper="all").hits
                if turn % 4 == 3:
                    shop.forget(f"s{hand}-{turn}")
        except BaseException as error:
            failures.append(error)

    hands = [threading.Thread(target=work, args=(hand,)) for hand in range(4)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert failures == []
    assert sum(standing.shoppers for standing in shop.popular(100) if standing.id != "red-boot-0") == 24
