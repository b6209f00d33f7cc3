"""Figures on vectors whose neighbors are known."""

from __future__ import annotations

import numpy as np
import pytest
from research.builtin_encoder.dataset import Example, split_of
from research.builtin_encoder.measure import (
    class_mean,
    fashion_figures,
    grocery_figures,
    home_figures,
    phrase_figure,
    title_figure,
)

from lookalike.training.metrics import figure


def _corner(place: int, dim: int = 8) -> np.ndarray:
    row = np.zeros(dim, dtype=np.float32)
    row[place] = 1
    return row


def _example(source: str, group: str, title: str = "", **labels: str) -> Example:
    return Example(source, group, group, "test", title=title, labels=labels)


def test_neighbours_of_the_same_type_are_found() -> None:
    examples = [
        _example("fashion", str(i), type="AB"[i // 6], colour="rb"[i % 2], gender="m") for i in range(12)
    ]
    figures = fashion_figures(np.stack([_corner(i // 6) for i in range(12)]), examples)
    assert figures["type"].value == 1
    assert figures["gender"].value == 1
    # Of the five others of a type, two have the query's color.
    assert figures["type and colour"].value == pytest.approx(0.4)


def test_home_photos_find_other_senders_only() -> None:
    photos = [_example("clothing", "ab"[i % 2], home="Dress") for i in range(12)]
    products = [_example("fashion", str(i), type="Dresses") for i in range(6)]
    home = np.stack([_corner(0)] * 12)
    figures = home_figures(home, photos, np.stack([_corner(0)] * 6), products)
    assert figures["home to shop"].value == 1
    assert figures["home to home"].value == 1
    assert figures["home to home"].queries == 12


def test_store_photos_find_the_picture_of_their_product() -> None:
    examples = [_example("grocery", str(i), product="ab"[i % 2], kind="store photo") for i in range(12)]
    rows = np.stack([_corner(i % 2) for i in range(12)])
    figures = grocery_figures(rows, examples, np.stack([_corner(1), _corner(0)]), ["b", "a"])
    assert {name: found.value for name, found in figures.items()} == {
        "grocery R@1": 1,
        "grocery R@5": 1,
        "grocery P@5": 1,
    }


def test_titles_and_names_find_their_photos() -> None:
    products = [_example("fashion", f"t{i}", f"t{i}") for i in range(8)]

    def encode(texts: list[str] | tuple[str, ...]) -> np.ndarray:
        return np.stack([_corner(int(text[1:])) for text in texts])

    assert title_figure(lambda texts: encode([*texts]), np.eye(8, dtype=np.float32), products, 1).value == 1
    shop = np.stack([_corner(i % 2) for i in range(24)])
    found = phrase_figure(lambda texts: encode([*texts]), shop, [f"T{i % 2}" for i in range(24)])
    assert (found.value, found.queries) == (1, 2)


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
