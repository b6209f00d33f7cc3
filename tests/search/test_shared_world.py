"""What all catalogs know of the world is in memory once, and judges as a copy of each catalog would."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lookalike import Shop
from lookalike.search.calibration import Calibration
from lookalike.search.out_of_domain import ShopClassifier
from lookalike.search.prior import shared_world
from support.samples import goods


def calibration(file: Path) -> Calibration:
    """What a catalog with the built-in encoder learned, as another process reads it."""
    with Shop.open(file, "builtin") as shop:
        shop.add(goods())
        learned = shop.engine._confidence.current(shop.revision).calibration
        return Calibration.loads(learned.dumps())


def test_catalogs_share_the_world_and_keep_their_own(tmp_path: Path) -> None:
    one, two = calibration(tmp_path / "a.db"), calibration(tmp_path / "b.db")
    for first, second in ((one.looks, two.looks), (one.words, two.words)):
        assert first is not None
        assert second is not None
        assert first.world is second.world
        assert not np.shares_memory(first.own, second.own)
        assert len(first.own) + len(first.chosen) == len(first.weights)


def test_a_shared_world_judges_like_a_copy(tmp_path: Path) -> None:
    looks = calibration(tmp_path / "a.db").looks
    assert looks is not None
    alone = ShopClassifier(
        looks.own, looks.world[looks.chosen], np.arange(len(looks.chosen)), looks.weights, looks.usual
    )
    for row in (*looks.own, *looks.world[:50]):
        assert abs(alone.place(row) - looks.place(row)) < 1e-4


def test_rows_of_another_world_are_kept_as_they_are() -> None:
    rows = np.random.default_rng(1).standard_normal((5, 384)).astype(np.float16)
    world, chosen = shared_world(rows)
    assert np.array_equal(world[chosen], rows.astype(np.float32))


def test_no_rows_are_no_rows() -> None:
    world, chosen = shared_world(np.zeros((0, 384), np.float16))
    assert len(world[chosen]) == 0
