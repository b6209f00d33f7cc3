"""Components, clusters and neighbors are those of scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest

from conftest import goods
from lookalike import Recipe, Shop
from lookalike.vectors.kmeans import Clusters
from lookalike.vectors.pca import Pca

decomposition = pytest.importorskip("sklearn.decomposition")
cluster = pytest.importorskip("sklearn.cluster")


def rows(count: int, width: int) -> np.ndarray:
    random = np.random.default_rng(count)
    return (random.normal(size=(count, width)) * np.geomspace(5, 0.05, width) + 3).astype(np.float32)


@pytest.mark.parametrize(("count", "width"), [(300, 40), (30, 64)])
@pytest.mark.parametrize("components", [7, 0.5, 0.9, 0.99])
def test_components(count, width, components):
    theirs = decomposition.PCA(components, svd_solver="full").fit(rows(count, width))

    ours = Pca.fit(rows(count, width), components)

    assert ours.dim == theirs.n_components_
    assert np.allclose(ours.shares, theirs.explained_variance_ratio_, atol=1e-5)
    reduced, expected = ours.transform(rows(count, width)), theirs.transform(rows(count, width))
    signs = np.sign((reduced * expected).sum(axis=0))
    assert np.abs(reduced - expected * signs).max() < 1e-4


def test_clusters_from_the_same_start():
    data = np.concatenate([rows(100, 6) + shift for shift in (0, 4, 9)])
    start = data[[0, 120, 240]]
    theirs = cluster.KMeans(3, init=start, n_init=1).fit(data)

    ours = Clusters.fit(data, 3, start)

    assert np.array_equal(ours.assign(data), theirs.labels_)
    assert np.abs(ours.centres - theirs.cluster_centers_).max() < 1e-3


def test_clusters_from_our_own_start_are_as_tight():
    data = np.concatenate([rows(100, 6) + shift for shift in (0, 4, 9, 20)])
    theirs = cluster.KMeans(8, n_init=10, random_state=0).fit(data)

    ours = Clusters.fit(data, 8)

    left = ((data - ours.centres[ours.assign(data)]) ** 2).sum()
    assert left < 1.05 * theirs.inertia_


def test_an_import_says_when_it_learns_components_and_clusters(tmp_path):
    recipe = Recipe("few", "few components", image="pixels", components=2, clusters=2)
    stages: list[str] = []
    with Shop.open(tmp_path / "shop.db", recipe) as shop:
        shop.add(goods(), progress=lambda report: stages.append(report.stage))

    assert "components" in stages[-1]
    assert not any(stages[:-1])
