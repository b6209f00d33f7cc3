"""Fixtures that every test may ask for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lookalike import Catalog
from samples import goods

SHARED = Path(__file__).parent.parent.parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real products beside the repository; a test that needs it is skipped without it."""
    if not (SHARED / "data" / "fashion" / "styles.csv").exists():
        pytest.skip("the real products are not on this machine")
    return SHARED


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Catalog]:
    """A small catalogue that is filled."""
    with Catalog.open(str(tmp_path / "shop.db"), "pixels") as shop:
        shop.add(goods())
        yield shop
