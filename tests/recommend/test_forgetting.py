"""A shopper who is forgotten was never there."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from lookalike import Event, Shop
from lookalike.database.events import EventRows
from lookalike.database.sqlite import SqliteConnections, SqliteEraser
from lookalike.errors import DatabaseBusy

from .conftest import goods


def everything(tmp_path: Path) -> bytes:
    return b"".join(path.read_bytes() for path in tmp_path.glob("shop.db*"))


def busy(shop: Shop, shoppers: int) -> None:
    chance = random.Random(1)
    ids = [product.id for product in goods()]
    for _ in range(40):
        shop.record(
            Event(
                chance.choice(["click", "cart", "search", "comment"]),
                f"shopper-{chance.randrange(shoppers):03d}@example.org",
                chance.choice(ids),
                query=f"words of {chance.random()}",
                comment=f"a comment {chance.random()}",
            )
            for _ in range(50)
        )


def test_no_byte_of_a_forgotten_shopper_stays_in_the_files(shop: Shop, tmp_path: Path) -> None:
    busy(shop, 60)
    for number in range(0, 60, 3):
        name = f"shopper-{number:03d}@example.org"
        told = [text for event in shop.events_of(name) for text in (event.query, event.comment)]
        assert shop.forget(name) == len(told) / 2 > 0
        data = everything(tmp_path)
        assert name.encode() not in data
        assert not [text for text in told if text.encode() in data]


def test_what_follows_from_events_forgets_too_in_every_process(open_shop: Callable[[str], Shop]) -> None:
    shop, other = open_shop("shop"), open_shop("shop")
    shop.record([Event("cart", "ann", "red-watch-0", query="nice")])
    before = [(hit.id, hit.score) for hit in shop.recommend("bob")]
    shop.record(
        [Event("purchase", "bob", "red-boot-0"), Event("purchase", "bob", "red-lamp-0", query="nice")]
    )
    other.recommend("bob")
    shop.forget("bob")
    for each in (shop, other):
        assert [(hit.id, hit.score) for hit in each.recommend("bob")] == before
        assert [standing.id for standing in each.popular()] == ["red-watch-0"]
        assert list(each.events_of("bob")) == []
        assert each.shopper("bob").events == 0


def test_a_reader_who_keeps_the_log_is_told_of_and_forgetting_again_ends_it(
    shop: Shop, tmp_path: Path
) -> None:
    shop.record([Event("comment", "ann-of-the-log", "red-watch-0", comment="hers alone")])
    impatient = SqliteConnections(str(tmp_path / "shop.db"), busy_ms=50)
    events = EventRows(impatient, SqliteEraser(impatient))
    reader = apsw.Connection(str(tmp_path / "shop.db"))
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM events").fetchall()
    with pytest.raises(DatabaseBusy, match="Forget the shopper again"):
        events.forget("ann-of-the-log")
    assert list(shop.events_of("ann-of-the-log")) == []
    reader.close()
    assert events.forget("ann-of-the-log") == 0
    impatient.close()
    assert b"ann-of-the-log" not in everything(tmp_path)
    assert b"hers alone" not in everything(tmp_path)


def test_others_stay_as_they_were(shop: Shop) -> None:
    busy(shop, 5)
    kept = list(shop.events_of("shopper-001@example.org"))
    shop.forget("shopper-002@example.org")
    assert list(shop.events_of("shopper-001@example.org")) == kept


def test_a_shopper_nobody_knows_is_forgotten_easily(shop: Shop) -> None:
    assert shop.forget("nobody") == 0


def test_who_comes_back_begins_anew(shop: Shop) -> None:
    shop.record([Event("click", "ann", "red-watch-0", id="once")])
    shop.forget("ann")
    assert shop.record([Event("click", "ann", "red-watch-0", id="once")]).new == 1
    assert len(list(shop.events_of("ann"))) == 1
