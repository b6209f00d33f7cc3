"""A shop of words alone, in which kinds and colors are known and the clock stands where it is put."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lookalike import Product, Recipe, Shop
from lookalike.catalog.catalog import Catalog
from lookalike.catalog.state import ENCODING_STATE, EncodingState
from lookalike.database import open_database

WORDS = Recipe("words", "words alone", text="tfidf", text_fields=("title", "facets"), image_weight=0.0)
KINDS = ("watch", "boot", "scarf", "lamp")
COLOURS = ("red", "blue", "green")
EACH = 6


class Clock:
    """A time that passes only when told to."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


def goods() -> list[Product]:
    """Six of each kind and color: red-watch-0, red-watch-1, …"""
    return [
        Product(
            id=f"{colour}-{kind}-{number}",
            title=f"{colour} {kind}",
            facets={"kind": kind, "colour": colour},
            stock=5,
        )
        for kind in KINDS
        for colour in COLOURS
        for number in range(EACH)
    ]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_shop(tmp_path: Path, clock: Clock) -> Iterator[Callable[[str], Shop]]:
    """Open a catalog of that name by the clock; every call is another process's view of it."""
    opened: list[Shop] = []

    def open_shop(name: str) -> Shop:
        path = str(tmp_path / f"{name}.db")
        if not Path(path).exists():
            with Shop.open(path, WORDS) as shop:
                shop.add(goods())
        database = open_database(path)
        opened.append(
            Shop(Catalog(database, EncodingState.loads(database.settings()[ENCODING_STATE])), clock=clock)
        )
        return opened[-1]

    yield open_shop
    for shop in opened:
        shop.close()


@pytest.fixture
def shop(open_shop: Callable[[str], Shop]) -> Shop:
    return open_shop("shop")
