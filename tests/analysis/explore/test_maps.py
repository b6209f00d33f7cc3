"""Maps in two dimensions."""

from __future__ import annotations

import numpy as np
import pytest

from lookalike.analysis.explore.maps import Method, draw, placed, preserved


def groups(count: int = 90, dim: int = 24) -> np.ndarray:
    dice = np.random.default_rng(5)
    centres = dice.normal(0, 1, (3, dim))
    rows = centres[np.arange(count) % 3] + dice.normal(0, 0.25, (count, dim))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("method", ["pca", "tsne", "umap"])
def test_a_map_is_the_same_each_time_and_keeps_groups_apart(method: Method):
    pytest.importorskip({"pca": "numpy", "tsne": "openTSNE", "umap": "umap"}[method])
    rows = groups()
    drawn = draw(rows, method)
    assert np.array_equal(drawn.points, draw(rows, method).points)
    assert 0 <= drawn.points.min() <= drawn.points.max() <= 1
    centres = np.stack([drawn.points[each::3].mean(axis=0) for each in range(3)])
    nearest = ((drawn.points[:, None] - centres[None]) ** 2).sum(axis=2).argmin(axis=1)
    assert (nearest == np.arange(len(rows)) % 3).mean() > 0.95
    assert (drawn.explained is not None) == (method == "pca")


@pytest.mark.parametrize("method", ["pca", "tsne", "umap"])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 5])
def test_a_handful_of_products_has_a_map_too(method: Method, count: int):
    drawn = draw(groups(max(count, 1))[:count], method)
    assert drawn.points.shape == (count, 2)
    assert np.isfinite(drawn.points).all()


@pytest.mark.parametrize("method", ["pca", "tsne", "umap"])
def test_photos_that_are_all_the_same_have_a_map_too(method: Method):
    rows = np.repeat(groups(1), 20, axis=0)
    assert np.isfinite(draw(rows, method).points).all()


def test_a_perfect_map_keeps_all_neighbours_and_a_random_one_few():
    angles = np.linspace(0, 1.5, 120)
    rows = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    scattered = np.random.default_rng(0).random((120, 2)).astype(np.float32)
    assert preserved(rows, rows) > 0.95
    assert preserved(rows, scattered) < 0.3


def test_new_products_go_between_their_nearest_and_nothing_else_moves():
    rows = groups()
    ids = [f"p{number}" for number in range(len(rows))]
    drawn = draw(rows, "pca").points
    known = {id: (float(x), float(y)) for id, (x, y) in zip(ids[:60], drawn[:60].tolist(), strict=True)}
    found = placed(known, ids, rows)
    assert np.allclose(found[:60], drawn[:60])
    centres = np.stack([drawn[each:60:3].mean(axis=0) for each in range(3)])
    nearest = ((found[60:, None] - centres[None]) ** 2).sum(axis=2).argmin(axis=1)
    assert (nearest == np.arange(60, 90) % 3).all()
