"""Figures on vectors whose neighbours are known."""

from __future__ import annotations

import numpy as np
import pytest

from lookalike.training.metrics import class_mean, figure, home_figures, studio_figures, text_figures
from lookalike.training.public_datasets import Example, split_of


def _corner(place: int, dim: int = 8) -> np.ndarray:
    row = np.zeros(dim, dtype=np.float32)
    row[place] = 1
    return row


def test_neighbours_of_the_same_type_are_found() -> None:
    examples = [
        Example("studio", str(i), "test", labels={"type": "AB"[i // 6], "colour": "rb"[i % 2], "gender": "m"})
        for i in range(12)
    ]
    figures = studio_figures(np.stack([_corner(i // 6) for i in range(12)]), examples)
    assert figures["type"].value == 1
    assert figures["gender"].value == 1
    # Of the five others of a type, two have the query's colour.
    assert figures["type and colour"].value == pytest.approx(0.4)


def test_home_photos_find_other_senders_only() -> None:
    photos = [Example("home", "ab"[i % 2], "test", labels={"home": "Dress"}) for i in range(12)]
    products = [Example("studio", str(i), "test", labels={"type": "Dresses"}) for i in range(6)]
    home = np.stack([_corner(0)] * 12)
    figures = home_figures(home, photos, np.stack([_corner(0)] * 6), products)
    assert figures["home to shop"].value == 1
    assert figures["home to home"].value == 1
    assert figures["home to home"].queries == 12


def test_titles_find_their_photo() -> None:
    products = [Example("studio", f"t{i}", "test", title=f"t{i}") for i in range(8)]
    shop = np.eye(8, dtype=np.float32)
    figures = text_figures(lambda texts: np.stack([_corner(int(t[1:])) for t in texts]), shop, products)
    assert figures["title to photo R@10 among 8"].value == 1


def test_interval_holds_the_value_and_nothing_is_nan_free() -> None:
    made = figure(np.array([0, 1, 1, 0, 1]), ["a", "b", "c", "d", "e"])
    assert made.low <= made.value <= made.high
    assert np.isnan(figure(np.array([]), []).value)
    assert class_mean(np.array([1, 1, 0]), np.array(["x", "x", "y"])).value == 0.5


def test_split_is_by_group_and_stable() -> None:
    parts = [split_of(f"title {i}", dev=0.1, test=0.2) for i in range(2000)]
    assert 0.15 < parts.count("test") / 2000 < 0.25
    assert split_of("turtle check men navy blue shirt", dev=0.06, test=0.12) == split_of(
        "turtle check men navy blue shirt", dev=0.06, test=0.12
    )
