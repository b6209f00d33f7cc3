"""A whole import is undone: products, photos, words and search are what they were before it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lookalike import Shop, read_feed
from lookalike.errors import NotFound
from lookalike.types import ImportReport
from support.samples import jpeg

COLOURS = ("red", "green", "blue", "black")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for colour in COLOURS:
        (tmp_path / f"{colour}.jpg").write_bytes(jpeg(colour))
    return tmp_path


@pytest.fixture
def shop(folder: Path) -> Iterator[Shop]:
    """A shop with one import of three products in it."""
    with Shop.open(str(folder / "shop.db"), "pixels") as shop:
        give(shop, folder, "a,Red plate,red.jpg", "b,Green plate,green.jpg", "c,Blue plate,blue.jpg")
        yield shop


def give(shop: Shop, folder: Path, *rows: str, prune: bool = False) -> ImportReport:
    """Import a feed of these rows: id, title, photo."""
    feed = folder / f"{abs(hash(rows))}.csv"
    feed.write_text("\n".join(["id,title,photo", *rows]) + "\n", "utf-8")
    return shop.add(read_feed(feed), prune=prune)


def state(shop: Shop) -> dict[str, object]:
    """Everything a shopper can find out about the products."""
    products = shop.catalog.products()
    looks = {
        colour: [(hit.id, round(hit.score, 4)) for hit in shop.search(image=jpeg(colour), k=9)]
        for colour in COLOURS
    }
    words = {word: [hit.id for hit in shop.search(text=word, k=9)] for word in (*COLOURS, "plate", "teapot")}
    return {"products": products, "looks": looks, "words": words}


def test_everything_is_as_it_was_before_the_import(shop: Shop, folder: Path) -> None:
    before = state(shop)
    report = give(
        shop, folder, "a,Red teapot,black.jpg", "c,Blue plate,blue.jpg", "d,New,green.jpg", prune=True
    )
    assert (report.added, report.updated, report.removed) == (1, 1, 1)
    assert state(shop) != before
    undone = shop.undo_import()
    assert (undone.removed, undone.restored, undone.kept) == (1, 2, 0)
    assert state(shop) == before


def test_an_import_after_the_undo_finds_the_old_rows_unchanged(shop: Shop, folder: Path) -> None:
    give(shop, folder, "a,Red teapot,black.jpg")
    shop.undo_import()
    again = give(shop, folder, "a,Red plate,red.jpg", "b,Green plate,green.jpg")
    assert (again.unchanged, again.updated) == (2, 0)


def test_a_product_that_was_changed_since_stays_as_it_is(shop: Shop, folder: Path) -> None:
    give(shop, folder, "a,Red teapot,red.jpg", "d,Mine,green.jpg", "e,Gone,blue.jpg")
    kept = shop.catalog.product("d")
    shop.add(
        [replace(kept, title="Edited by hand", photos=tuple(replace(p, source="") for p in kept.photos))]
    )
    shop.remove(["e"])
    undone = shop.undo_import()
    assert (undone.removed, undone.restored, undone.kept) == (0, 1, 2)
    assert shop.catalog.product("d").title == "Edited by hand"


def test_an_import_that_changes_nothing_leaves_the_one_before_to_be_undone(shop: Shop, folder: Path) -> None:
    give(shop, folder, "d,New,green.jpg")
    give(shop, folder, "d,New,green.jpg")
    last = shop.last_import()
    assert last is not None
    assert last.added == 1
    shop.undo_import()
    assert len(shop) == 3


def test_the_first_import_is_undone_to_an_empty_shop(shop: Shop) -> None:
    undone = shop.undo_import()
    assert (undone.removed, len(shop)) == (3, 0)
    with pytest.raises(NotFound):
        shop.undo_import()


def test_both_halves_of_an_import_that_was_cut_off_are_undone(shop: Shop, folder: Path) -> None:
    before = state(shop)
    feed = folder / "large.csv"
    rows = [f"n{number},Cup {number}," for number in range(600)]
    feed.write_text("\n".join(["id,title,photo", *rows]) + "\n", "utf-8")
    stop = threading.Event()
    first = shop.add(read_feed(feed), stop=stop, progress=lambda report: stop.set() if report.added else None)
    assert first.interrupted
    assert 0 < first.added < 600
    shop.add(read_feed(feed))
    assert shop.undo_import().removed == 600
    assert state(shop) == before


def test_only_the_last_import_is_kept(shop: Shop, folder: Path) -> None:
    old = shop.catalog.product("a").photos[0].id
    give(shop, folder, "a,Red plate,black.jpg")
    assert shop.catalog.photo(old)
    give(shop, folder, "b,Green plate,blue.jpg")
    with pytest.raises(NotFound):
        shop.catalog.photo(old)
    assert shop.undo_import().restored == 1
