"""Whether matches can be trusted, measured on queries that nothing was learned from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lookalike import Shop
from lookalike.analysis.evaluate import reliability, weight_tuning
from lookalike.analysis.evaluate.out_of_domain import photos_in, refused
from lookalike.analysis.evaluate.reliability import calibration_error, reliability_bins
from lookalike.analysis.snapshot import Snapshot
from support.crowd import crowd


def silent(what: str, done: int, total: int) -> None:
    pass


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory):
    with Shop.open(tmp_path_factory.mktemp("reliability") / "crowd.db") as shop:
        shop.add(crowd(48))
        yield shop


def test_the_error_is_the_one_worked_out_by_hand():
    # Ten hits promised 0.9 of which 7 came true, ten promised 0.1 of which 1 did.
    pairs = [(0.9, n < 7) for n in range(10)] + [(0.1, n < 1) for n in range(10)]
    assert calibration_error(pairs) == pytest.approx((10 * 0.2 + 10 * 0.0) / 20)


def test_the_table_has_a_row_for_each_range_that_was_met():
    found = reliability_bins([0.05, 0.07, 0.95], [False, True, True])
    assert [(each.low, each.hits, each.came_true) for each in found] == [(0.0, 2, 0.5), (0.9, 1, 1.0)]


def test_photos_and_words_are_measured_on_what_was_held_out(shop: Shop):
    found = reliability.measure(shop, Snapshot.of(shop), silent)
    assert found is not None
    assert found.photos is not None
    assert found.words is not None
    assert found.photos.queries
    assert found.words.queries
    assert found.words.strangers
    shares = [each.legitimate for each in found.photos.refusal]
    assert shares == sorted(shares)
    assert found == reliability.measure(shop, Snapshot.of(shop), silent)


def test_a_catalog_without_kinds_cannot_be_measured(tmp_path: Path):
    with Shop.open(tmp_path / "bare.db") as bare:
        assert reliability.measure(bare, Snapshot.of(bare), silent) is None


def test_photos_of_a_folder_are_counted_as_refused(shop: Shop, tmp_path: Path):
    dice = np.random.default_rng(1)
    for number in range(4):
        noise = Image.fromarray(dice.integers(0, 255, (90, 90, 3)).astype(np.uint8))
        noise.save(tmp_path / f"noise{number}.png")
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    assert refused(shop, photos_in(tmp_path), silent) >= 0.75


def test_the_weight_of_the_look_is_learned_with_an_interval(shop: Shop):
    weights = weight_tuning.weigh(shop, Snapshot.of(shop), silent)
    assert weights[0].category == ""
    assert weights[0].low <= weights[0].weight <= weights[0].high
    assert weights[0].precision >= weights[0].precision_fixed
    assert weights == weight_tuning.weigh(shop, Snapshot.of(shop), silent)
