"""Five requests enter the files that docs/architecture.md lists for them, and no others."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest

import lookalike
from lookalike import Event, Photo, Product, Shop
from support.samples import jpeg

SOURCE = Path(lookalike.__file__).parent
PAGE = Path(__file__).parents[1] / "docs" / "architecture.md"
JOURNEY = re.compile(r"^\*\*(.+?)\*\* \(\d+ files\): (.+?)$", re.MULTILINE)
COLOURS = ("red", "green", "blue", "white")


@contextmanager
def files_entered() -> Iterator[set[str]]:
    """The project's files that any thread enters in the block."""
    entered: set[str] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        path = Path(frame.f_code.co_filename)
        if event == "call" and SOURCE in path.parents:
            entered.add(path.relative_to(SOURCE).as_posix())

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield entered
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def product(id: str, colour: str) -> Product:
    return Product(id, title=f"{colour} shirt", facets={"colour": colour}, photos=(Photo(data=jpeg(colour)),))


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with lookalike.open(tmp_path / "shop.db") as shop:
        shop.add(product(f"p{number}", colour) for number, colour in enumerate(COLOURS))
        yield shop


def warm(shop: Shop) -> None:
    """Do once what the journeys do, so that nothing is opened or caught up with on the way."""
    shop.add([product("before", "black")])
    shop.record([Event("view", "s1", "p1")])
    shop.recommend(shopper="s1")
    shop.search(image=jpeg("red"))
    shop.search(text="red shirt")


def documented() -> Mapping[str, set[str]]:
    found = JOURNEY.findall(PAGE.read_text("utf-8"))
    return {name: set(re.findall(r"`([\w/]+\.py)`", files)) for name, files in found}


JOURNEYS: Mapping[str, Callable[[Shop], object]] = {
    "Photo search": lambda shop: shop.search(image=jpeg("red")),
    "Text search": lambda shop: shop.search(text="red shirt"),
    "Recommendation": lambda shop: shop.recommend(shopper="s1"),
    "Event": lambda shop: shop.record([Event("view", "s1", "p2")]),
    "Import of a row": lambda shop: shop.add([product("new", "yellow")]),
}


@pytest.mark.parametrize("name", JOURNEYS)
def test_a_journey_enters_only_the_files_that_the_page_lists(name: str, shop: Shop) -> None:
    warm(shop)
    with files_entered() as entered:
        JOURNEYS[name](shop)
    assert sorted(entered - documented()[name]) == []


def test_the_page_lists_every_journey() -> None:
    assert set(documented()) == set(JOURNEYS)
