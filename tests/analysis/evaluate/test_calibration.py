"""What a score is worth, and when nothing is a match."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lookalike import Shop
from lookalike.analysis.evaluate import calibration as calibrating
from lookalike.analysis.evaluate import weight_tuning
from lookalike.analysis.evaluate.calibration import Pair, calibration_error
from lookalike.analysis.evaluate.out_of_domain import photos_in, refused
from lookalike.analysis.snapshot import Snapshot
from lookalike.search.confidence import Calibration
from lookalike.search.out_of_domain import OutOfDomainClassifier
from support.crowd import crowd, drawing


def silent(what: str, done: int, total: int) -> None:
    pass


@pytest.fixture
def learned(tmp_path: Path) -> Iterator[tuple[Shop, calibrating.CalibrationReport]]:
    with Shop.open(str(tmp_path / "crowd.db"), "pixels") as shop:
        shop.add(crowd(48))
        found = calibrating.calibrate(shop, Snapshot.of(shop), silent)
        assert found is not None
        calibrating.keep(shop, found)
        yield shop, found


def test_the_error_is_the_one_worked_out_by_hand():
    # Ten hits promised 0.9 of which 7 came true, ten promised 0.1 of which 1 did.
    pairs = [(0.9, n < 7) for n in range(10)] + [(0.1, n < 1) for n in range(10)]
    assert calibration_error(pairs) == pytest.approx((10 * 0.2 + 10 * 0.0) / 20)


@given(st.lists(st.tuples(st.floats(-1, 1), st.booleans()), min_size=1, max_size=60))
def test_a_higher_score_never_promises_less(scores: list[tuple[float, bool]]):
    curve = calibrating.risen([Pair("u", score, "", right) for score, right in scores])
    assert list(curve.scores) == sorted(curve.scores)
    assert list(curve.shares) == sorted(curve.shares)
    assert all(0 <= share <= 1 for share in curve.shares)


def test_without_evaluation_nothing_is_claimed(tmp_path: Path):
    with Shop.open(str(tmp_path / "new.db"), "pixels") as shop:
        shop.add(crowd(12))
        results = shop.similar("p000")
    assert results.good is None
    assert results[0].match is None


def test_after_evaluation_every_hit_has_a_chance_and_every_answer_a_verdict(
    learned: tuple[Shop, calibrating.CalibrationReport],
):
    shop, _ = learned
    results = shop.search(image=drawing("Box", "red", 500))
    assert results.good is True
    matches = [hit.match for hit in results]
    assert all(match is not None and 0 <= match <= 1 for match in matches)
    assert shop.search(text="red box").good is True
    assert shop.similar("p000").good is True


def test_noise_is_no_match(learned: tuple[Shop, calibrating.CalibrationReport]):
    shop, _ = learned
    noise = np.random.default_rng(0).integers(0, 255, (140, 140, 3)).astype(np.uint8)
    assert shop.search(image=Image.fromarray(noise)).good is False
    assert shop.search(text="xyzzy plugh").good is False


def test_what_was_learned_comes_back_from_the_database_and_ends_with_its_space(
    learned: tuple[Shop, calibrating.CalibrationReport],
):
    shop, found = learned
    made = shop.catalog.encoding
    assert Calibration.of(shop.catalog.database.settings(), made) == found.calibration
    assert Calibration.of(shop.catalog.database.settings(), replace(made, image_space="another")) is None


def test_learning_twice_gives_the_same_and_writes_once(
    learned: tuple[Shop, calibrating.CalibrationReport],
):
    shop, found = learned
    again = calibrating.calibrate(shop, Snapshot.of(shop), silent)
    assert again == found
    before = shop.revision
    calibrating.keep(shop, found)
    assert shop.revision == before


def test_a_catalogue_without_categories_learns_nothing(tmp_path: Path):
    with Shop.open(str(tmp_path / "bare.db"), "pixels") as shop:
        assert calibrating.calibrate(shop, Snapshot.of(shop), silent) is None


def test_photos_of_a_folder_are_counted_as_refused(
    learned: tuple[Shop, calibrating.CalibrationReport], tmp_path: Path
):
    shop, _ = learned
    folder = tmp_path / "photos"
    folder.mkdir()
    dice = np.random.default_rng(1)
    for number in range(4):
        noise = Image.fromarray(dice.integers(0, 255, (90, 90, 3)).astype(np.uint8))
        noise.save(folder / f"noise{number}.png")
    (folder / "broken.jpg").write_bytes(b"no picture")
    assert refused(shop, photos_in(folder), silent) == 1.0


def test_outsiders_are_told_apart_by_what_was_learned():
    dice = np.random.default_rng(0)

    def unit(rows: np.ndarray) -> np.ndarray:
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

    def drawn(count: int, sold: bool) -> np.ndarray:
        return unit(dice.normal(0, 1, (count, 24)) + (4 if sold else -1) * np.eye(24)[0])

    found = OutOfDomainClassifier.fit("space", drawn(2000, True), drawn(2000, False))
    assert (found.score(drawn(500, True)) > 0).mean() > 0.9
    assert (found.score(drawn(500, False)) < 0).mean() > 0.9
    assert OutOfDomainClassifier.loads(found.dumps()) == found


def test_the_weight_of_the_look_is_learned_with_an_interval(
    learned: tuple[Shop, calibrating.CalibrationReport],
):
    shop, _ = learned
    weights = weight_tuning.weigh(shop, Snapshot.of(shop), silent)
    assert weights[0].category == ""
    assert weights[0].low <= weights[0].weight <= weights[0].high
    assert weights[0].precision >= weights[0].precision_fixed
    assert weights == weight_tuning.weigh(shop, Snapshot.of(shop), silent)
