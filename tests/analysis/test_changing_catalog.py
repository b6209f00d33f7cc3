"""Studies of a catalog whose products are removed and added while they run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lookalike import Shop
from lookalike.analysis.doctor.doctor import examine
from lookalike.analysis.evaluate.evaluate import evaluate
from support.crowd import crowd

LEFT = 12


class Upheaval:
    """Removes products, and adds as many others, at each step that a study tells of."""

    def __init__(self, shop: Shop, at_once: int = 1) -> None:
        self._shop = shop
        self._at_once = at_once
        self._leaving = [product.id for product in shop.products(limit=1000)][LEFT:]
        self._coming = iter(crowd(200)[100:])

    def __call__(self, what: str, done: int, total: int) -> None:
        """Change the catalog, as long as there is something to change."""
        leaving, self._leaving = self._leaving[: self._at_once], self._leaving[self._at_once :]
        if leaving:
            self._shop.remove(leaving)
            self._shop.add([next(self._coming) for _ in leaving])


@pytest.fixture
def crowded(tmp_path: Path) -> Iterator[Shop]:
    with Shop.open(str(tmp_path / "crowd.db"), "pixels") as shop:
        shop.add(crowd(72))
        yield shop


def test_the_search_is_measured_while_products_come_and_go(crowded: Shop):
    found = evaluate(crowded, queries=30, progress=Upheaval(crowded))
    tasks = {measured.task for measured in found.benchmarks[0].measured}
    assert {"agreement", "altered photo", "phrase"} <= tasks


def test_a_removed_product_is_no_failure_of_the_search(crowded: Shop):
    """Every photo that is asked for finds its product, though most of the catalog goes in the meantime."""
    found = evaluate(crowded, queries=60, progress=Upheaval(crowded)).benchmarks[0]
    resaved = found.value("altered photo", "jpeg", "look", "hit@10")
    assert resaved is not None
    assert resaved.value == 1.0


def test_products_are_examined_while_they_come_and_go(crowded: Shop):
    products, _ = examine(crowded, ask_links=False, progress=Upheaval(crowded, at_once=60))
    assert products
