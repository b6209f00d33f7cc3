"""A feed of a few pieces, what it must become, and ways to find the processes that work on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lookalike import ImportReport, Photo, Product, Shop
from lookalike.catalog.copy import checksum
from lookalike.catalog.reembed import RebuildReport
from support.samples import jpeg

COLOURS = ("red", "green", "blue", "black", "orange")
PRODUCTS = 200

Import = Callable[..., tuple[ImportReport, str]]
Switch = Callable[..., tuple[RebuildReport, str]]


@pytest.fixture(scope="session")
def feed(tmp_path_factory: pytest.TempPathFactory) -> list[Product]:
    """Products with photos in files, photos as bytes, a photo that is missing and one that is broken."""
    folder = tmp_path_factory.mktemp("photos")
    products: list[Product] = []
    for number in range(PRODUCTS):
        data = jpeg(COLOURS[number % 5], size=40 + number // 5)
        file = folder / f"{number}.jpg"
        file.write_bytes(data if number != 69 else data[:300])
        photo = Photo(data=data) if number % 3 else Photo(source=str(file))
        photos = (photo, Photo(source=str(folder / "none.jpg"))) if number == 90 else (photo,)
        products.append(Product(f"p{number:03}", f"{COLOURS[number % 5]} thing {number}", photos=photos))
    return products


@pytest.fixture
def import_by(tmp_path: Path, feed: list[Product]) -> Import:
    """Import the feed into a catalog and give the report with the checksum of every row."""

    def import_by(workers: str, name: str = "shop", **how: Any) -> tuple[ImportReport, str]:
        with Shop.open(str(tmp_path / f"{name}.db"), "pixels") as shop:
            report = shop.add(feed, workers=workers, **how)
            return report, checksum(shop.catalog.database)

    return import_by


@pytest.fixture
def switch_by(tmp_path: Path, feed: list[Product]) -> Switch:
    """Switch a catalog of the feed to another encoder; gives the report with the checksum of every row."""

    def switch_by(workers: str, name: str, **how: Any) -> tuple[RebuildReport, str]:
        path = tmp_path / f"{name}.db"
        recipe = None if path.exists() else "pixels"
        with Shop.open(str(path), recipe) as shop:
            if recipe:
                shop.add(feed)
            report = shop.switch("builtin", workers=workers, **how)
            return report, checksum(shop.catalog.database)

    return switch_by
